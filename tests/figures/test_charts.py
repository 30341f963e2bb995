import re
from itertools import pairwise

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import Source, open_atlas
from neurolupa.atlas.captions import caption
from neurolupa.figures import charts, charts_data, charts_layers
from neurolupa.locales import text

MEASURES = {"mean": "mean", "std": "std", "sparsity": "sparsity_%"}
SOURCE = Source("net", "", "photos", "", 1200, 3, "0")


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    share = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#12181d"])
def test_every_tone_can_be_seen_on_the_light_and_the_dark_page(page):
    tones = [*charts.TONES.values(), charts.ACCENT, charts.NEUTRAL]
    assert min(contrast(tone, page) for tone in tones) >= 3


def test_measures_differ_by_more_than_their_tone():
    assert len(set(charts.MARKERS.values())) == len(charts.MARKERS) == len(charts.TONES)


def test_the_panels_hold_the_atlas_own_layers_table(deep):
    figure = charts_layers.layer_panels(charts_data.layer_table(deep))
    layers, bars = deep.layers, [trace for trace in figure.data if trace.type == "bar"]
    columns = [*(layers[name] for name in MEASURES.values()), layers["max"] - layers["min"]]
    for trace, column in zip(bars, columns, strict=True):
        np.testing.assert_array_equal(trace.x, np.arange(1, len(layers) + 1))
        np.testing.assert_array_equal(trace.y, column)
        assert [row[0] for row in trace.customdata] == list(layers["site"])
    assert [trace.yaxis for trace in bars] == ["y", "y2", "y3", "y4"]


def test_layers_without_sparsity_are_marked_and_have_no_bar(tiny):
    figure = charts_layers.layer_panels(charts_data.layer_table(tiny), lang="es")
    crosses = figure.data[4]
    assert (crosses.yaxis, list(crosses.x), crosses.marker.symbol) == ("y3", [3], "x-thin")
    assert "n/d" in crosses.hovertemplate
    assert np.isnan(figure.data[2].y[2])


def test_all_panels_share_one_axis_so_that_zooming_one_zooms_all(tiny):
    figure = charts_layers.layer_panels(charts_data.layer_table(tiny))
    assert {trace.xaxis for trace in figure.data} == {None}
    tops = [figure.layout[f"yaxis{row}"].domain for row in ("", 2, 3, 4)]
    assert all(upper[0] > lower[1] for upper, lower in pairwise(tops))


def test_the_selected_layer_has_a_band(tiny):
    table = charts_data.layer_table(tiny)
    (band,) = charts_layers.layer_panels(table, "deep.relu").layout.shapes
    assert (band.x0, band.x1) == (1.5, 2.5)
    assert charts_layers.layer_panels(table, "nowhere").layout.shapes == ()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_heading_has_the_title_and_the_number_of_images(tiny, lang):
    figure = charts_layers.layer_panels(charts_data.layer_table(tiny), lang=lang)
    told = figure.layout.title.text
    assert told.startswith(text("layer_statistics.title", lang))
    assert "N = 4" in told


def test_shares_of_dead_and_dormant_units(tiny):
    figure = charts_layers.idle_by_layer(charts_data.layer_table(tiny), "fc")
    dead, dormant = figure.data
    np.testing.assert_allclose(dead.y, [50, 0, 100])  # unit 1 of 2; none of 3; `fc` is never above 0
    np.testing.assert_allclose(dormant.y, 100 * tiny.layers["dormant"] / tiny.layers["total_neurons"])
    assert list(dead.customdata[0]) == ["early/relu", "1", "2"]
    assert dead.marker.pattern.shape != dormant.marker.pattern.shape
    assert figure.layout.yaxis.range[1] > 100


def test_lines_go_through_the_layers_that_have_the_measure(tiny):
    found = tiny.evolution()
    figure = charts_layers.evolution_lines(found, charts_data.layer_table(tiny))
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}
    sparsity = lines["sparsity (% zeros)"]
    assert list(sparsity.x) == [1, 2]  # `fc` is not rectified
    assert list(sparsity.y) == list(found.sparsity.values)
    assert list(lines["range (max − min)"].y) == [8, 9, 7]  # noqa: RUF001 (a minus)
    marks = [trace for trace in figure.data if trace.mode == "markers" and trace.yaxis == "y4"]
    assert [list(marks[0].x), list(marks[0].y)] == [[2, 3], [9, 7]]
    assert list(marks[0].marker.symbol) == ["triangle-up", "triangle-down"]


def test_an_atlas_of_one_silent_layer_is_drawn(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.zeros((3, 1, 2, 2))}))
    table = charts_data.layer_table(atlas)
    assert list(charts_layers.idle_by_layer(table).data[0].y) == [100]
    charts_layers.layer_panels(table)
    assert len(charts_layers.evolution_lines(atlas.evolution(), table).data) == 4  # neither peak nor valley


def test_a_zero_scale_a_short_scale_and_values_that_are_not_finite():
    assert charts.heat_scale(np.zeros((2, 2)), "en")[0]["zmax"] == 1
    assert charts.heat_scale(np.full((2, 2), np.nan), "en")[0]["zmax"] == 1
    values = np.append(np.ones(999), 100)
    scale, beyond = charts.heat_scale(values, "en")
    assert (scale["zmin"], scale["zmax"], beyond) == (0, 1, 100)


def test_names_from_outside_are_no_markup_and_headings_are_wrapped():
    figure = charts.chart([], {}, ["<b>" + 30 * "word ", caption(SOURCE, "en")], 300)
    told = figure.layout.title.text
    assert "<b>" not in told
    lines = [re.sub("<[^>]*>", "", line) for line in told.replace("&lt;", "(").split("<br>")]
    assert max(map(len, lines)) < 60
    assert "N = 1,200 images (3 skipped)" in told
