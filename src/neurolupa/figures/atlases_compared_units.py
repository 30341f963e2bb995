"""Units of two atlases matched by what they do, beside what chance gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.atlases_compared_words import matches_line, note_lines, source_lines
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison, UnitMatches

_HEIGHT = 4.6
_COLOUR, _NULL = "#3b528b", "#b35806"
_NARROW = 2
"""Bins of the null that one bar holds."""


def units_matched(found: AtlasComparison, site: str, lang: str = "en") -> Figure:
    """The correlations of matched units beside their null, and which unit is matched with which.

    Where unit numbers say nothing, the right side has each match with its interval, the highest first.

    Args:
        found: Of `neurolupa.compare`.
        site: Of A.
        lang: Of the words.

    Raises:
        UsageError: A site whose units were not matched, or an unknown language.
    """
    held = found.matched(site)
    names = {"a": held.site_a, "b": held.site_b}
    key = "same" if held.site_a == held.site_b else "other"
    title = text(f"compare.matched.title.{key}", lang, **names)
    note = text("compare.matched.note", lang, images=whole(held.images, lang))
    notes = (matches_line(held, lang), note, *note_lines(found, lang), *source_lines(found, lang))
    figure = style.new_figure(_HEIGHT, title, notes)
    left, right = figure.subplots(1, 2)
    _histogram(left, held, lang)
    if held.numbered_alike:
        _numbers(figure, right, held, lang)
    else:
        _ranked(right, held, lang)
    return figure


def _histogram(axes: Axes, held: UnitMatches, lang: str) -> None:
    """Matched units by r, and as a line what the same number of shuffled bests gives."""
    edges = held.null_edges[::_NARROW]
    words = text("compare.matched.units", lang)
    axes.hist(held.r, bins=edges.tolist(), color=_COLOUR, label=words)
    counts = held.null_counts.reshape(-1, _NARROW).sum(axis=1)
    if counts.sum():
        null = counts * len(held) / counts.sum()
        axes.stairs(null, edges, color=_NULL, linewidth=1.6, label=text("compare.matched.null", lang))
    style.tidy(axes, "y")
    axes.set_xlim(min(-0.05, held.r.min(initial=0.0) - 0.05), 1.02)
    axes.set_xlabel(text("compare.matched.r", lang), fontsize=style.NORMAL, color=style.INK)
    axes.set_ylabel(words, fontsize=style.NORMAL, color=style.INK)
    if len(held):
        axes.legend(fontsize=style.SMALL, frameon=False, loc="upper left", bbox_to_anchor=(0, 1.12), ncols=2)


def _numbers(figure: Figure, axes: Axes, held: UnitMatches, lang: str) -> None:
    """Unit i of A against the unit of B that it is matched with: on the line are those that kept theirs."""
    most = max(held.total_a, held.total_b)
    axes.plot([0, most - 1], [0, most - 1], **style.REFERENCE)
    above = held.above
    shown = axes.scatter(
        held.units_a, held.units_b, c=held.r, cmap=style.SEQUENTIAL, vmin=0, vmax=1, s=26, zorder=2
    )
    axes.plot(
        held.units_a[~above], held.units_b[~above], "x", color=style.MUTED, markersize=6, markeredgewidth=1
    )
    style.colour_bar(figure, shown, axes, text("compare.matched.r", lang))
    style.tidy(axes, "both")
    axes.set_xlim(-0.03 * most - 0.5, 1.03 * most)
    axes.set_ylim(-0.03 * most - 0.5, 1.03 * most)
    axes.set_xlabel(text("compare.matched.unit", lang, atlas="A"), fontsize=style.NORMAL, color=style.INK)
    axes.set_ylabel(text("compare.matched.unit", lang, atlas="B"), fontsize=style.NORMAL, color=style.INK)
    own = whole(int(held.own.sum()), lang)
    counts = {"own": own, "matched": whole(len(held), lang), "chance": f"{held.own_by_chance(len(held)):.1f}"}
    style.panel_title(axes, text("compare.matched.own", lang, **counts))


def _ranked(axes: Axes, held: UnitMatches, lang: str) -> None:
    """Each match with its interval, the highest first, over what its null passes in 5 %."""
    order = np.argsort(-held.r, kind="stable")
    places = np.arange(1, len(order) + 1)
    axes.vlines(places, held.low[order], held.high[order], color=_COLOUR, alpha=0.45, linewidth=1.2)
    axes.plot(places, held.r[order], ".", color=_COLOUR, markersize=5)
    axes.plot(places, held.bound[order], "_", color=_NULL, markersize=4)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes, "y")
    axes.set_xlabel(text("compare.matched.rank", lang), fontsize=style.NORMAL, color=style.INK)
    axes.set_ylabel(text("compare.matched.r", lang), fontsize=style.NORMAL, color=style.INK)
    style.panel_title(axes, text("compare.matched.ranked", lang))
