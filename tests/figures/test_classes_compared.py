"""Classes side by side as figures: what is drawn is what was found, in both languages, nothing cut."""

import json
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.atlas.builder import build
from tests.figures.test_every_figure import is_cut

import neurolupa as nl
from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.comparison.classes import ClassComparison, ClassMaps
from neurolupa.errors import DataError, UsageError
from neurolupa.figures.classes_compared_words import short_name

NAMES = ("ant", "bee", "a cat with a very long name", "dog")


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    """12 images of each of four classes and eight units: 2 is higher for bee, 5 silent, 0 lower for dog."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 12)
    values = rng.normal(3, 1, (48, 8)).astype(np.float32)
    values[:, 2] += 4 * (labels == 1)
    values[:, 0] -= 3 * (labels == 3)
    values[:, 5] = 0
    folder = tmp_path_factory.mktemp("compared") / "atlas"
    return open_atlas(build(folder, {"a.relu": values}, labels.tolist(), NAMES))


def compare(atlas, *classes: str) -> ClassComparison:
    return nl.compare_classes(atlas, "a.relu", classes, shuffles=19)


@pytest.fixture(scope="module")
def two(atlas) -> ClassComparison:
    return compare(atlas, "bee", "dog")


@pytest.fixture(scope="module")
def alike(atlas) -> ClassComparison:
    """Two classes that no unit tells apart, so that about every second picture looks like the other."""
    return compare(atlas, "ant", NAMES[2])


@pytest.fixture(scope="module")
def four(atlas) -> ClassComparison:
    return compare(atlas, *NAMES)


def mapped(found: ClassComparison) -> ClassComparison:
    """With maps of two units that differ at one position alone."""
    mean = np.ones((len(found.names), 2, 3, 4))
    mean[0, :, 1, 2] = 5.0
    counts = np.full(mean.shape[:2], 12)
    maps = ClassMaps(found.names, (2, 0), counts, 1, mean, np.full_like(mean, 0.5))
    return replace(found, maps=maps)


def names(axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


@pytest.mark.parametrize(("which", "lang"), [("two", "es"), ("four", "en")])
def test_nothing_is_cut_and_the_n_is_stated(request, atlas, which, lang):
    found = mapped(request.getfixturevalue(which))
    for figure in (
        figures.class_differences(found, lang=lang),
        figures.class_units(found, lang=lang),
        figures.lookalikes(found, lang=lang),
        figures.lookalikes(found, atlas, lang=lang),
        figures.class_maps(found, lang=lang),
    ):
        assert not is_cut(figure)
        assert "N = 48 " in figure.get_supxlabel()


def test_dots_stand_at_g_and_are_filled_where_the_adjusted_p_is_small(two):
    axes = figures.class_differences(two, units=3).axes[0]
    pair, chosen = two.pairs[0], two.strongest(3)
    assert names(axes) == [str(unit) for unit in chosen]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(pair.effects.g[list(chosen)])
    spans = [bar.get_segments()[0][:, 0].tolist() for bar in axes.collections]
    expected = np.stack([pair.effects.low, pair.effects.high], 1)[list(chosen)]
    assert np.array(spans) == pytest.approx(expected)
    filled = [dot.get_markerfacecolor() != "white" for dot in dots]
    assert filled == pair.different[list(chosen)].tolist() == [True, True, False]


def test_the_sides_are_named_by_their_classes(two):
    axes = figures.class_differences(two).axes[0]
    assert (axes.get_title("left"), axes.get_title("right")) == ("← higher for dog", "higher for bee →")
    low, high = axes.get_xlim()
    assert low == -high


def test_three_classes_have_three_panels_on_one_scale(atlas):
    panels = figures.class_differences(compare(atlas, "ant", "bee", "dog")).axes
    assert len(panels) == 3
    assert len({axes.get_xlim() for axes in panels}) == 1


def test_of_many_pairs_each_unit_has_its_own_and_the_higher_class_comes_first(four):
    axes = figures.class_differences(four, units=2).axes[0]
    first, second = sorted(names(axes), reverse=True)
    assert first.startswith("2 · bee > ")
    assert second.startswith("0 · ")
    assert second.endswith(" > dog")
    assert all(line.get_xdata()[0] > 0 for line in axes.lines if line.get_marker() == "o")


def test_cells_of_the_heat_map_are_the_profile_on_a_scale_even_about_0(four):
    axes = figures.class_units(four).axes[0]
    image, order = axes.images[0], [int(label.get_text()) for label in axes.get_xticklabels()]
    assert set(order) == set(range(8)) - {5}
    assert np.asarray(image.get_array()) == pytest.approx(four.profile[:, order])
    assert image.norm.vmin == -image.norm.vmax == -np.nanmax(np.abs(four.profile))
    drives = four.profile[:, order].argmax(0)
    assert (np.diff(drives) >= 0).all()
    assert names(axes)[1] == "bee (N = 12)"


def test_only_the_units_that_differ_most_are_drawn_where_so_many_are_asked(four):
    order = [int(label.get_text()) for label in figures.class_units(four, units=2).axes[0].get_xticklabels()]
    assert set(order) == set(four.strongest(2))


def test_codes_are_told_under_the_figure(two):
    assert "SILENT (1 x)" in figures.class_differences(two).get_supxlabel().replace("\n", " ")
    assert "SILENT (1 veces)" in figures.class_units(two, lang="es").get_supxlabel().replace("\n", " ")


def shown(figure) -> int:
    return sum(len(axes.images) for axes in figure.axes)


def test_thumbnails_come_from_the_image_set_with_their_scores(alike):
    reds = [Image.new("RGB", (4, 4), (5 * index, 0, 0)) for index in range(48)]
    pictures = nl.load_images(reds)
    held = alike.lookalikes.pictures
    renamed = tuple(replace(each, id=pictures.id_of(each.image)) for each in held)
    found = replace(alike, lookalikes=replace(alike.lookalikes, pictures=renamed))
    figure = figures.lookalikes(found, pictures, columns=3)
    row = [each for each in renamed if each.own == found.names[0]][:3]
    for axes, each in zip(figure.axes, row, strict=False):
        assert np.asarray(axes.images[0].get_array())[0, 0, 0] == 5 * each.image
        assert axes.get_title() == f"→ {short_name(each.other)} · {each.score:.1f}\n#{each.image}"
    with pytest.raises(UsageError, match="is not the image set that was scanned, photos"):
        figures.lookalikes(alike, pictures)


def test_without_pictures_there_is_a_table_of_ids(alike):
    figure = figures.lookalikes(alike)
    words = " ".join(each.get_text() for axes in figure.axes for each in axes.texts)
    assert shown(figure) == 0
    for name in alike.names:
        first = next(each for each in alike.lookalikes.pictures if each.own == name)
        assert first.id in words


def test_pictures_that_the_atlas_does_not_keep_are_said_to_be_missing(alike, atlas):
    kept = {int(path.stem) for path in (atlas.folder / "thumbs").iterdir()}
    row = [each for name in alike.names for each in alike.lookalikes.pictures if each.own == name]
    figure = figures.lookalikes(alike, atlas, columns=len(row))
    missing = sum("no picture" in each.get_text() for axes in figure.axes for each in axes.texts)
    assert missing == sum(each.image not in kept for each in row)
    assert shown(figure) == len(row)


def test_too_few_pictures_are_said_to_be_too_few(atlas, tmp_path):
    few = open_atlas(build(tmp_path / "few", {"a.relu": np.eye(6)}, [0, 0, 0, 1, 1, 1], ["ant", "bee"]))
    figure = figures.lookalikes(compare(few, "ant", "bee"), few)
    assert "Fewer than 10 sampled pictures" in figure.get_supxlabel()
    assert not is_cut(figure)


@pytest.mark.parametrize("draw", [figures.class_differences, figures.class_units, figures.lookalikes])
def test_a_comparison_without_any_number_is_drawn_empty_and_says_why(tmp_path, draw):
    bare = open_atlas(build(tmp_path / "bare", {"a.relu": np.eye(4)}, [0, 0, 1, 1], ["ant", "bee"]))
    found = compare(bare, "ant", "bee")
    assert found.strongest() == ()
    figure = draw(found)
    assert not is_cut(figure)
    assert ("TOO_FEW (4 x)" in figure.get_supxlabel()) or draw is figures.lookalikes


def test_mean_maps_share_a_scale_and_dots_mark_what_is_above_noise(two):
    found = mapped(two)
    figure = figures.class_maps(found)
    panels = [axes for axes in figure.axes if axes.images]
    assert len(panels) == 6
    limits = {axes.images[0].get_clim() for axes in panels}
    assert limits == {(0.0, 5.0), (-4.0, 4.0)}
    difference = panels[2]
    assert np.asarray(difference.images[0].get_array())[1, 2] == 4.0
    assert difference.collections[0].get_offsets().tolist() == [[2.0, 1.0]]
    assert difference.get_title() == f"bee {figures.style.MINUS} dog"
    assert [axes.get_ylabel() for axes in (panels[0], panels[3])] == ["unit 2", "unit 0"]
    assert "1 skipped" in figure.get_supxlabel()


def test_one_unit_and_another_pair_can_be_asked_for(four):
    figure = figures.class_maps(mapped(four), 0, ("dog", "ant"))
    panels = [axes for axes in figure.axes if axes.images]
    assert len(panels) == 5
    assert np.asarray(panels[-1].images[0].get_array())[1, 2] == -4.0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda found: figures.class_maps(found), r"has no maps; compare_classes\(..., maps=True\)"),
        (lambda found: figures.class_maps(mapped(found), [4]), "unknown unit with maps '4'"),
        (lambda found: figures.class_maps(mapped(found), []), "no unit to draw"),
        (lambda found: figures.class_maps(mapped(found), 2, ("bee", "cat")), "unknown class 'cat'"),
        (lambda found: figures.class_differences(found, units=0), "units must be at least 1"),
        (lambda found: figures.class_units(found, units=0), "units must be at least 1"),
        (lambda found: figures.lookalikes(found, columns=0), "columns must be at least 1"),
        (lambda found: figures.class_units(found, lang="fr"), "en, es"),
    ],
)
def test_what_cannot_be_drawn_is_refused(two, ask, words):
    with pytest.raises(UsageError, match=words):
        ask(two)


def test_the_folder_holds_everything_and_is_replaced_whole(four, atlas, tmp_path):
    out = tmp_path / "out"
    first = figures.export_class_comparison(mapped(four), out, pictures=atlas)
    assert {path.name for path in first} == {
        "comparison.json", "comparison.safetensors", "units.csv", "classes.csv", "variance.csv",
        "lookalikes.csv", "differences.png", "heat_map.png", "lookalikes.png", "maps.png", "files.json",
    }  # fmt: skip
    assert len(pd.read_csv(out / "units.csv")) == 48
    assert ClassComparison.load(out).names == NAMES
    with pytest.raises(DataError, match="holds files"):
        figures.export_class_comparison(four, out)
    with pytest.raises(UsageError, match="language"):
        figures.export_class_comparison(four, out, lang="fr", overwrite=True)
    assert (out / "maps.png").is_file()
    figures.export_class_comparison(compare(atlas, "ant", "bee"), out, overwrite=True)
    assert not (out / "maps.png").exists()
    assert "variance.csv" not in json.loads((out / "files.json").read_text())["files"]


def test_drawing_leaves_matplotlibs_settings_alone(two):
    before = dict(mpl.rcParams)
    figures.class_units(two)
    assert dict(mpl.rcParams) == before
