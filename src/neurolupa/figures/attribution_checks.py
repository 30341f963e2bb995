"""Whether a map deserves trust: the cascade of random layers, and deletion and insertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurolupa.figures import style
from neurolupa.figures.attribution import scale_of_map
from neurolupa.figures.attribution_words import attribution_title, deletion_lines, verdict_line
from neurolupa.figures.inspection_parts import show_map
from neurolupa.figures.overlays import Scale
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.attribution import DeletionInsertion, SanityCheck
    from neurolupa.attribution.checking.deleting import Curve

_COLOURS = {"rank": "#3b528b", "signed_rank": "#c2410c", "structure": "#21868d", "outlines": "#8e5ba6"}
_MARKS = {"rank": "o", "signed_rank": "s", "structure": "^", "outlines": "D"}
_MAPS = 8


def sanity(check: SanityCheck, lang: str = "en", palette: str = "viridis") -> Figure:
    """The map beside those of the network as it forgets, and how alike they are, with 95 % intervals.

    Args:
        check: Of `neurolupa.sanity_check`.
        lang: Of the words.
        palette: Of maps without a sign.

    Raises:
        UsageError: An unknown language or palette.
    """
    from neurolupa.attribution.checking.sanity import INSENSITIVE_FROM

    found = check.attribution
    blank = text("attribution.blank", lang, counts=", ".join(map(str, check.blank)))
    notes = (verdict_line(check, lang), text("attribution.cascade", lang, threshold=INSENSITIVE_FROM), blank)
    title = text("attribution.sanity", lang, what=attribution_title(found, lang))
    figure = style.new_figure(6.6, title, (*notes, found.provenance.one_line()))
    rows = figure.add_gridspec(2, 1, height_ratios=(1, 2.4))
    shown = np.unique(np.linspace(0, len(check.stages) - 1, min(_MAPS, len(check.stages))).astype(int))
    grid = rows[0].subgridspec(1, len(shown) + 1)
    axes = figure.add_subplot(grid[0])
    words = text("attribution.trained", lang)
    show_map(axes, found.map, scale_of_map(found), palette, words, dead=not found.orders_pixels)
    for place, stage in enumerate(shown, start=1):
        axes = figure.add_subplot(grid[place])
        own = check.maps[stage]
        words = text("attribution.random", lang, count=check.layers[stage])
        show_map(axes, own, _scale(own, found.signed), palette, words, dead=bool(np.ptp(own) == 0))
    _curves(figure.add_subplot(rows[1]), check, INSENSITIVE_FROM, lang)
    return figure


def deletion_insertion(found: DeletionInsertion, lang: str = "en") -> Figure:
    """The class's probability as marked pixels are deleted and inserted, and areas beside moved maps'.

    Raises:
        UsageError: An unknown language.
    """
    title = text("attribution.deleting", lang, what=attribution_title(found.attribution, lang))
    notes = (*deletion_lines(found, lang), text("attribution.deleting_note", lang))
    figure = style.new_figure(5.2, title, (*notes, found.attribution.provenance.one_line()))
    heights = {"height_ratios": (3, 1)}
    above, below = figure.subplots(2, 2, sharex="row", sharey="row", gridspec_kw=heights)
    both = {"deletion": found.deletion, "insertion": found.insertion}
    for falling, areas, (name, curve) in zip(above, below, both.items(), strict=True):
        _falling(falling, found.shares, curve, name, lang)
        _areas(areas, curve, lang)
    above[0].set_ylabel(text("attribution.probability", lang), fontsize=style.SMALL)
    below[0].set_ylabel(text("attribution.moved", lang), fontsize=style.SMALL)
    return figure


def _scale(values: np.ndarray, signed: bool) -> Scale:
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max(initial=0.0))
    return Scale(-limit if signed else 0.0, limit, signed)


def _curves(axes: Axes, check: SanityCheck, threshold: float, lang: str) -> None:
    for name in check.similarity:
        if name == "signed_rank" and not check.attribution.signed:
            continue  # the same as the rank correlation of sizes
        colour, mean = _COLOURS.get(name, style.INK), check.mean(name)
        low, high = check.interval(name)
        known = np.isfinite(mean)
        places = np.array(check.layers)[known]
        words = text(f"attribution.measure.{name}", lang)
        axes.plot(places, mean[known], color=colour, marker=_MARKS.get(name, "o"), markersize=4, label=words)
        if name == "rank":
            axes.fill_between(places, low[known], high[known], color=colour, alpha=0.15, linewidth=0)
        if np.isfinite(check.edges[name]):
            axes.axhline(check.edges[name], color=colour, linewidth=0.9, linestyle=":")
    axes.axhline(threshold, **style.REFERENCE)
    for stage in {check.half, len(check.layers) - 1}:
        axes.axvline(check.layers[stage], color=style.GRID, linewidth=0.8, zorder=0)
    axes.set_xlim(0, 1.02 * check.layers[-1])
    axes.set_ylim(-0.6, 1.05)
    axes.set_xlabel(text("attribution.random_layers", lang, layers=check.layers[-1]), fontsize=style.SMALL)
    axes.set_ylabel(text("attribution.alike", lang), fontsize=style.SMALL)
    style.tidy(axes, "y")
    axes.legend(fontsize=style.SMALL, frameon=False, ncols=4, loc="lower left")


def _falling(axes: Axes, shares: np.ndarray, curve: Curve, name: str, lang: str) -> None:
    axes.plot(100 * shares, curve.probability, color="#3b528b", marker="o", markersize=3)
    axes.fill_between(100 * shares, 0, curve.probability, color="#3b528b", alpha=0.12, linewidth=0)
    axes.set_xlabel(text(f"attribution.{name}_share", lang), fontsize=style.SMALL)
    axes.set_ylim(0, 1.02)
    style.tidy(axes, "both")


def _areas(axes: Axes, curve: Curve, lang: str) -> None:
    axes.hist(curve.null, bins=[place / 40 for place in range(41)], color="#c3cbdd")
    axes.axvline(curve.area, color="#c2410c", linewidth=1.6)
    axes.set_xlim(0, 1)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_xlabel(text("attribution.areas", lang, area=curve.area), fontsize=style.SMALL)
    style.tidy(axes, "both")
