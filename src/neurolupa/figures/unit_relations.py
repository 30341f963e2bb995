"""What units and layers have in common: partners of a unit, groups of a layer, layers beside layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.relations import LayerSimilarity, Partner, RedundantGroups, Relations

_NAMED = 48
"""So many units are named along a matrix."""

_DARK = 0.6
"""Below this a cell is so dark that what stands in it is white."""

_WRITTEN = 12
"""In the matrices of so many layers the numbers are written."""


def unit_relations(found: Relations, lang: str = "en") -> Figure:
    """The units most like one unit, and most unlike it, with what chance gives the best of all.

    Args:
        found: Of `neurolupa.units.relations.relations`.
        lang: Of the words.
    """
    title = text("units.relations.figure.title", lang, site=found.site, unit=found.unit)
    facts = {"compared": whole(found.compared, lang), "shuffles": whole(found.shuffles, lang)}
    notes = [text("units.relations.figure.note", lang, sampled=whole(found.sampled, lang), **facts)]
    if found.code != "OK":
        notes.insert(0, text(f"units.relations.code.{found.code}", lang))
    rows = max(len(found.similar), len(found.opposite), 1)
    figure = style.new_figure(
        style.rows_height(rows, 0.24) + 1.6, title, (*notes, caption(found.source, lang))
    )
    left, right = figure.subplots(1, 2)
    chances = (found.similar_chance, found.opposite_chance)
    sides = zip((left, right), ("similar", "opposite"), (found.similar, found.opposite), chances, strict=True)
    for axes, side, partners, chance in sides:
        style.panel_title(axes, text(f"units.relations.figure.{side}", lang))
        _partners(axes, partners, rows, lang)
        _band(axes, chance.bound if chance else 0.0)
        _limits(axes, partners, 1 if side == "similar" else -1)
    return figure


def _partners(axes: Axes, partners: tuple[Partner, ...], rows: int, lang: str) -> None:
    names = [text("units.relations.figure.unit", lang, unit=each.unit) for each in partners]
    names += [text("units.relations.figure.none", lang)] * (not names)
    at = np.arange(len(partners))
    axes.barh(at, [each.correlation for each in partners], height=0.66, color=style.COLOURS["mean"])
    low, high = [each.low for each in partners], [each.high for each in partners]
    axes.hlines(at, low, high, color=style.INK, linewidth=0.9, zorder=3)
    style.tidy(axes)
    style.name_rows(axes, names + [""] * (rows - len(names)))
    axes.set_xlabel(text("units.relations.figure.axis", lang), fontsize=style.NORMAL)


def _limits(axes: Axes, partners: tuple[Partner, ...], sign: int) -> None:
    """From 0 to 1 or -1, and as far beyond 0 as an interval reaches."""
    beyond = min([0.0, *(sign * each.low for each in partners), *(sign * each.high for each in partners)])
    near, far = sign * (beyond - 0.02), sign * 1.02
    axes.set_xlim(min(near, far), max(near, far))


def _band(axes: Axes, bound: float) -> None:
    """What chance gives, over the bars so that those inside look pale."""
    axes.axvspan(min(bound, 0.0), max(bound, 0.0), color=style.GRID, alpha=0.75, linewidth=0, zorder=2)


def unit_correlations(found: RedundantGroups, lang: str = "en") -> Figure:
    """The correlations between all units of a site, in the order of the tree, the groups framed.

    Args:
        found: Of `neurolupa.units.relations.redundant_groups`.
        lang: Of the words.
    """
    title = text("units.relations.groups.title", lang, site=found.site)
    notes = (_groups_note(found, lang), caption(found.source, lang))
    figure = style.new_figure(8.2, title, notes)
    axes = figure.subplots()
    if not len(found.units):
        axes.set_axis_off()
        return figure
    places = np.searchsorted(found.units, found.order)
    matrix = found.correlations[np.ix_(places, places)]
    drawn = axes.imshow(matrix, cmap=style.DIVERGING, vmin=-1, vmax=1, interpolation="nearest")
    style.colour_bar(figure, drawn, axes, text("units.relations.figure.axis", lang))
    for group in found.groups:
        start, size = np.flatnonzero(np.isin(found.order, group.units))[0] - 0.5, len(group.units)
        axes.add_patch(Rectangle((start, start), size, size, fill=False, edgecolor=style.INK, linewidth=0.8))
    _name_units(axes, found.order.tolist())
    axes.set_xlabel(text("units.relations.groups.axis", lang), fontsize=style.NORMAL)
    return figure


def _groups_note(found: RedundantGroups, lang: str) -> str:
    if found.code != "OK":
        return text(f"units.relations.code.{found.code}", lang)
    null = text("units.relations.groups.no_null", lang)
    if found.shuffles:
        null = text("units.relations.groups.null", lang, mean=100 * found.null_mean, p=found.p)
    shares = {"percent": 100 * found.share, "low": 100 * found.low, "high": 100 * found.high}
    counts = {name: whole(getattr(found, name), lang) for name in ("doubled", "compared", "sampled")}
    facts: dict[str, Any] = {"groups": len(found.groups), "threshold": found.threshold, "null": null}
    return text("units.relations.groups.note", lang, **facts, **shares, **counts)


def _name_units(axes: Axes, units: list[int]) -> None:
    places = range(len(units)) if len(units) <= _NAMED else range(0)
    names = [str(units[place]) for place in places]
    axes.set_xticks(places, names, rotation=90, fontsize=style.SMALL - 1)
    axes.set_yticks(places, names, fontsize=style.SMALL - 1)
    axes.tick_params(length=0)


def layer_similarity(found: LayerSimilarity, lang: str = "en") -> Figure:
    """Linear CKA between all layers, plain and debiased, and how much of each layer is doubled.

    Args:
        found: Of `neurolupa.units.relations.layer_similarity`.
        lang: Of the words.
    """
    facts = {"sampled": whole(found.sampled, lang), "threshold": found.threshold}
    notes = (text("units.relations.layers.note", lang, **facts), caption(found.source, lang))
    layers = len(found.sites)
    title = text("units.relations.layers.title", lang)
    figure = style.new_figure(float(np.clip(0.2 * layers + 2.6, 4.2, 12.0)), title, notes)
    biased, debiased, doubled = figure.subplots(1, 3, width_ratios=(1, 1, 0.62), sharey=True)
    beyond = found.p_bound <= 0.05
    _matrix(biased, found.cka, beyond)
    drawn = _matrix(debiased, found.debiased, beyond & np.isfinite(found.debiased))
    style.colour_bar(figure, drawn, [biased, debiased], "CKA")
    style.panel_title(biased, text("units.relations.layers.biased", lang))
    style.panel_title(debiased, text("units.relations.layers.debiased", lang))
    labels = [
        text(
            "units.relations.layers.bar",
            lang,
            doubled=whole(each.doubled, lang),
            compared=whole(each.compared, lang),
        )
        for each in found.doubling
    ]
    style.bars(doubled, [100 * each.share for each in found.doubling], style.COLOURS["std"], labels)
    style.tidy(doubled)
    style.panel_title(doubled, text("units.relations.layers.doubled", lang))
    numbered = [f"{name}  {place}" for place, name in enumerate(style.shorten(found.sites), start=1)]
    style.name_rows(biased, numbered)
    biased.set_ylim(layers - 0.5, -0.5)
    return figure


def _matrix(axes: Axes, values: np.ndarray, beyond: np.ndarray) -> Any:
    """One matrix from 0 to 1, with a cross where nothing beyond chance is known."""
    drawn = axes.imshow(values, cmap=style.SEQUENTIAL, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for dark, ink in ((values < _DARK, "white"), (~(values < _DARK), style.INK)):
        rows, columns = np.nonzero(~beyond & dark)
        axes.plot(columns, rows, "x", color=ink, markersize=4.5, markeredgewidth=1.0)
    places = range(0, len(values), 1 + len(values) // 20)
    axes.set_xticks(places, [str(place + 1) for place in places])
    axes.tick_params(labelsize=style.SMALL, length=0)
    if len(values) <= _WRITTEN:
        for row, column in zip(*np.nonzero(beyond), strict=True):
            _write(axes, row, column, values[row, column])
    return drawn


def _write(axes: Axes, row: int, column: int, value: float) -> None:
    ink = "white" if value < _DARK else style.INK
    words = f"{value:.2f}".replace("-", style.MINUS)
    axes.text(column, row, words, ha="center", va="center", color=ink, fontsize=style.SMALL - 1.5)
