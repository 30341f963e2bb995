"""Classes by units: which class drives which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.atlas.checks import whole_number
from neurolupa.figures import style
from neurolupa.figures.classes_compared_words import comparison_notes, comparison_title, counted
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.classes import ClassComparison

_ROW, _ROOM = 0.32, 2.7
_MISSING = "#bdbdbd"
_TICKS = 64


def class_units(found: ClassComparison, units: int | None = 48, lang: str = "en") -> Figure:
    """How far each class's mean is from that of the classes, in standard deviations within a class.

    Units stand in the order of the class that drives them most; grey cells have no number.

    Args:
        found: Of `neurolupa.compare_classes`.
        units: How many, those that differ most; None for all.
        lang: Of the words.

    Raises:
        UsageError: An unknown language, or fewer than one unit.
    """
    count = None if units is None else whole_number("units", units, 1)
    chosen = _ordered(found, found.strongest(count))
    told = {"shown": whole(len(chosen), lang), "units": whole(len(found), lang)}
    note = text("compare_classes.heat.note", lang, **told)
    notes = (note, *comparison_notes(found, lang))
    figure = style.new_figure(_ROOM + _ROW * max(len(found.classes), 4), comparison_title(found, lang), notes)
    axes = figure.subplots()
    cells = found.profile[:, chosen] if chosen else np.full((len(found.classes), 1), np.nan)
    limit = float(np.abs(cells[np.isfinite(cells)]).max(initial=0.0)) or 1.0
    axes.set_facecolor(_MISSING)
    drawn = axes.imshow(
        np.ma.masked_invalid(cells), aspect="auto", interpolation="nearest", cmap=style.DIVERGING,
        vmin=-limit, vmax=limit,
    )  # fmt: skip
    style.colour_bar(figure, drawn, axes, text("compare_classes.heat.scale", lang))
    _name(axes, found, chosen, lang)
    return figure


def _ordered(found: ClassComparison, chosen: tuple[int, ...]) -> list[int]:
    """By the class with the highest mean, within it the furthest first."""
    profile = np.nan_to_num(found.profile)
    return sorted(chosen, key=lambda unit: (profile[:, unit].argmax(), -profile[:, unit].max(), unit))


def _name(axes: Axes, found: ClassComparison, chosen: list[int], lang: str) -> None:
    names = style.shorten([counted(each, lang) for each in found.classes])
    axes.set_yticks(range(len(names)), names, fontsize=style.SMALL, parse_math=False)
    places = range(0, len(chosen), max(1, -(-len(chosen) // _TICKS)))
    axes.set_xticks(list(places), [str(chosen[place]) for place in places], rotation=90, fontsize=style.SMALL)
    axes.tick_params(length=2.5, colors=style.INK)
    axes.set_xlabel(text("compare_classes.unit", lang), fontsize=style.NORMAL, color=style.INK)
    axes.spines[:].set_visible(False)
