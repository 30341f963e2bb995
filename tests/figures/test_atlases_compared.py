"""Two atlases as figures: every mark stands where its number is, in both languages, nothing cut."""

import json

import numpy as np
import pytest
from tests.atlas.builder import build
from tests.figures.test_every_figure import is_cut

import neurolupa as nl
from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.comparison.atlases import AtlasComparison
from neurolupa.errors import DataError, UsageError
from neurolupa.figures.style import MINUS

LONG = "features.denseblock3.denselayer12.a_rather_long_name.relu"


@pytest.fixture(scope="module")
def atlas_of(tmp_path_factory):
    def make(sites: dict[str, np.ndarray], weights: str = "w", images: str = "i"):
        folder = build(tmp_path_factory.mktemp("compared") / "atlas", sites)
        manifest = json.loads((folder / "atlas.json").read_text())
        manifest["model"]["weights_digest"], manifest["images"]["digest"] = weights, images
        (folder / "atlas.json").write_text(json.dumps(manifest))
        return open_atlas(folder)

    return make


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return np.maximum(np.random.default_rng(0).normal(0.5, 1, (40, 8)), 0).astype(np.float32)


@pytest.fixture(scope="module")
def shaped(atlas_of, values) -> AtlasComparison:
    """Of the first site unit 3 died, of the second units 1 and 2 woke up."""
    died, slept = values.copy(), values.copy()
    died[:, 3] = slept[:, 1] = slept[:, 2] = 0
    one = atlas_of({"first": values, LONG: slept})
    return nl.compare(one, atlas_of({"first": died, LONG: values}, weights="v"), shuffles=39)


@pytest.fixture(scope="module")
def unlike(atlas_of, values) -> AtlasComparison:
    one = atlas_of({"first": values, "second": values[:, :4]})
    return nl.compare(one, atlas_of({"first": values[:, :5], LONG: values}, weights="v"), shuffles=39)


@pytest.fixture(scope="module")
def shifted(atlas_of, values) -> AtlasComparison:
    return nl.compare(atlas_of({"first": values}), atlas_of({"first": values + 1}, images="j"))


def marks(axes, side: str) -> list[float]:
    line = next(each for each in axes.lines if each.get_label() == side)
    return line.get_xdata().tolist()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_marks_of_layers_stand_at_their_numbers(shaped, lang) -> None:
    figure = figures.layers_compared(shaped, lang)
    mean, _, sparsity, dead = figure.axes
    frame = shaped.to_frame()
    assert marks(mean, "A") == pytest.approx(frame["mean_a"].tolist())
    assert marks(sparsity, "B") == pytest.approx(frame["sparsity_b"].tolist())
    assert (marks(dead, "A"), marks(dead, "B")) == ([0.0, 25.0], [12.5, 0.0])
    assert "N = 40 " in figure.get_supxlabel()
    assert not is_cut(figure)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_dead_units_are_gained_to_the_right_and_lost_to_the_left(shaped, lang) -> None:
    left, right = figures.dead_compared(shaped, lang=lang).axes
    lost, gained = ([bar.get_width() for bar in each] for each in right.containers)
    assert (lost, gained) == ([0, -2], [1, 0])
    assert marks(left, "B") == [12.5, 0.0]
    assert [each.get_text() for each in left.texts] == ["0/8 · 1/8", "2/8 · 0/8"]
    assert not is_cut(left.figure)


def test_of_unlike_networks_there_are_counts_alone(unlike) -> None:
    figure = figures.dead_compared(unlike)
    (axes,) = figure.axes
    assert [each.get_text() for each in axes.texts] == ["0/8 · 0/5", "0/4 · —", "— · 0/8"]
    assert np.isnan(marks(axes, "A")).tolist() == [False, False, True]
    assert not is_cut(figure)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_matched_units_are_counted_beside_their_null(shaped, lang) -> None:
    figure = figures.units_matched(shaped, "first", lang)
    left, right, _ = figure.axes
    heights = [bar.get_height() for bar in left.containers[0]]
    assert (sum(heights), heights[-1]) == (7, 7)
    null = next(patch for patch in left.patches if hasattr(patch, "get_data")).get_data().values
    assert null.sum() == pytest.approx(7)
    held = shaped.matched("first")
    places = np.stack([held.units_a, held.units_b], axis=1).tolist()
    assert right.collections[0].get_offsets().tolist() == places
    assert right.get_title(loc="left").startswith("7 ")
    assert not is_cut(figure)


def test_where_numbers_say_nothing_matches_stand_by_their_correlation(unlike) -> None:
    figure = figures.units_matched(unlike, "second", "es")
    right = figure.axes[1]
    assert right.lines[0].get_ydata().tolist() == pytest.approx(sorted(unlike.matched("second").r)[::-1])
    assert LONG in figure.get_suptitle().replace("\n", "") or "first" in figure.get_suptitle()
    assert not is_cut(figure)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_heat_map_has_the_numbers_and_frames_the_same_names(unlike, lang) -> None:
    figure = figures.cka_compared(unlike, lang)
    axes = figure.axes[0]
    drawn = [float(each.get_text().replace(MINUS, "-")) for each in axes.texts]
    beyond = unlike.similarity.p_bound <= 0.05
    assert drawn == pytest.approx(unlike.similarity.debiased[beyond].tolist(), abs=0.005)
    assert [each.get_xy() for each in axes.patches] == [(-0.5, -0.5)]
    assert len([line for line in axes.lines if line.get_marker() == "x"]) == (~beyond).sum()
    assert not is_cut(figure)


def test_without_common_pictures_there_is_no_heat_map_nor_matching(shifted) -> None:
    with pytest.raises(UsageError, match="no picture in common"):
        figures.cka_compared(shifted)
    with pytest.raises(UsageError, match="unknown matched site 'first'"):
        figures.units_matched(shifted, "first")


def test_without_a_common_site_the_figure_says_so(atlas_of, values) -> None:
    found = nl.compare(atlas_of({"x": values}), atlas_of({"y": values}, weights="v"), shuffles=0)
    axes = figures.layers_compared(found).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["no site has the same name in both"]
    assert not is_cut(figures.units_matched(found, "x"))


def test_few_pictures_have_empty_panels(atlas_of, values) -> None:
    found = nl.compare(atlas_of({"x": values[:3]}), atlas_of({"x": values[:3] + 1}, weights="v"))
    for figure in (figures.units_matched(found, "x"), figures.cka_compared(found)):
        assert not is_cut(figure)


@pytest.mark.parametrize("name", ["layers_compared", "dead_compared", "cka_compared"])
def test_unknown_languages_and_kinds_are_refused(shaped, name) -> None:
    with pytest.raises(UsageError, match="unknown language 'fr'"):
        getattr(figures, name)(shaped, lang="fr")
    with pytest.raises(UsageError, match="unknown kind of silent units 'ded'; nearest: dead"):
        figures.dead_compared(shaped, "ded")


def test_a_folder_that_holds_files_is_left_alone(shaped, tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="holds files"):
        figures.export_comparison(shaped, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_earlier_comparison_is_replaced_with_what_it_had_too_much(shaped, shifted, tmp_path) -> None:
    before = {path.name for path in figures.export_comparison(shaped, tmp_path / "c")}
    after = {path.name for path in figures.export_comparison(shifted, tmp_path / "c", overwrite=True)}
    assert {"cka.csv", "cka.png", "matches.csv", "matched_first.png"} <= before - after
    assert {path.name for path in (tmp_path / "c").iterdir()} == after
