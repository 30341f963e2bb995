"""What the interactive charts have in common: the frame with its N, the panels, the tones, the scales.

A chart is a Plotly figure, described here by plain values; Plotly itself is imported when one is made, so
that the package works without it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from neurolupa.errors import UsageError
from neurolupa.figures.palettes import scale_of
from neurolupa.locales import text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TONES = {"mean": "#3d7ab5", "std": "#1f8a87", "sparsity": "#2e8b57", "range": "#9a5cb8"}
"""Of the four measures; each can be seen on white and on the dark page alike."""

MARKERS = {"mean": "circle", "std": "square", "sparsity": "diamond", "range": "cross"}
"""And told apart without colour."""

NEUTRAL = "#7d858c"
ACCENT = "#c2571a"
_SMALL = '<span style="font-size:12px;font-weight:400">'
_PANEL_GAP = 0.055
LEGEND = {"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"}
"""Under the axis, where it takes no width."""

_LINE = 46
_LINE_HEIGHT = 21
_TITLE: dict[str, Any] = {
    "x": 0,
    "xanchor": "left",
    "y": 1,
    "yanchor": "top",
    "pad": {"t": 18, "l": 0},
    "font": {"size": 16},
}
_CLIP = 0.995
_NAME = 22


def chart(
    traces: Sequence[dict[str, Any]], layout: dict[str, Any], heading: Sequence[str], height: int
) -> Figure:
    """A Plotly figure under its heading: the title, then smaller lines, among them the N.

    Raises:
        UsageError: Plotly is not installed.

    >>> figure = chart([{"type": "bar", "y": [1]}], {}, ["Title", "N = 3"], 300)
    >>> figure.layout.title.text
    'Title<br><span style="font-size:12px;font-weight:400">N = 3</span>'
    """
    try:
        from plotly.graph_objects import Figure
    except ModuleNotFoundError:
        raise UsageError("charts need Plotly: pip install 'neurolupa[app]'") from None
    words, lines = _heading(heading)
    frame = {
        "title": {"text": words, **_TITLE},
        "margin": {"l": 8, "r": 8, "b": 8, "t": 26 + _LINE_HEIGHT * lines},
        "height": height + _LINE_HEIGHT * lines,
        "showlegend": False,
        "hoverlabel": {"align": "left"},
    }
    return Figure(data=list(traces), layout=frame | layout)


def depth_axis(depth: int, anchor: str, lang: str) -> dict[str, Any]:
    """The axis of the layers: numbers in forward order, since names would be cut on a narrow screen.

    >>> depth_axis(60, "y", "en")["dtick"]
    5
    """
    return {
        "title": {"text": text("chart.depth", lang)},
        "range": [0.3, depth + 0.7],
        "tick0": 0 if depth > 12 else 1,
        "dtick": max(1, round(depth / 12)),
        "anchor": anchor,
        "showgrid": False,
        "automargin": True,
        "zeroline": False,
    }


def panels(titles: Sequence[str], depth: int, lang: str) -> dict[str, Any]:
    """The layout of panels one under the other, over one axis of layers: zooming one zooms all.

    >>> sorted(panels(["a", "b"], 3, "en"))
    ['annotations', 'xaxis', 'yaxis', 'yaxis2']
    """
    each = (1 - _PANEL_GAP * len(titles)) / len(titles)
    tops = [1 - _PANEL_GAP - row * (each + _PANEL_GAP) for row in range(len(titles))]
    axes = {
        f"yaxis{suffix(row)}": {
            "domain": [max(0.0, top - each), top],
            "rangemode": "tozero",
            "nticks": 4,
            "automargin": True,
        }
        for row, top in enumerate(tops)
    }
    named = [_panel_title(title, top) for title, top in zip(titles, tops, strict=True)]
    return {"xaxis": depth_axis(depth, f"y{suffix(len(titles) - 1)}", lang), "annotations": named, **axes}


def suffix(row: int) -> str:
    """What Plotly puts after the name of the axis of a row, from 0.

    >>> suffix(0), suffix(2)
    ('', '3')
    """
    return "" if row == 0 else str(row + 1)


def band(depth: int) -> dict[str, Any]:
    """A pale band over all panels: the selected layer."""
    edges: dict[str, Any] = {"x0": depth - 0.5, "x1": depth + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
    line = {"color": ACCENT, "width": 1, "dash": "dot"}
    return {
        "type": "rect",
        "xref": "x",
        **edges,
        "fillcolor": ACCENT,
        "opacity": 0.16,
        "line": line,
        "layer": "below",
    }


def plain(words: str) -> str:
    """Words from outside, which Plotly must not take for markup.

    >>> plain("<b>cat</b>")
    '&lt;b&gt;cat&lt;/b&gt;'
    """
    return escape(words, quote=False)


def brief(name: str) -> str:
    """A name for an axis, without its middle where it is long.

    >>> brief("great white shark, Carcharodon carcharias")
    'great white… carcharias'
    """
    half = _NAME // 2
    return plain(name if len(name) <= _NAME else f"{name[:half]}…{name[-half:]}")


def heat_scale(values: ArrayLike, lang: str) -> tuple[dict[str, Any], float | None]:
    """Colours in the activations' own unit, and the extreme value where the scale ends before it.

    Values of one sign run from 0 along viridis, of both signs either way from a pale 0. The scale ends at the
    99.5 % quantile of the magnitudes.

    >>> scale, beyond = heat_scale([[0.0, 2.0]], "en")
    >>> scale["colorscale"], scale["zmin"], scale["zmax"], beyond
    ('Viridis', 0.0, 2.0, None)
    >>> heat_scale([-1.0, 4.0], "en")[0]["zmin"]
    -4.0
    """
    table = np.asarray(values, np.float64)
    finite = table[np.isfinite(table)]
    peak = float(finite[np.abs(finite).argmax()]) if finite.size else 0.0
    limit = float(np.quantile(np.abs(finite), _CLIP, method="higher")) if finite.size else 0.0
    scale = scale_of(np.clip(finite, -limit, limit))
    high = scale.high or 1.0
    colours = {
        "colorscale": "PuOr" if scale.signed else "Viridis",
        "reversescale": scale.signed,
        "zmin": -high if scale.signed else 0.0,
        "zmax": high,
        "colorbar": {"title": {"text": text("chart.bar", lang), "side": "right"}, "thickness": 12},
    }
    return colours, peak if abs(peak) > high else None


def _heading(heading: Sequence[str]) -> tuple[str, int]:
    title, *notes = heading
    lines = textwrap.wrap(title, _LINE)
    small = [line for note in notes if note for line in textwrap.wrap(note, _LINE + 8)]
    words = [*map(plain, lines), *(f"{_SMALL}{plain(line)}</span>" for line in small)]
    return "<br>".join(words), len(words)


def _panel_title(title: str, top: float) -> dict[str, Any]:
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left"}
    return {"text": title, **place, "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
