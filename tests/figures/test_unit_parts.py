"""One unit's classes and places as figures, as charts and in sentences."""

import numpy as np
import pytest
from tests.atlas.builder import build
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.figures.charts_units import unit_class_bars, unit_partners
from neurolupa.figures.style import MINUS
from neurolupa.figures.unit_words import class_lines, place_lines, relation_lines, spatial_lines
from neurolupa.units.classes import class_selectivity
from neurolupa.units.page import unit_page
from neurolupa.units.relations import relations
from neurolupa.units.spatial import spatial_bias

SITE = "deep.relu"


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Unit 0 answers class 2 at the left, unit 1 is unit 0 halved, unit 2 the opposite, unit 3 silent."""
    rng = np.random.default_rng(3)
    labels = np.arange(60) % 4
    answers = np.where(labels == 2, 4.0, 1.0) + rng.random(60)
    maps = np.zeros((60, 4, 4, 4))
    maps[:, 0, :, :2] = answers[:, None, None]
    maps[:, 1] = maps[:, 0] / 2
    maps[:, 2] = (6 - answers)[:, None, None]
    folder = tmp_path_factory.mktemp("planted") / "atlas"
    return open_atlas(build(folder, {SITE: maps}, labels, ["ant", "bee", "a <b>cat</b>", "dog"]))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("unit", [0, 2, 3])
def test_no_word_is_cut_and_the_n_is_stated(planted, unit, lang):
    drawn = (
        figures.class_selectivity(class_selectivity(planted, SITE, unit), lang),
        figures.spatial_bias(spatial_bias(planted, SITE, unit), lang),
    )
    for figure in drawn:
        assert not is_cut(figure)
        assert "N = 60 " in figure.get_supxlabel()


def test_bars_are_the_class_means_highest_first(planted):
    found = class_selectivity(planted, SITE, 0)
    bars, dots = figures.class_selectivity(found).axes
    widths = [patch.get_width() for patch in bars.patches]
    np.testing.assert_allclose(widths, sorted(found.classes.mean, reverse=True))
    assert bars.get_yticklabels()[0].get_text() == "a <b>cat</b> (15)"
    assert dots.lines[-1].get_xdata()[0] == 1


def test_of_many_classes_both_ends_are_shown(tmp_path):
    values = np.arange(50.0)[:, None] + np.zeros((1, 2))
    atlas = open_atlas(build(tmp_path / "many", {SITE: values}, range(50), [f"c{i}" for i in range(50)]))
    figure = figures.class_selectivity(class_selectivity(atlas, SITE, 0))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == [f"c{i} (1)" for i in (*range(49, 39, -1), *range(9, -1, -1))]
    assert "The 10 highest and the 10 lowest of 50 classes." in figure.get_supxlabel().replace("\n", " ")
    assert all(patch.get_hatch() for patch in figure.axes[0].patches)


def test_the_map_the_halves_and_the_counts_are_those_of_the_result(planted):
    found = spatial_bias(planted, SITE, 0)
    shown, means, counts, *_ = figures.spatial_bias(found).axes
    np.testing.assert_allclose(shown.images[0].get_array(), found.mean_map)
    assert [patch.get_width() for patch in means.patches][:2] == pytest.approx(
        [found.horizontal.first.mean, 0]
    )
    assert [patch.get_width() for patch in counts.patches] == [60, 0, 0, 0]


def test_the_sentences_say_what_was_planted(planted):
    page = unit_page(planted, SITE, 0)
    assert "Prefers a <b>cat</b>" in class_lines(page.classes)[0]
    assert any(line.startswith("Left against right. Strongly left") for line in spatial_lines(page.spatial))
    similar, opposite = relation_lines(page.relations)
    assert similar.startswith("Most like it: unit 1 (r = 1.00)")
    assert opposite.startswith(f"Most opposite: unit 2 (r = {MINUS}1.00)")
    assert any("dead" in line for line in place_lines(unit_page(planted, SITE, 3)))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("unit", range(4))
def test_every_unit_has_its_sentences_in_both_languages(planted, unit, lang):
    page = unit_page(planted, SITE, unit)
    lines = (
        *place_lines(page, lang),
        *class_lines(page.classes, lang),
        *spatial_lines(page.spatial, lang),
        *relation_lines(page.relations, lang),
    )
    assert all(line and "{" not in line and "nan" not in line for line in lines)


def test_charts_escape_names_and_show_intervals(planted):
    pytest.importorskip("plotly")
    found = class_selectivity(planted, SITE, 0)
    chart = unit_class_bars(found)
    assert "<b>" not in "".join(chart.data[0].y)
    top = found.to_frame().sort_values("mean", ascending=False).iloc[0]
    assert chart.data[0].x[0] == pytest.approx(top["mean"])
    assert chart.data[0].error_x.array[0] == pytest.approx(top["mean_high"] - top["mean"])


def test_partners_run_from_the_most_like_to_the_most_opposite(planted):
    pytest.importorskip("plotly")
    chart = unit_partners(relations(planted, SITE, 0))
    assert list(chart.data[0].y) == ["1", "2"]
    assert chart.data[0].x == pytest.approx([1, -1], abs=1e-6)
