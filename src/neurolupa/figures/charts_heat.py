"""What interactive heat maps have in common: axes of names, and one true scale for all cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neurolupa.figures import charts
from neurolupa.locales import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plotly.graph_objects import Figure

TICKS = 16
_HEIGHT = 560


def places(numbers: Iterable[object], names: Iterable[str]) -> list[str]:
    """Numbers with names: classes and images may share a name, and an axis must keep them apart.

    >>> places([3, 4], ["cat", "cat"])
    ['3 · cat', '4 · cat']
    """
    return [f"{number} · {charts.plain(str(name))}" for number, name in zip(numbers, names, strict=True)]


def categories(held: Sequence[str], words: Sequence[str], most: int) -> dict[str, Any]:
    """An axis of names, the first at the top or left; evenly thinned to at most so many ticks.

    >>> categories(["a", "b", "c"], ["A", "B", "C"], 2)["ticktext"]
    ['A', 'C']
    """
    step = max(1, -(-len(held) // most))
    return {
        "type": "category",
        "tickvals": list(held[::step]),
        "ticktext": list(words[::step]),
        "showgrid": False,
        "automargin": True,
    }


def heat_map(cells: dict[str, Any], axes: dict[str, Any], heading: Sequence[str], lang: str) -> Figure:
    """Cells in the activations' own unit, the first row at the top; a note says where the scale is cut."""
    scale, beyond = charts.heat_scale(cells["z"], lang)
    drawn = {"type": "heatmap", **cells, **scale, "hoverongaps": False}
    drawn["hovertemplate"] += "<extra></extra>"
    notes = () if beyond is None else (text("unit_heat_map.clipped", lang, peak=beyond),)
    axes["yaxis"]["autorange"] = "reversed"
    return charts.chart([drawn], axes, (*heading, *notes), _HEIGHT)
