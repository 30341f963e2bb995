"""Interactive charts of what units do on single pictures: units by pictures, and one picture's units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures import charts, charts_heat
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.units.activity import ActivityMap, UnitRanks

SHOWN = 20
"""Units that the bars of one picture show."""

_BINS = 50
_HEIGHT = 320


def activity_cells(found: ActivityMap, lang: str = "en") -> Figure:
    """Units by pictures in one true scale, units that do alike beside each other."""
    counts = {"units": whole(len(found.units), lang), "images": len(found.images)}
    title = text("units.activity.map.title", lang, site=found.site, **counts)
    across = charts_heat.places(
        [each.image for each in found.images], [_name(each.id, each.class_name) for each in found.images]
    )
    units = [str(unit) for unit in found.units]
    axes = {
        "xaxis": charts_heat.categories(across, [str(each.image) for each in found.images], charts_heat.TICKS)
        | {"title": {"text": text("units.activity.image", lang)}},
        "yaxis": charts_heat.categories(units, units, charts_heat.TICKS)
        | {"title": {"text": text("units.activity.unit", lang)}},
    }
    told = text("chart.cell", lang, unit="%{y}", name="%{x}", value="%{z:.4g}")
    cells = {"z": found.values, "x": across, "y": units, "hovertemplate": told}
    return charts_heat.heat_map(cells, axes, (title, caption(found.source, lang)), lang)


def rank_histogram(found: UnitRanks, lang: str = "en") -> Figure:
    """The values of all units on one picture, the marked one as a line."""
    finite = found.values[np.isfinite(found.values)].astype(np.float64)
    counts, edges = np.histogram(finite, _BINS) if finite.size else (np.zeros(0), np.zeros(1))
    filled = counts > 0
    bars = {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2)[filled],
        "y": counts[filled],
        "width": np.diff(edges)[filled],
        "customdata": np.stack([edges[:-1], edges[1:]], axis=1)[filled],
        "hovertemplate": "%{customdata[0]:.4g} … %{customdata[1]:.4g}<br>%{y}<extra></extra>",
        "marker": {"color": charts.TONES["mean"]},
        "showlegend": False,
    }
    layout = {
        "xaxis": {"title": {"text": text(f"units.activity.{found.by}", lang)}, "automargin": True},
        "yaxis": {
            "title": {"text": text("units.activity.ranks.count", lang)},
            "automargin": True,
            "rangemode": "tozero",
            "tickformat": "d",
        },
        "bargap": 0,
        "showlegend": found.mark is not None,
        "legend": charts.LEGEND,
    }
    heading = text("units.activity.ranks.all", lang, units=whole(found.units, lang))
    return charts.chart([bars, *_mark(found, float(counts.max(initial=1)), lang)], layout, [heading], _HEIGHT)


def rank_bars(found: UnitRanks, lang: str = "en") -> Figure:
    """The strongest units of one picture, the marked one hatched in another colour."""
    best = found.strongest(SHOWN)
    marked = [found.mark is not None and unit == found.mark.unit for unit, _ in best]
    units = [str(unit) for unit, _ in best]
    bars = {
        "type": "bar",
        "x": units,
        "y": np.nan_to_num([value for _, value in best]),
        "hovertemplate": f"{text('units.activity.unit', lang)} %{{x}}<br>%{{y:.4g}}<extra></extra>",
        "marker": {
            "color": [charts.ACCENT if each else charts.TONES["sparsity"] for each in marked],
            "pattern": {"shape": ["/" if each else "" for each in marked]},
        },
    }
    layout = {
        "xaxis": charts_heat.categories(units, units, SHOWN)
        | {"title": {"text": text("units.activity.unit", lang)}, "tickangle": -60},
        "yaxis": {"title": {"text": text(f"units.activity.{found.by}", lang)}, "automargin": True},
    }
    heading = text("units.activity.ranks.strongest", lang, count=len(best))
    return charts.chart([bars], layout, [heading], _HEIGHT)


def _mark(found: UnitRanks, top: float, lang: str) -> list[dict[str, Any]]:
    mark = found.mark
    if mark is None or not np.isfinite(mark.value):
        return []
    told = text("units.activity.ranks.mark", lang, unit=mark.unit, rank=mark.rank)
    line = {"color": charts.ACCENT, "dash": "dash", "width": 2}
    ends = {"x": [mark.value, mark.value], "y": [0, 1.05 * top]}
    hover = f"{told}<br>{mark.value:.4g}<extra></extra>"
    return [{"type": "scatter", "mode": "lines", "name": told, **ends, "hovertemplate": hover, "line": line}]


def _name(image: str, class_name: str | None) -> str:
    return image if class_name is None or class_name in image else f"{image} ({class_name})"
