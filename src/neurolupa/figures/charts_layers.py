"""Interactive charts of all layers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurolupa.atlas.captions import caption
from neurolupa.figures import charts
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.atlas import Evolution, Trend
    from neurolupa.figures.charts_data import LayerTable

_COLUMNS = {"mean": "mean", "std": "std", "sparsity": "sparsity_%", "range": "range"}
_LAYER = "%{x}. %{customdata[0]}"
_HATCHES = {"dead": "", "dormant": "/"}


def layer_panels(layers: LayerTable, selected: str | None = None, lang: str = "en") -> Figure:
    """Mean, standard deviation, sparsity and range over the depth, a panel each; the selected layer marked.

    The bars' x is the depth, counted from 1. Where a layer is not rectified, its sparsity is a cross.
    """
    frame = layers.frame
    titles = [text(f"measure.{measure}", lang) for measure in _COLUMNS]
    layout = charts.panels(titles, len(frame), lang) | {"bargap": 0.25, "dragmode": "zoom"}
    traces = [_bars(frame, measure, row, lang) for row, measure in enumerate(_COLUMNS)]
    missing = frame[frame["sparsity_%"].isna()]
    if not missing.empty:
        traces.append(_missing(missing, list(_COLUMNS).index("sparsity"), lang))
    chosen = frame.loc[frame["site"] == selected, "depth"]
    layout["shapes"] = [charts.band(int(depth)) for depth in chosen]
    heading = (text("layer_statistics.title", lang), caption(layers.source, lang))
    return charts.chart(traces, layout, heading, 640)


def idle_by_layer(layers: LayerTable, selected: str | None = None, lang: str = "en") -> Figure:
    """The share of dead and of dormant units of every layer, in percent."""
    frame = layers.frame
    traces = [_shares(frame, kind, lang) for kind in _HATCHES]
    highest = float(frame[["dead_%", "dormant_%"]].max().max())
    chosen = frame.loc[frame["site"] == selected, "depth"]
    layout = {
        "xaxis": charts.depth_axis(len(frame), "y", lang),
        "yaxis": {
            "title": {"text": text("chart.idle.axis", lang)},
            "range": [0, min(105.0, max(5.0, 1.15 * highest))],
            "automargin": True,
        },
        "barmode": "group",
        "showlegend": True,
        "legend": charts.LEGEND,
        "shapes": [charts.band(int(depth)) for depth in chosen],
    }
    heading = (text("chart.idle.title", lang), caption(layers.source, lang))
    return charts.chart(traces, layout, heading, 380)


def evolution_lines(found: Evolution, layers: LayerTable, lang: str = "en") -> Figure:
    """The four measures over the depth as lines, the highest and the lowest value of each marked."""
    depths = dict(zip(layers.frame["site"], layers.frame["depth"].tolist(), strict=True))
    titles = [text(f"measure.{trend.measure}", lang) for trend in found.trends]
    layout = charts.panels(titles, len(depths), lang)
    for row in range(len(titles)):
        layout[f"yaxis{charts.suffix(row)}"]["rangemode"] = "normal"
    traces = [trace for row, trend in enumerate(found.trends) for trace in _trend(trend, depths, row, lang)]
    heading = (
        text("evolution.title", lang),
        text("chart.evolution.marks", lang),
        caption(found.source, lang),
    )
    return charts.chart(traces, layout, heading, 640)


def _bars(frame: pd.DataFrame, measure: str, row: int, lang: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": text(f"measure.{measure}", lang),
        "x": frame["depth"].to_numpy(),
        "y": frame[_COLUMNS[measure]].to_numpy(),
        "customdata": _told(frame),
        "hovertemplate": _LAYER + "<br>%{customdata[1]} %{customdata[2]}<br>%{y:.4g}<extra></extra>",
        "marker": {"color": charts.TONES[measure]},
        "yaxis": f"y{charts.suffix(row)}",
    }


def _told(frame: pd.DataFrame) -> np.ndarray:
    words = [[charts.plain(str(cell)) for cell in frame[name]] for name in ("site", "type", "shape")]
    return np.array(words, object).T


def _missing(frame: pd.DataFrame, row: int, lang: str) -> dict[str, Any]:
    said = text("not_applicable", lang)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": said,
        "x": frame["depth"].to_numpy(),
        "y": np.zeros(len(frame)),
        "customdata": _told(frame),
        "hovertemplate": f"{_LAYER}<br>{said}<extra></extra>",
        "marker": {"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": charts.NEUTRAL}},
        "yaxis": f"y{charts.suffix(row)}",
    }


def _shares(frame: pd.DataFrame, kind: str, lang: str) -> dict[str, Any]:
    pairs = zip(frame["site"], frame[kind], frame["total_neurons"], strict=True)
    counts = [
        [charts.plain(site), whole(int(found), lang), whole(int(units), lang)] for site, found, units in pairs
    ]
    of = text("chart.idle.of", lang, count="%{customdata[1]}", units="%{customdata[2]}")
    colour = charts.ACCENT if kind == "dead" else charts.TONES["mean"]
    return {
        "type": "bar",
        "name": text(f"chart.{kind}", lang),
        "x": frame["depth"].to_numpy(),
        "y": frame[f"{kind}_%"].to_numpy(),
        "customdata": counts,
        "hovertemplate": f"{_LAYER}<br>{of} (%{{y:.1f}} %)",
        "marker": {"color": colour, "pattern": {"shape": _HATCHES[kind]}},
    }


def _trend(trend: Trend, depths: dict[str, int], row: int, lang: str) -> list[dict[str, Any]]:
    place, tone = {"yaxis": f"y{charts.suffix(row)}"}, charts.TONES[trend.measure]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": text(f"measure.{trend.measure}", lang),
        "x": [depths[layer] for layer in trend.layers],
        "y": list(trend.values),
        "customdata": [[charts.plain(layer)] for layer in trend.layers],
        "hovertemplate": _LAYER + "<br>%{y:.4g}<extra></extra>",
        "line": {"color": tone, "width": 2},
        "marker": {"symbol": charts.MARKERS[trend.measure], "size": 7, "color": tone},
        **place,
    }
    return [line, _extremes(trend, depths) | place] if len(set(trend.values)) > 1 else [line]


def _extremes(trend: Trend, depths: dict[str, int]) -> dict[str, Any]:
    """The peak and the valley: ▲ and ▼."""
    marks = {"symbol": ["triangle-up", "triangle-down"], "size": 13, "color": charts.ACCENT}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [depths[layer] for layer in (trend.peak, trend.valley) if layer],
        "y": [max(trend.values), min(trend.values)],
        "hoverinfo": "skip",
        "marker": marks,
    }
