"""Low-level or high-level: what goes with simple properties of pictures against what goes with classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from neurolupa.figures import style
from neurolupa.figures.levels_words import levels_caption, rule_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.synthesis import Levels

_LOOKS = {
    "LOW_LEVEL": ("o", "#3b528b"),
    "MIXED": ("D", "#21868d"),
    "HIGH_LEVEL": ("^", "#c2410c"),
    "NEITHER": ("x", style.MUTED),
}
_NAMED = 3
_ROOM = 6.0


def levels(found: Levels, lang: str = "en") -> Figure:
    """Every unit by the variance that goes with stimulus factors and with classes, and the rule between them.

    Args:
        found: Of `neurolupa.levels`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.

    >>> import neurolupa as nl
    >>> both = nl.open_atlas("atlas")
    >>> nl.figures.levels(nl.levels(both, both, "relu", shuffles=19)).axes[0].get_xlabel()
    'variance that goes with the factors of generated pictures (%)'
    """
    title = text("levels.title", lang, site=found.source.site)
    figure = style.new_figure(_ROOM, title, (rule_words(found, lang), levels_caption(found, lang)))
    axes = figure.subplots()
    _lines(axes, found)
    for code, (marker, colour) in _LOOKS.items():
        _units(axes, found, code, marker, colour)
    _names(axes, found)
    style.tidy(axes, "both")
    axes.set(xlim=_limits(found.stimuli.share), ylim=_limits(found.labels.share))
    axes.set_xlabel(text("levels.axis.stimuli", lang), fontsize=style.NORMAL, color=style.INK)
    axes.set_ylabel(text("levels.axis.labels", lang), fontsize=style.NORMAL, color=style.INK)
    _legend(axes, found, lang)
    return figure


def _units(axes: Axes, found: Levels, code: str, marker: str, colour: str) -> None:
    chosen = np.array(found.codes) == code
    axes.plot(
        100 * found.stimuli.share[chosen],
        100 * found.labels.share[chosen],
        marker,
        color=colour,
        markersize=4.5,
        alpha=0.75,
        markeredgewidth=1.1 if marker == "x" else 0,
    )


def _lines(axes: Axes, found: Levels) -> None:
    """Where the rule's levels meet: `least` on both axes, and `times` between them."""
    least, times = 100 * found.source.least, found.source.times
    axes.plot([least, 200], [least / times, 200 / times], **style.REFERENCE)
    axes.plot([least / times, 200 / times], [least, 200], **style.REFERENCE)
    axes.plot([least, least], [-200, least], **style.REFERENCE)
    axes.plot([-200, least], [least, least], **style.REFERENCE)


def _names(axes: Axes, found: Levels) -> None:
    """The numbers of the units that are furthest to either side."""
    apart = np.nan_to_num(found.stimuli.share - found.labels.share)
    order = np.argsort(apart, kind="stable")
    for row in {*order[:_NAMED].tolist(), *order[-_NAMED:].tolist()}:
        place = (100 * found.stimuli.share[row], 100 * found.labels.share[row])
        if np.isfinite(place).all():
            axes.annotate(str(found.units[row]), place, (4, 3), textcoords="offset points",
                          fontsize=style.SMALL, color=style.INK)  # fmt: skip


def _limits(shares: np.ndarray) -> tuple[float, float]:
    known = 100 * shares[np.isfinite(shares)]
    return min(known.min(initial=0.0), 0.0) - 3, max(known.max(initial=0.0) + 6, 25.0)


def _legend(axes: Axes, found: Levels, lang: str) -> None:
    marks = [
        Line2D([], [], linestyle="", marker=marker, color=colour, markersize=5,
               label=f"{text(f'levels.level.{code}', lang)}: {whole(found.counts[code], lang)}")
        for code, (marker, colour) in _LOOKS.items()
    ]  # fmt: skip
    axes.legend(
        handles=marks, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0,
        frameon=False, fontsize=style.NORMAL, labelcolor=style.INK,
    )  # fmt: skip
