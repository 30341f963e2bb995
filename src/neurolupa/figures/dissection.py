"""Detectors by layer: how many units detect a concept, how many more than by chance, and of what kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.dissection_words import dissection_notes
from neurolupa.figures.probing_words import concept_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neurolupa.probing import Dissection
    from neurolupa.probing.dissection import DetectorCounts

_ANY, _SURE = "#c3cbdd", "#3b528b"
_CATEGORIES = ("#3b528b", "#c2410c", "#21868d", "#8e5ba6", "#b8860b", "#5c6b73", "#d1478f")
_ROW, _ROOM = 0.42, 2.4
_WIDE = 0.72


def detectors(found: Dissection, lang: str = "en") -> Figure:
    """By site the share of units that detect a concept, and the different concepts that they detect.

    Left, light: the best IoU in any category exceeds the rule's; dark: and is more than chance gives. Right:
    different concepts by category, by the rule alone.

    Args:
        found: Of `neurolupa.dissect`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.
    """
    counts, sure = found.counts(), found.counts(above_chance=True)
    title = text("dissection.title", lang, model=found.source.model)
    notes = (text("dissection.numbers", lang), *dissection_notes(found, lang))
    figure = style.new_figure(_ROOM + _ROW * len(counts), title, notes)
    left, right = figure.subplots(1, 2, sharey=True)
    rows = list(counts.values())
    _units(left, rows, list(sure.values()), lang)
    _concepts(right, rows, [category.name for category in found.categories], lang)
    left.set_yticks(range(len(rows)), list(counts), fontsize=style.SMALL)
    left.invert_yaxis()
    return figure


def _units(axes: Axes, rows: Sequence[DetectorCounts], sure: Sequence[DetectorCounts], lang: str) -> None:
    for each, colour, name in ((rows, _ANY, "by_rule"), (sure, _SURE, "above_chance")):
        shares = [100 * one.detectors / one.units for one in each]
        axes.barh(range(len(each)), shares, _WIDE, color=colour, label=text(f"dissection.{name}", lang))
    for place, (one, other) in enumerate(zip(rows, sure, strict=True)):
        told = f"{other.detectors} / {one.detectors} / {whole(one.units, lang)}"
        axes.annotate(told, (103, place), va="center", fontsize=style.SMALL, color=style.INK)
    axes.set_xlim(0, 150)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_xlabel(text("dissection.axis.units", lang), fontsize=style.NORMAL, color=style.INK)
    _legend(axes)


def _concepts(axes: Axes, rows: Sequence[DetectorCounts], categories: Sequence[str], lang: str) -> None:
    begun = np.zeros(len(rows))
    for place, category in enumerate(categories):
        counts = np.array([one.unique_in[category] for one in rows], float)
        colour = _CATEGORIES[place % len(_CATEGORIES)]
        axes.barh(range(len(rows)), counts, _WIDE, begun, color=colour, label=concept_words(category, lang))
        begun += counts
    axes.set_xlabel(text("dissection.axis.concepts", lang), fontsize=style.NORMAL, color=style.INK)
    _legend(axes)


def _legend(axes: Axes) -> None:
    style.tidy(axes, "x")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=3, borderaxespad=0.0,
        frameon=False, fontsize=style.SMALL, labelcolor=style.INK,
    )  # fmt: skip
