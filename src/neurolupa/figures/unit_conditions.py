"""Dead, dormant, saturated and collapsed units layer by layer, and a dead filter beside a live one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.conditions import Conditions, Filter, FilterPair, FilterPart

_COLOURS = {
    "dead": style.COLOURS["range"],
    "dormant": style.COLOURS["mean"],
    "saturated": style.COLOURS["std"],
    "collapsed": style.COLOURS["sparsity"],
}
_LABEL: dict[str, Any] = {"fontsize": style.SMALL - 1, "color": style.MUTED, "va": "center"}


def unit_conditions(found: Conditions, lang: str = "en") -> Figure:
    """The share of units with each condition, layer by layer, with counts and intervals.

    A condition that has no meaning at any layer has no panel, and the notes say why.

    Args:
        found: Of `neurolupa.units.conditions.conditions`.
        lang: Of the words.
    """
    layers = found.layers()
    sites = list(dict.fromkeys(layers["site"]))
    tables = {str(name): rows.set_index("site") for name, rows in layers.groupby("condition", sort=False)}
    shown = {name: rows for name, rows in tables.items() if (rows["code"] == "OK").any()}
    notes = [*_definitions(found, tables, lang), caption(found.source, lang)]
    title = text("units.conditions.figure.title", lang)
    figure = style.new_figure(style.rows_height(len(sites)) + 2.0, title, notes)
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axes, (name, rows) in zip(panels, shown.items(), strict=True):
        style.panel_title(axes, text(f"units.conditions.{name}", lang))
        _shares(axes, rows, _COLOURS[name], lang)
        axes.set_xlabel(text("units.conditions.figure.axis", lang), fontsize=style.SMALL)
    style.name_rows(panels[0], sites)
    return figure


def _definitions(found: Conditions, tables: dict[str, pd.DataFrame], lang: str) -> list[str]:
    """What each condition means, or why it has no panel."""
    said = [
        text(f"units.conditions.{name}.definition", lang, threshold=getattr(found.thresholds, name))
        + _missing(rows, lang)
        for name, rows in tables.items()
    ]
    sampled = whole(found.sampled, lang)
    return [*said, text("units.conditions.figure.note", lang, sampled=sampled)]


def _missing(rows: pd.DataFrame, lang: str) -> str:
    codes = set(rows["code"])
    return "" if "OK" in codes else f" ({text(f'units.conditions.code.{min(codes)}', lang)})"


def _shares(axes: Axes, rows: pd.DataFrame, colour: str, lang: str) -> None:
    numbers = 100 * rows[["share", "low", "high"]].astype(float)
    at, ends = np.arange(len(rows)), numbers["high"].fillna(0).to_numpy()
    axes.barh(at, numbers["share"].fillna(0), height=0.66, color=colour)
    axes.hlines(at, numbers["low"], numbers["high"], color=style.INK, linewidth=0.8)
    for place, end in enumerate(ends):
        axes.annotate(
            _label(rows.iloc[place], lang), (end, place), xytext=(3, 0), textcoords="offset points", **_LABEL
        )
    axes.set_xlim(0, 1.45 * max(ends.max(initial=0.0), 1.0))
    style.tidy(axes)


def _label(row: pd.Series, lang: str) -> str:
    if row["code"] != "OK":
        return text("not_applicable", lang)
    counts = {name: whole(int(row[name]), lang) for name in ("count", "units")}
    return text("units.conditions.figure.bar", lang, **counts)


def filter_pair(found: FilterPair, lang: str = "en") -> Figure:
    """The filter of a unit beside a live unit's, a row for each layer that leads to the site.

    Args:
        found: Of `neurolupa.units.conditions.filter_pair`.
        lang: Of the words.
    """
    title = text("units.conditions.pair.title", lang, unit=found.unit, site=found.site, live=found.live)
    parts = found.parts
    notes = (*_pair_notes(found, lang), caption(found.source, lang))
    figure = style.new_figure(2.7 * len(parts) + 1.5, title, notes)
    panels = figure.subplots(len(parts), 3, squeeze=False, width_ratios=(1, 1, 2.1))
    for (left, middle, right), part in zip(panels, parts, strict=True):
        _kernels(figure, (left, middle), part, lang)
        _lengths(right, part, lang)
        left.set_ylabel(part.layer, fontsize=style.SMALL, color=style.INK, parse_math=False)
    return figure


def _pair_notes(found: FilterPair, lang: str) -> list[str]:
    said = [text(f"units.conditions.filter.{found.code}", lang)]
    said += [text("units.conditions.pair.after_add", lang)] * (found.link == "after_add")
    kinds = {part.on_pixels: part for part in found.parts}
    said += [text(_kind(pixels), lang, limit=_limit(part)) for pixels, part in kinds.items()]
    for part in found.parts:
        facts = {"live_units": whole(found.live_units, lang), "rank": 100 * part.rank, "layer": part.layer}
        said.append(text("units.conditions.pair.rank", lang, unit=found.unit, **facts))
    return [*said, text("units.conditions.pair.note", lang)]


def _kind(pixels: bool) -> str:
    return f"units.conditions.pair.{'rgb' if pixels else 'norm'}"


def _limit(part: FilterPart) -> float:
    return max(float(np.abs(each.weights).max(initial=0.0)) for each in (part.dead, part.live)) or 1.0


def _kernels(figure: Figure, panels: tuple[Axes, Axes], part: FilterPart, lang: str) -> None:
    """Both kernels in one scale, with their numbers below."""
    pictures = [_picture(each, part) for each in (part.dead, part.live)]
    scale: dict[str, Any] = {} if part.on_pixels else {"vmin": 0.0, "vmax": max(map(np.max, pictures)) or 1.0}
    sides = zip(panels, pictures, (part.dead, part.live), ("asked", "live"), strict=True)
    for axes, picture, each, role in sides:
        drawn = axes.imshow(picture, interpolation="nearest", cmap=style.SEQUENTIAL, **scale)
        style.panel_title(axes, text(f"units.conditions.pair.{role}", lang, unit=each.unit))
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(_numbers(each, lang), fontsize=style.SMALL - 0.5, color=style.INK, parse_math=False)
    if not part.on_pixels:
        style.colour_bar(figure, drawn, panels[1], "")


def _picture(held: Filter, part: FilterPart) -> np.ndarray:
    if part.on_pixels:
        return np.moveaxis(0.5 + 0.5 * held.weights / _limit(part), 0, -1)
    return np.sqrt((held.weights.astype(np.float64) ** 2).sum(axis=0))


def _numbers(held: Filter, lang: str) -> str:
    lengths = {"length": held.length, "folded": held.folded_length}
    shifts = {"shift": held.folded_shift, "height": held.height}
    lines = (
        text("units.conditions.pair.kernel", lang, **lengths),
        text("units.conditions.pair.shift", lang, **shifts),
    )
    return "\n".join(lines).replace("-", style.MINUS)


def _lengths(axes: Axes, part: FilterPart, lang: str) -> None:
    """Where in the input each kernel has its weight."""
    for each, role, colour in ((part.live, "live", "sparsity"), (part.dead, "asked", "range")):
        name = text(f"units.conditions.pair.{role}", lang, unit=each.unit)
        edges = np.arange(each.channels.start, each.channels.stop + 1) - 0.5
        axes.stairs(each.lengths, edges, label=name, color=style.COLOURS[colour], linewidth=1.2)
    axes.set_ylim(bottom=-0.03 * axes.get_ylim()[1])  # a kernel of nothing is still seen
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    style.tidy(axes, "y")
    style.panel_title(axes, text("units.conditions.pair.inputs", lang))
    axes.set_xlabel(text("units.conditions.pair.channel", lang), fontsize=style.SMALL)
    axes.legend(fontsize=style.SMALL - 1, frameon=False)
