"""Which class a probe takes for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.probing_words import class_words, concept_words, probes_caption, scored, site_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.probing.result import ProbeReport

_WRITTEN = 10
"""So many classes have numbers in their cells."""
_NAMED = 100
_BAR = "#3b528b"


def confusion(report: ProbeReport, concept: str, site: str, lang: str = "en") -> Figure:
    """Rows are true classes, columns what the probe says, colours shares of a row; beside it the recalls.

    Up to ten classes have the numbers of pictures in their cells.

    Args:
        report: Of `neurolupa.probe`.
        concept: One with classes.
        site: A probed one, or "pixels".
        lang: Of the words.

    Raises:
        UsageError: An unknown concept, site or language, or a concept that is a number.

    >>> import neurolupa as nl
    >>> report = nl.probe(
    ...     "embedded", "stimuli?target=hue&size=32&count=90", "relu", "hue", controls=False, cache=False
    ... )
    >>> nl.figures.confusion(report, "hue", "relu").axes[0].images[0].get_array().shape
    (9, 9)
    """
    probes = report.concept(concept)
    counts, recalls = probes.confusion(site), probes.recalls(site)
    names = [class_words(concept, name, lang) for name in probes.classes]
    written = len(names) <= _WRITTEN
    named = {"concept": concept_words(concept, lang), "site": site_words(site, lang)}
    note = text("probing.confusion.note" if written else "probing.confusion.note.many", lang)
    title = text("probing.confusion.title", lang, **named)
    figure = style.new_figure(_height(len(names)), title, (note, probes_caption(report, lang)))
    heat, bars = figure.subplots(1, 2, width_ratios=(3, 1), sharey=True)
    style.panel_title(heat, scored(probes, probes.of(site), lang))
    _heat(figure, heat, counts, written, lang)
    _names(heat, names, lang)
    _bars(bars, recalls, counts.sum(1), written, lang)
    return figure


def _height(classes: int) -> float:
    return max(3.6, min(0.42 * classes, 8.0) + 1.9) if classes <= _WRITTEN else 8.6


def _heat(figure: Figure, axes: Axes, counts: np.ndarray, written: bool, lang: str) -> None:
    totals = np.maximum(counts.sum(1, keepdims=True), 1)
    shares = 100 * counts / totals
    drawn = axes.imshow(
        shares, cmap=style.SEQUENTIAL, vmin=0, vmax=100, aspect="auto", interpolation="nearest"
    )
    style.colour_bar(figure, drawn, axes, text("probing.confusion.share", lang))
    for row, column in np.ndindex(counts.shape) if written else ():
        ink = style.INK if shares[row, column] > 60 else "white"
        words = whole(int(counts[row, column]), lang)
        axes.text(column, row, words, ha="center", va="center", fontsize=style.NORMAL, color=ink)


def _names(axes: Axes, names: Sequence[str], lang: str) -> None:
    """Names at the left and below; very many are thinned out evenly."""
    places = range(0, len(names), -(-len(names) // _NAMED))
    shown = style.shorten([names[place] for place in places])
    size = style.SMALL if len(shown) <= 40 else 4.5
    level = len(shown) * max(map(len, shown)) <= 85
    axes.set_yticks(places, shown, fontsize=size, parse_math=False)
    axes.set_xticks(places, shown, fontsize=size, parse_math=False, rotation=0 if level else 90)
    axes.set_ylabel(text("probing.confusion.true", lang), fontsize=style.NORMAL, color=style.INK)
    axes.set_xlabel(text("probing.confusion.taken", lang), fontsize=style.NORMAL, color=style.INK)
    axes.tick_params(length=0, colors=style.INK)
    axes.spines[:].set_visible(False)


def _bars(axes: Axes, recalls: np.ndarray, totals: np.ndarray, written: bool, lang: str) -> None:
    """The share of each class that is recognised."""
    rows, percent = np.arange(len(recalls)), 100 * np.nan_to_num(recalls)
    axes.barh(rows, percent, height=0.72, color=_BAR)
    style.tidy(axes)
    axes.tick_params("y", length=0, labelleft=False)
    axes.set_xlim(0, 165 if written else 100)
    axes.set_xticks([0, 50, 100], ["0", "50", "100 %"])
    style.panel_title(axes, text("probing.confusion.recall", lang))
    for row, count in enumerate(totals) if written else ():
        words = text(
            "probing.confusion.of", lang, percent=f"{percent[row]:.0f}", count=whole(int(count), lang)
        )
        axes.annotate(words, (percent[row], row), xytext=(3, 0), textcoords="offset points",
                      fontsize=style.SMALL, color=style.INK, va="center", zorder=3)  # fmt: skip
