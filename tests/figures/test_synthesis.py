"""Synthetic pictures as figures and as a folder: what stands beside and under them; nothing is cut."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import DataError, UsageError
from neurolupa.figures.synthesis_export import picture_names, provenance
from neurolupa.figures.synthesis_words import natural_ratio, quality_lines
from neurolupa.synthesis import Quality, Synthesis
from neurolupa.synthesis.result import STATES, SynthesisSource

QUALITY = Quality(6.0, 9.0, 2, 64, 4.0, 3.5, 100, 12.0, 1500, 1.5, 0.75, 0.9, 0.25)


@pytest.fixture
def made(tiny):
    """`made(count)`: pictures of units 0, 1, ... of early/relu, as the network of the atlas made them."""

    def build(count=3, channels=3, states=("GOOD",), size=(8, 8), **changes) -> Synthesis:
        rng = np.random.default_rng(0)
        source = SynthesisSource(
            tiny.source.model,
            tiny.source.weights_digest,
            "early/relu",
            tiny.manifest["sites"][0]["address"],
            "fourier",
            {"steps": 20},
            "samples",
            size,
            (8, 8),
            7,
            {"neurolupa": "1.2", "torch": "3.4"},
        )
        found = Synthesis(
            rng.random((count, channels, *size), np.float32),
            tuple(f"{source.address}#{unit}" for unit in range(count)),
            tuple(range(count)),
            (0,) * count,
            np.arange(count) + 0.5,
            np.cumsum(rng.random((count, 3)), 1),
            np.array([0, 10, 20]),
            tuple(states[index % len(states)] for index in range(count)),
            (QUALITY,) * count,
            source,
            False,
            (0.25,) * count,
        )
        return replace(found, **changes)

    return build


def words_of(figure):
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    return [text for text in texts if text]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("count", "columns", "size"), [(1, None, (8, 8)), (9, None, (6, 12)), (5, 3, (64, 64)), (40, 16, (8, 4))]
)
def test_a_grid_has_every_picture_and_no_word_is_cut(made, count, columns, size, lang):
    figure = figures.synthesis_grid(made(count, states=STATES, size=size), columns, lang)
    assert not is_cut(figure)
    (axes,) = figure.axes
    assert len(axes.images) == len(axes.texts) == count
    assert "82 %" in figure.get_supxlabel()
    assert f"N = {count} " in figure.get_supxlabel()


def test_pictures_and_captions_of_a_grid_do_not_touch_each_other(made):
    figure = figures.synthesis_grid(made(11, states=STATES), columns=4)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [each.get_window_extent() for each in (*axes.images, *axes.texts)]
    for first, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[first + 1 :])
    width, height = boxes[0].width, boxes[0].height
    assert width == pytest.approx(height, rel=0.02)
    assert width > 150


def test_captions_say_unit_activation_ratio_and_what_went_wrong(made):
    figure = figures.synthesis_grid(made(2, states=("GOOD", "BLANK")))
    ratio = "(1.50 \N{MULTIPLICATION SIGN})"
    assert words_of(figure) == [f"unit 0\n0.5 {ratio}", f"unit 1\n1.5 {ratio}\nblank"]
    plain = made(1, quality=(Quality(),), copies=(2,))
    assert words_of(figures.synthesis_grid(plain, lang="es")) == ["unidad 0 · copia 2\n0.5"]


def test_the_pixels_of_a_grid_are_those_of_the_pictures(made):
    found = made(2)
    for index, drawn in enumerate(figures.synthesis_grid(found).axes[0].images):
        np.testing.assert_array_equal(drawn.get_array(), np.asarray(found.picture(index)))


def test_a_very_long_grid_gets_more_columns(made):
    figure = figures.synthesis_grid(made(330))
    assert figure.get_figheight() < 45
    with pytest.raises(UsageError, match="columns"):
        figures.synthesis_grid(made(1), columns=0)
    with pytest.raises(UsageError, match="en, es"):
        figures.synthesis_grid(made(1), lang="fr")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_beside_natural_pictures_with_numbers_and_curve(made, tiny, lang):
    found = made(2, states=("FAILED",))
    figure = figures.synthetic_beside_natural(found, 1, tiny, lang)
    assert not is_cut(figure)
    shown, curve, *rest = figure.axes
    np.testing.assert_array_equal(shown.images[0].get_array(), np.asarray(found.picture(1)))
    np.testing.assert_array_equal(curve.lines[0].get_ydata(), found.curves[1])
    assert curve.lines[1].get_ydata()[0] == QUALITY.natural_mean
    naturals = [axes for axes in rest if axes.images]
    top = tiny.exemplars("early/relu", 1).query("band == 'top'")
    assert [float(axes.get_title().splitlines()[0]) for axes in naturals] == top["value"].tolist()
    assert "92 %" in figure.get_supxlabel()
    assert "82 %" in figure.get_supxlabel()
    assert f"N = {tiny.source.read} " in figure.get_supxlabel()


def test_what_cannot_stand_beside_natural_pictures(made, tiny):
    other = made(1, source=replace(made(1).source, weights_digest="other"))
    with pytest.raises(UsageError, match="other weights"):
        figures.synthetic_beside_natural(other, 0, tiny)
    with pytest.raises(UsageError, match="is no unit"):
        figures.synthetic_beside_natural(made(1, units=(-1,)), 0, tiny)
    with pytest.raises(UsageError, match="no picture 5"):
        figures.synthetic_beside_natural(made(1), 5, tiny)


def test_sentences_have_their_numbers_and_their_n(made):
    lines = quality_lines(made(3, states=("RESTARTED",)), 0, "en")
    assert lines[0].startswith("Restarted")
    assert (
        lines[1]
        == "Mean of the map 6: 1.50 times the highest on natural pictures, 4 (N = 100 sampled pictures)."
    )
    assert (
        lines[2] == "Peak of the map 9: 0.75 times the highest on natural pictures, 12 (N = 1,500 pictures)."
    )
    assert lines[3] == "Rank 2 of the 64 units of the layer on this picture, by the mean of the map."
    assert "N = 1): 0.90; with pictures of other targets 0.25 (N = 2)" in lines[4]
    assert lines[5] == "Made in 0.2 s."
    bare = quality_lines(made(1, quality=(Quality(),)), 0, "en")
    assert bare == ["Activation reached: 0.5.", "Made in 0.2 s."]


def test_where_one_position_was_driven_the_peak_is_compared(made):
    found = made(1, targets=("early/relu:0#0[centre]",))
    assert natural_ratio(found, 0) == QUALITY.peak_ratio
    assert natural_ratio(made(1), 0) == QUALITY.mean_ratio


def test_the_folder_has_everything_and_can_be_read_back(made, tiny, tmp_path):
    found = made(2, states=("GOOD", "BLANK"))
    written = figures.export_synthesis(found, tmp_path / "out", atlas=tiny)
    names = {path.name for path in written}
    stems = ["early%2Frelu_0", "early%2Frelu_1"]
    ends = (".png", ".json", "_beside_natural.png")
    general = {"grid.png", "files.json", "synthesis.csv", "synthesis.json", "synthesis.safetensors"}
    assert names == general | {f"{stem}{end}" for stem in stems for end in ends}
    for index, stem in enumerate(stems):
        with Image.open(tmp_path / "out" / f"{stem}.png") as picture:
            assert picture.text["Description"] == provenance(found, index)
            np.testing.assert_array_equal(np.asarray(picture), np.asarray(found.picture(index)))
        facts = json.loads((tmp_path / "out" / f"{stem}.json").read_text(), parse_constant=pytest.fail)
        assert (facts["synthetic"], facts["unit"], facts["state"]) == (True, index, found.states[index])
        assert facts["curve"]["activation"] == found.curves[index].tolist()
        assert facts["settings"]["seed"] == 7
    table = pd.read_csv(tmp_path / "out" / "synthesis.csv")
    assert table["file"].tolist() == [f"{stem}.png" for stem in stems]
    back = Synthesis.load(tmp_path / "out")
    np.testing.assert_array_equal(back.images, found.images)
    assert back.quality == found.quality


def test_what_is_no_number_is_null_and_comes_back(made, tmp_path):
    found = made(1, quality=(Quality(mean=1.0),))
    figures.export_synthesis(found, tmp_path / "out")
    json.loads((tmp_path / "out" / "synthesis.json").read_text(), parse_constant=pytest.fail)
    assert repr(Synthesis.load(tmp_path / "out").quality) == repr(found.quality)


def test_a_picture_says_how_to_make_it_again(made):
    line = provenance(made(1), 0)
    for part in (
        "Synthetic",
        "early/relu:0#0",
        "fourier",
        "20 steps",
        "8 x 8",
        "seed 7",
        "copy 0",
        "torch 3.4",
    ):
        assert part in line


def test_names_tell_every_picture_apart(made):
    found = made(4, copies=(0, 1, 0, 1), units=(0, 0, 1, 1))
    assert picture_names(found)[:2] == ("early%2Frelu_0_0", "early%2Frelu_0_1")
    places = tuple(f"early/relu:0#0{place}" for place in ("", "[centre]", "[1,2]", "[1,2]"))
    assert len(set(picture_names(made(4, units=(0,) * 4, targets=places)))) == 4
    long = made(2, units=(-1, -1), targets=("x" * 300, "x" * 300))
    assert len({name for name in picture_names(long) if len(name) < 140}) == 2


def test_only_an_earlier_gallery_is_replaced(made, tmp_path):
    figures.export_synthesis(made(3), tmp_path)
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DataError, match="holds files"):
        figures.export_synthesis(made(1), tmp_path)
    figures.export_synthesis(made(1), tmp_path, overwrite=True)
    left = {path.name for path in tmp_path.iterdir()}
    assert "early%2Frelu_2.png" not in left
    assert {"mine.txt", "early%2Frelu_0.png"} <= left


def test_a_fault_leaves_nothing_behind(made, tiny, tmp_path):
    other = made(1, source=replace(made(1).source, weights_digest="other"))
    with pytest.raises(UsageError):
        figures.export_synthesis(other, tmp_path / "out", atlas=tiny)
    assert list(tmp_path.iterdir()) == []


def test_grey_pictures_are_drawn_too(made, tmp_path):
    written = figures.export_synthesis(made(2, channels=1), tmp_path / "out")
    assert not is_cut(figures.synthesis_grid(made(2, channels=1)))
    with Image.open(next(path for path in written if path.name.endswith("_0.png"))) as picture:
        assert picture.mode == "L"
