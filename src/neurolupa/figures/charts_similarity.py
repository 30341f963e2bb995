"""An interactive chart of how alike the layers of a network are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures import charts, charts_heat
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.units.relations import LayerSimilarity

_BEYOND = 0.05
_ROW = 15
"""Pixels of a layer."""

_NUMBERED = 20


def layer_cells(found: LayerSimilarity, lang: str = "en") -> Figure:
    """Linear CKA between every two layers, from 0 to 1; a cross where it is no more than chance may give."""
    rows = charts_heat.places(range(1, len(found.sites) + 1), found.sites)
    numbers = [str(place) for place in range(1, len(rows) + 1)]
    told = np.stack([found.debiased, found.debiased_low, found.debiased_high, found.null_bound], axis=-1)
    cells = {
        "type": "heatmap",
        "z": found.cka,
        "x": rows,
        "y": rows,
        "customdata": np.round(told, 2),
        "text": np.where(found.p_bound <= _BEYOND, "", "×"),  # noqa: RUF001 (it is a cross)
        "texttemplate": "%{text}",
        "hovertemplate": _told(lang),
        "colorscale": "Viridis",
        "zmin": 0,
        "zmax": 1,
        "colorbar": {"title": {"text": "CKA", "side": "right"}, "thickness": 12},
    }
    layout = {
        "xaxis": charts_heat.categories(rows, numbers, _NUMBERED)
        | {"title": {"text": text("chart.depth", lang)}},
        "yaxis": charts_heat.categories(rows, numbers, _NUMBERED)
        | {"title": {"text": text("chart.depth", lang)}, "autorange": "reversed"},
    }
    note = text("chart.similarity.note", lang, n=whole(found.sampled, lang))
    heading = (text("units.relations.layers.title", lang), caption(found.source, lang), note)
    return charts.chart([cells], layout, heading, max(320, 120 + _ROW * len(rows)))


def _told(lang: str) -> str:
    names = ("debiased", "low", "high", "bound")
    numbers = {name: f"%{{customdata[{place}]}}" for place, name in enumerate(names)}
    told = text("chart.similarity.cell", lang, first="%{y}", second="%{x}", cka="%{z:.2f}", **numbers)
    return f"{told}<extra></extra>"
