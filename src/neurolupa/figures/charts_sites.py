"""Interactive charts of one layer: its values and its classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures import charts, charts_heat
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.figures.charts_data import ClassMeans, ClassUnits, Distribution

_DASHES = {0.01: "dot", 0.25: "dash", 0.5: "solid", 0.75: "dashdot", 0.99: "longdash"}
_FLOOR = 0.5


def value_histogram(found: Distribution, lang: str = "en") -> Figure:
    """How often which value occurs in a layer, counts on a logarithmic axis, with the quantiles as lines."""
    filled = found.counts > 0
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    bars = {
        "type": "bar",
        "name": text("distributions.count", lang),
        "x": middles[filled],
        "y": found.counts[filled],
        "width": np.diff(found.edges)[filled],
        "customdata": np.stack([found.edges[:-1], found.edges[1:]], axis=1)[filled],
        "hovertemplate": "%{customdata[0]:.4g} … %{customdata[1]:.4g}<br>%{y:.4g}<extra></extra>",
        "marker": {"color": charts.TONES["mean"]},
        "showlegend": False,
    }
    top = float(found.counts.max(initial=1.0))
    marks = [_mark(level, value, top, lang) for level, value in found.quantiles.items()]
    layout = {
        "xaxis": {"title": {"text": text("distributions.value", lang)}, "automargin": True},
        "yaxis": {
            "title": {"text": text("distributions.count", lang)},
            "type": "log",
            "range": [np.log10(_FLOOR), np.log10(top) + 0.2],
            "dtick": 1 if top < 1e6 else 2,
            "automargin": True,
        },
        "bargap": 0,
        "showlegend": True,
        "legend": charts.LEGEND,
    }
    title = text("chart.values.title", lang, site=found.site)
    return charts.chart([bars, *marks], layout, (title, caption(found.source, lang)), 420)


def class_bars(found: ClassMeans, lang: str = "en") -> Figure:
    """The mean of a layer by class, the highest first; dashed, the mean of the whole layer."""
    frame = found.frame
    rows = charts_heat.places(frame["class_id"], frame["class_name"])
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": frame["mean"].to_numpy(),
        "y": rows,
        "customdata": [[whole(int(count), lang)] for count in frame["num_samples"]],
        "hovertemplate": "%{y}<br>%{x:.4g}<br>N = %{customdata[0]}<extra></extra>",
        "marker": {"color": charts.TONES["mean"]},
    }
    line: dict[str, Any] = {"color": charts.ACCENT, "width": 1.5, "dash": "dash"}
    whole_layer = {"type": "line", "x0": found.mean, "x1": found.mean, "y0": 0, "y1": 1, "yref": "paper"}
    layout = {
        "xaxis": {"title": {"text": text("class_statistics.mean", lang)}, "automargin": True},
        "yaxis": charts_heat.categories(rows, [charts.brief(name) for name in frame["class_name"]], len(rows))
        | {"autorange": "reversed"},
        "shapes": [whole_layer | {"line": line}] if np.isfinite(found.mean) else [],
    }
    heading = (_class_title(found, lang), caption(found.source, lang))
    return charts.chart([bars], layout, heading, 120 + 18 * len(frame))


def class_heat_map(found: ClassUnits, lang: str = "en") -> Figure:
    """Classes by units: the mean of each unit in each class, one scale in the true unit for all.

    Classes go down, since there is room for their names at the side even on a narrow screen.
    """
    means = found.means.T
    counts = {"shown": means.shape[1], "units": whole(found.units, lang), "classes": len(means)}
    title = text("chart.class.units", lang, site=found.site, total=whole(found.classes, lang), **counts)
    rows, units = charts_heat.places(means.index, found.names), [str(unit) for unit in means.columns]
    named = {"title": {"text": text("unit_heat_map.unit", lang)}}
    axes = {
        "xaxis": charts_heat.categories(units, units, len(units)) | named,
        "yaxis": charts_heat.categories(rows, [charts.brief(name) for name in found.names], len(rows)),
    }
    told = text("chart.cell", lang, unit="%{x}", name="%{y}", value="%{z:.4g}")
    cells = {"z": means.to_numpy(), "x": units, "y": rows, "hovertemplate": told}
    return charts_heat.heat_map(cells, axes, (title, caption(found.source, lang)), lang)


def _mark(level: float, value: float, top: float, lang: str) -> dict[str, Any]:
    told = text("chart.quantile", lang, percent=100 * level, value=value)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": told,
        "x": [value, value],
        "y": [_FLOOR, 1.4 * top],
        "hovertemplate": f"{told}<extra></extra>",
        "line": {"color": charts.ACCENT, "dash": _DASHES[level], "width": 3 if level == 0.5 else 1.8},
    }


def _class_title(found: ClassMeans, lang: str) -> str:
    if found.total == len(found.frame):
        return text("class_statistics.title", lang, site=found.site)
    ends = dict.fromkeys(("high", "low"), len(found.frame) // 2)
    return text("class_statistics.some", lang, site=found.site, total=whole(found.total, lang), **ends)
