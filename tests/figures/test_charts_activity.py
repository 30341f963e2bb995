"""Charts of units on pictures and of layers beside layers: what is drawn is what was found."""

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.figures import charts_activity, charts_similarity
from neurolupa.figures.relation_words import dimension_lines, group_lines
from neurolupa.locales import LANGUAGES
from neurolupa.units.activity import activity_map, rank_units
from neurolupa.units.relations import dimensionality, layer_similarity, redundant_groups


@pytest.fixture(scope="module")
def doubled(tmp_path_factory):
    """`a`: units 0 and 1 the same, 2 their opposite, 3 its own; `b`: `a` turned; `c`: on its own."""
    rng = np.random.default_rng(0)
    one, other = rng.random(40), rng.random(40)
    a = np.stack([one, one, 1 - one, other], axis=1)
    c = np.repeat(rng.random(40)[:, None], 2, axis=1) * [1, -1]
    values = {"a": a, "b": a[:, [3, 2, 1, 0]], "c": c}
    return open_atlas(build(tmp_path_factory.mktemp("charts") / "atlas", values, linear=list(values)))


def test_cells_are_means_on_the_pictures_of_the_columns(tiny):
    found = activity_map(tiny, "early/relu", order="index")
    (cells,) = charts_activity.activity_cells(found).data
    columns = {name.split(" · ")[0]: place for place, name in enumerate(cells.x)}
    np.testing.assert_array_equal([cells.z[0][columns[str(image)]] for image in range(4)], [1, 2, 1, 4])
    assert (cells.zmin, cells.zmax, cells.colorscale[0][1]) == (0, 4, "#440154")
    assert "002.png" in cells.x[columns["2"]]


def test_signed_values_have_zero_in_the_middle(tiny):
    (cells,) = charts_activity.activity_cells(activity_map(tiny, "fc")).data
    assert cells.zmin == -cells.zmax == -8
    assert cells.reversescale


def test_the_marked_unit_is_a_line_and_a_bar_of_another_colour(doubled):
    found = rank_units(doubled, "a", 5, mark=3)
    bars, line = charts_activity.rank_histogram(found).data
    assert sum(bars.y) == 4
    assert line.x[0] == found.mark.value
    (strongest,) = charts_activity.rank_bars(found).data
    assert list(strongest.x) == [str(unit) for unit, _ in found.strongest()]
    hatched = [unit for unit, shape in zip(strongest.x, strongest.marker.pattern.shape, strict=True) if shape]
    assert hatched == ["3"]


def test_without_a_mark_or_a_finite_value_there_is_no_line(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"fc": np.full((4, 3), np.nan)}, linear=["fc"]))
    assert len(charts_activity.rank_histogram(rank_units(atlas, "fc", 0)).data) == 1
    assert len(charts_activity.rank_histogram(rank_units(atlas, "fc", 0, mark=1)).data) == 1


def test_layers_that_say_the_same_are_1_and_chance_is_crossed(doubled):
    (cells,) = charts_similarity.layer_cells(layer_similarity(doubled)).data
    np.testing.assert_allclose([cells.z[0][1], cells.z[2][2]], 1)
    assert (cells.text[0][1], cells.text[0][2]) == ("", "×")  # noqa: RUF001 (it is a cross)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_doubled_and_how_many_dimensions_is_said(doubled, lang):
    (told, chance) = group_lines(redundant_groups(doubled, "a"), lang)
    assert ": 1. " in told
    assert "25.0 %" in told
    assert "p = 0.05" in chance
    lines = list(dimension_lines(dimensionality(doubled, "c"), lang))
    assert "1.0" in lines[0]
    assert len(lines) == 4


def test_where_nothing_varies_the_code_says_so(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"fc": np.ones((8, 3))}, linear=["fc"]))
    assert list(group_lines(redundant_groups(atlas, "fc"))) == ["No unit of this site varies."]
    assert list(dimension_lines(dimensionality(atlas, "fc"))) == ["No unit of this site varies."]
