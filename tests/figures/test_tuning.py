"""The figure of one unit's tuning: its numbers, its colours, its words."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import hsv_to_rgb
from tests.figures.test_every_figure import is_cut

from neurolupa.errors import UsageError
from neurolupa.figures import export_tuning, tuning
from neurolupa.locales import text
from neurolupa.units.tuning_curves import FACTORS, Tuning, TuningSource
from neurolupa.units.tuning_curves.curves import tuning_curves
from neurolupa.units.tuning_curves.design import Design

PLACES = ("top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right")
VALUES = {
    "orientation": tuple(np.arange(16) * 11.25),
    "frequency": (2.0, 4.0, 8.0, 16.0),
    "hue": tuple(np.arange(12) * 30.0),
    "shape": ("circle", "square", "triangle", "star", "cross", "ring", "hexagon", "crescent"),
    "position": PLACES,
}
EACH = 4


def made(factor, low=1.0):
    """Unit 0 answers value k with low + k, give or take 0.1; unit 1 is silent, unit 2 not finite."""
    count = len(VALUES[factor])
    labels = np.repeat(np.arange(count), EACH)
    answers = np.zeros((count * EACH, 3))
    answers[:, 0] = low + labels + np.tile([0.1, -0.1], 2 * count)
    answers[:, 2] = np.nan
    levels = (4.0,) if FACTORS[factor].crossed else (None,)
    design = Design(VALUES[factor], levels, np.arange(count * EACH)[None], labels)
    return tuning_curves(FACTORS[factor], design, answers, shuffles=19, seed=0)


@pytest.fixture(scope="module")
def result() -> Tuning:
    source = TuningSource(
        "net", "ab", "a.long.name.of.a.site", "a:0", None, None, {"gratings": {"pictures": 1234}}, 19, 0, {}
    )
    return Tuning((7, 8, 9), {factor: made(factor) for factor in FACTORS}, source)


def panel(figure, lang, factor):
    name = text(f"tuning.{factor}", lang)
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(name))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("unit", [7, 8, 9])
def test_nothing_is_cut_and_every_n_is_stated(result, lang, unit):
    figure = tuning(result, unit, lang)
    assert not is_cut(figure)
    for factor, values in VALUES.items():
        assert f"N = {EACH * len(values)} " in panel(figure, lang, factor).get_title(loc="left")
    assert ("1,234" if lang == "en" else "1234") in figure.get_supxlabel()
    assert "19" in figure.get_supxlabel()


def test_lines_show_the_means_and_close_on_a_circle(result):
    figure = tuning(result, 7)
    line = panel(figure, "en", "orientation").lines[0]
    np.testing.assert_allclose(line.get_ydata(), [*range(1, 17), 1])
    assert line.get_xdata()[-1] == 180
    frequency = panel(figure, "en", "frequency")
    assert frequency.get_xscale() == "log"
    np.testing.assert_allclose(frequency.lines[0].get_xdata(), [2, 4, 8, 16])
    marks = [line for line in panel(figure, "en", "orientation").lines if len(set(line.get_xdata())) == 1]
    assert any(mark.get_xdata()[0] == result.of("orientation").angle[0] for mark in marks)


def test_the_band_is_where_means_lie_by_chance(result):
    curve = result.curve("orientation", 7)
    band = panel(tuning(result, 7), "en", "orientation").collections[0]
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(curve["null_low"].min())
    assert heights.max() == pytest.approx(curve["null_high"].max())


def test_hues_have_their_own_colours_and_lengths(result):
    axes = panel(tuning(result, 7), "en", "hue")
    bars = axes.patches
    np.testing.assert_allclose([bar.get_height() for bar in bars], range(1, 13))
    for bar, hue in zip(bars, VALUES["hue"], strict=True):
        np.testing.assert_allclose(bar.get_facecolor()[:3], hsv_to_rgb([hue / 360, 0.85, 0.92]))
        assert bar.get_x() + bar.get_width() / 2 == pytest.approx(np.deg2rad(hue))


def test_negative_means_start_at_the_lowest_and_zero_is_a_ring(result):
    below = replace(result, curves={"hue": made("hue", low=-5.0)})
    axes = panel(tuning(below, 7), "en", "hue")
    np.testing.assert_allclose([bar.get_y() for bar in axes.patches], -5)
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], range(12))
    assert any((line.get_ydata() == 0).all() for line in axes.lines)


def test_places_are_where_they_are_in_the_picture(result):
    axes = panel(tuning(result, 7), "en", "position")
    np.testing.assert_allclose(axes.images[0].get_array(), np.arange(1, 10).reshape(3, 3))
    words = {(label.get_position()): label.get_text() for label in axes.texts}
    assert words[(2, 2)] == "9 ▲"
    assert words[(0, 0)] == "1 ▼"
    assert words[(1, 1)] == "5"


def test_shapes_are_named_in_both_languages(result):
    for lang, name in (("en", "crescent"), ("es", "media\nluna")):
        ticks = panel(tuning(result, 7, lang), lang, "shape").get_xticklabels()
        assert ticks[-1].get_text() == name


def test_other_names_are_shown_as_they_are(result):
    curves = replace(made("shape"), values=(*VALUES["shape"][:-1], "blob"))
    axes = panel(tuning(replace(result, curves={"shape": curves}), 7), "en", "shape")
    assert axes.get_xticklabels()[-1].get_text() == "blob"


def test_units_without_a_curve_say_why(result):
    for unit, code in ((8, "SILENT"), (9, "NOT_FINITE")):
        figure = tuning(result, unit, "es")
        assert all(text(f"tuning.state.{code}", "es") in axes.get_title(loc="left") for axes in figure.axes)
        assert not any(axes.lines or axes.patches or axes.images for axes in figure.axes)


def test_unknown_units_and_languages_are_refused(result):
    with pytest.raises(UsageError, match="7 to 9 were"):
        tuning(result, 3)
    with pytest.raises(UsageError, match="en, es"):
        tuning(result, 7, "fr")


def test_exported_files_have_the_same_bytes_each_time(result, tmp_path):
    small = replace(result, curves={"shape": result.of("shape")})
    for name in ("one", "two"):
        assert [path.name for path in export_tuning(small, [9, 7], tmp_path / name)] == [
            "unit_7.png",
            "unit_9.png",
        ]
    assert (tmp_path / "one" / "unit_7.png").read_bytes() == (tmp_path / "two" / "unit_7.png").read_bytes()
