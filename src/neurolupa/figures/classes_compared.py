"""The units that differ most between classes: effect sizes with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.atlas.checks import whole_number
from neurolupa.figures import style
from neurolupa.figures.classes_compared_words import comparison_notes, comparison_title, short_name, signed
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurolupa.comparison.classes import ClassComparison, ClassPair

MOST_PANELS = 3
"""With more pairs each unit is shown with the pair in which it differs most."""

_SURE, _UNSURE = "#3b528b", "#a9b4cf"
_ROW, _ROOM = 0.27, 2.6


@dataclass(frozen=True)
class _Row:
    """One line of a panel: a name, and g with its interval."""

    name: str
    g: float
    low: float
    high: float
    sure: bool


def class_differences(found: ClassComparison, units: int = 16, lang: str = "en") -> Figure:
    """Hedges' g of the units that differ most, with 95 % intervals; filled: the adjusted p is at most 0.05.

    Up to three pairs have a panel each, with the same units. Of more pairs each unit is shown with the one in
    which it differs most, the class with the higher mean first.

    Args:
        found: Of `neurolupa.compare_classes`.
        units: How many.
        lang: Of the words.

    Raises:
        UsageError: An unknown language, or fewer than one unit.
    """
    chosen = found.strongest(whole_number("units", units, 1))
    told = {"shown": whole(len(chosen), lang), "units": whole(len(found), lang)}
    each = text("compare_classes.differences.widest", lang) if len(found.pairs) > MOST_PANELS else ""
    note = f"{text('compare_classes.differences.note', lang, **told)} {each}".rstrip()
    notes = (note, *comparison_notes(found, lang))
    figure = style.new_figure(_ROOM + _ROW * max(len(chosen), 3), comparison_title(found, lang), notes)
    if len(found.pairs) > MOST_PANELS:
        _widest(figure.subplots(), found, chosen, lang)
        return figure
    panels = figure.subplots(1, len(found.pairs), sharex=True, sharey=True, squeeze=False)[0]
    reach = 0.1
    for axes, pair in zip(panels, found.pairs, strict=True):
        rows = [_row(pair, unit, str(unit)) for unit in chosen]
        _panel(axes, rows, lang)
        ends = (abs(end) for row in rows for end in (row.low, row.high))
        reach = max(reach, max(filter(np.isfinite, ends), default=0.0))
        _sides(axes, pair, lang)
    panels[0].set_xlim(-1.08 * reach, 1.08 * reach)
    style.name_rows(panels[0], [str(unit) for unit in chosen])
    panels[0].set_ylabel(text("compare_classes.unit", lang), fontsize=style.NORMAL, color=style.INK)
    return figure


def _row(pair: ClassPair, unit: int, name: str, turned: bool = False) -> _Row:
    effect = pair.effects
    g, low, high = (float(each[unit]) for each in (effect.g, effect.low, effect.high))
    ends = (-g, -high, -low) if turned else (g, low, high)
    return _Row(name, *ends, bool(pair.different[unit]))


def _widest(axes: Axes, found: ClassComparison, chosen: Sequence[int], lang: str) -> None:
    rows = []
    for unit in chosen:
        pair = max(found.pairs, key=lambda each: np.nan_to_num(abs(each.effects.g[unit])))
        turned = bool(pair.effects.g[unit] < 0)
        high, low = (pair.second, pair.first) if turned else (pair.first, pair.second)
        rows.append(_row(pair, unit, f"{unit} · {high} > {low}", turned))
    _panel(axes, rows, lang)
    style.name_rows(axes, [row.name for row in rows])


def _panel(axes: Axes, rows: Sequence[_Row], lang: str) -> None:
    """Dots with their intervals, and the number itself at the right."""
    axes.axvline(0, **style.REFERENCE)
    for place, row in enumerate(rows):
        colour = _SURE if row.sure else _UNSURE
        axes.hlines(place, row.low, row.high, color=colour, linewidth=1.6)
        fill = colour if row.sure else "white"
        axes.plot(row.g, place, "o", markersize=5, color=colour, markerfacecolor=fill)
        axes.annotate(
            signed(row.g), (1.01, place), xycoords=("axes fraction", "data"), va="center",
            fontsize=style.SMALL - 0.5, color=style.INK,
        )  # fmt: skip
    axes.set_xlabel(text("compare_classes.g", lang), fontsize=style.NORMAL, color=style.INK)
    style.tidy(axes)


def _sides(axes: Axes, pair: ClassPair, lang: str) -> None:
    """Which class is higher on which side, above the rows."""
    sides: tuple[tuple[Literal["left", "right"], str], ...] = (("left", pair.second), ("right", pair.first))
    for side, name in sides:
        words = text(f"compare_classes.side.{side}", lang, name=short_name(name))
        axes.set_title(words, loc=side, fontsize=style.SMALL, color=style.INK, parse_math=False)
