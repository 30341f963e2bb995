"""The layers of two atlases side by side, and the units that are dead in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurolupa.figures import style
from neurolupa.figures.atlases_compared_words import note_lines, silent_line, source_lines, standing_line
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison, SilentUnits
    from neurolupa.comparison.atlases.layers import LayerNumbers

SIDES = {"A": ("#3b528b", "o"), "B": ("#35a873", "D")}
"""Colour and mark of each atlas."""

_GAINED, _LOST = "#b35806", "#542788"
_ROW, _ROOM = 0.24, 2.3
_PANELS = ("mean", "std", "sparsity", "dead")


def layers_compared(found: AtlasComparison, lang: str = "en") -> Figure:
    """Mean, standard deviation, sparsity and dead units of every site that both atlases have.

    Args:
        found: Of `neurolupa.compare`.
        lang: Of the words.
    """
    left_out = {"a": whole(len(found.only_a), lang), "b": whole(len(found.only_b), lang)}
    note = text("compare.layers.note", lang, **left_out)
    notes = (note, standing_line(found, lang), *source_lines(found, lang))
    rows = len(found.layers)
    figure = style.new_figure(_height(rows), text("compare.layers.title", lang), notes)
    panels = figure.subplots(1, len(_PANELS), sharey=True)
    for axes, measure in zip(panels, _PANELS, strict=True):
        pairs = [(_value(each.a, measure), _value(each.b, measure)) for each in found.layers]
        _dumbbells(axes, pairs)
        style.panel_title(axes, text(f"compare.layers.{measure}", lang))
    style.name_rows(panels[0], found.sites or (text("compare.no_site", lang),))
    _legend(panels[-1])
    return figure


def dead_compared(found: AtlasComparison, kind: str = "dead", lang: str = "en") -> Figure:
    """Dead units of every site in A and in B, and where numbers can be compared, those gained and lost.

    Args:
        found: Of `neurolupa.compare`.
        kind: "dead" or "dormant".
        lang: Of the words.

    Raises:
        UsageError: An unknown kind or language.
    """
    rows = found.silent_of(kind)
    told = [text(f"compare.silent.note.{kind}", lang, threshold=f"{found.threshold:g}")]
    if kind == "dead":
        bounds = {f"bound_{side}": f"{100 * getattr(rows[0], f'bound_{side}'):.2g}" for side in "ab"}
        told.append(text("compare.silent.bound", lang, **bounds))
    notes = (*told, silent_line(found, kind, lang), *note_lines(found, lang), *source_lines(found, lang))
    figure = style.new_figure(_height(len(rows)) + 0.4, text(f"compare.silent.title.{kind}", lang), notes)
    numbered = any(each.gained is not None for each in rows)
    panels = figure.subplots(1, 1 + numbered, sharey=True, squeeze=False)[0]
    _dumbbells(panels[0], [_shares(each) for each in rows], [_counted(each, lang) for each in rows])
    panels[0].set_xlabel(text("compare.silent.share", lang), fontsize=style.NORMAL, color=style.INK)
    panels[0].set_title(text("compare.silent.counts", lang), loc="right", fontsize=style.SMALL)
    if numbered:
        _gains(panels[1], rows, lang)
    style.name_rows(panels[0], [each.site for each in rows])
    _legend(panels[0], "left")
    return figure


def _height(rows: int) -> float:
    return _ROOM + _ROW * max(rows, 4)


def _value(numbers: LayerNumbers, measure: str) -> float:
    if measure == "dead":
        return 100 * numbers.dead / numbers.units
    return getattr(numbers, measure)


def _dumbbells(axes: Axes, pairs: Sequence[tuple[float, float]], labels: Sequence[str] = ()) -> None:
    """A row for each pair: the mark of A, that of B, and a line between them."""
    at = np.arange(len(pairs))
    values = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    axes.hlines(at, values.min(axis=1), values.max(axis=1), color=style.MUTED, linewidth=1.1)
    for side, column in zip(SIDES, values.T, strict=True):
        colour, mark = SIDES[side]
        axes.plot(column, at, mark, color=colour, markersize=5.5 if side == "A" else 4, label=side)
    for place, words in enumerate(labels):
        axes.annotate(
            words, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=style.SMALL - 0.5
        )
    axes.set_xlim(*_limits(values))
    style.tidy(axes, "both")


def _limits(values: np.ndarray) -> tuple[float, float]:
    """From 0, or from below it, to beyond the highest."""
    known = values[np.isfinite(values)]
    low, high = min(0.0, known.min(initial=0.0)), max(0.0, known.max(initial=0.0))
    high = high if high > low else 1.0
    room = 0.06 * (high - low)
    return low - room, high + room


def _shares(each: SilentUnits) -> tuple[float, float]:
    """% of the units, NaN for a site that an atlas does not have."""
    counts = ((each.count_a, each.units_a), (each.count_b, each.units_b))
    one, two = (np.nan if count is None or not units else 100 * count / units for count, units in counts)
    return one, two


def _counted(each: SilentUnits, lang: str) -> str:
    """Counts in A and in B of how many units."""
    counts = ((each.count_a, each.units_a), (each.count_b, each.units_b))
    words = (f"{whole(count or 0, lang)}/{whole(units, lang)}" if units else "—" for count, units in counts)
    return " · ".join(words)


def _gains(axes: Axes, rows: Sequence[SilentUnits], lang: str) -> None:
    """Units lost to the left of 0, units gained to the right."""
    gained, lost = ([len(getattr(each, name) or ()) for each in rows] for name in ("gained", "lost"))
    at = np.arange(len(rows))
    for values, sign, colour in ((lost, -1, _LOST), (gained, 1, _GAINED)):
        axes.barh(at, sign * np.array(values), height=0.66, color=colour)
        for place, count in enumerate(values):
            if count:
                axes.annotate(
                    whole(count, lang), (sign * count, place), xytext=(3 * sign, 0), va="center",
                    textcoords="offset points", ha="left" if sign > 0 else "right", fontsize=style.SMALL,
                )  # fmt: skip
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    reach = 1.25 * max([1, *gained, *lost])
    axes.set_xlim(-reach, reach)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: whole(abs(round(value)), lang))
    style.tidy(axes)
    axes.set_xlabel(text("compare.silent.units", lang), fontsize=style.NORMAL, color=style.INK)
    sides: tuple[tuple[Literal["left", "right"], str], ...] = (("left", "lost"), ("right", "gained"))
    for side, key in sides:
        axes.set_title(text(f"compare.silent.{key}", lang), loc=side, fontsize=style.SMALL, color=style.INK)


def _legend(axes: Axes, side: Literal["left", "right"] = "right") -> None:
    """A and B, above one end of a panel."""
    corner: Literal["lower left", "lower right"] = "lower left" if side == "left" else "lower right"
    at = 0.0 if side == "left" else 1.0
    axes.legend(
        loc=corner, bbox_to_anchor=(at, 1.0), ncols=2, fontsize=style.SMALL, frameon=False,
        handletextpad=0.1, columnspacing=0.8, borderaxespad=0.1,
    )  # fmt: skip
