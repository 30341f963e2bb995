"""One attribution: the picture, the map over it and alone, and the units for and against the class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.attribution_words import (
    attribution_lines,
    attribution_title,
    class_words,
    method_words,
    unit_words,
)
from neurolupa.figures.inspection_parts import scale_bar, show_map, show_picture
from neurolupa.figures.overlays import Scale, enlarged, overlay
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.attribution import Attribution

_FOR, _AGAINST = "#3b528b", "#c2410c"
_FULL = 0.995
"""The share of a fine map's values that stay below full colour: single pixels would turn the rest pale."""
_UNITS = 6


def scale_of_map(found: Attribution) -> Scale:
    """From 0, or from as far below 0, to the largest value of a map; of maps of pixels to nearly that."""
    sizes = np.abs(found.map[np.isfinite(found.map)])
    fine = found.map.shape == found.overlay.shape and found.map.size > 1024
    limit = float(np.quantile(sizes, _FULL) if fine and sizes.size else sizes.max(initial=0.0))
    return Scale(-limit if found.signed else 0.0, limit, found.signed)


def attribution(found: Attribution, lang: str = "en", palette: str = "viridis") -> Figure:
    """The picture, the map over it and alone in true units, and for a site the units behind it.

    Args:
        found: Of `neurolupa.attribute`.
        lang: Of the words.
        palette: Of maps without a sign; signed ones are pale at 0.

    Raises:
        UsageError: An unknown language or palette.
    """
    notes = (*attribution_lines(found, lang), found.provenance.one_line())
    wide = found.units is not None
    figure = style.new_figure(4.4 + 0.12 * len(notes), attribution_title(found, lang), notes)
    panels = figure.subplots(1, 4 if wide else 3, width_ratios=(1, 1, 1, 1.1) if wide else (1, 1, 1))
    scale = scale_of_map(found)
    seen = found.picture.seen
    show_picture(panels[0], enlarged(seen), text("figure.inspect.seen", lang))
    mixed = overlay(seen, found.map, scale, palette, 0.6)
    show_picture(panels[1], mixed, text("attribution.over", lang))
    height, width = found.map.shape
    show_map(
        panels[2], found.map, scale, palette, text("attribution.alone", lang, rows=height, columns=width)
    )
    scale_bar(figure, panels[2], scale, palette, unit_words(found.method, lang))
    if wide:
        _units(panels[3], found, lang)
    return figure


def attributions(found: Sequence[Attribution], lang: str = "en", palette: str = "viridis") -> Figure:
    """The same picture by several methods, side by side, each map on its own scale in true units.

    Raises:
        UsageError: None, or of several pictures or classes.
    """
    if not found:
        raise UsageError("no attribution to show")
    if len({(one.provenance.image_digest, one.target.class_id) for one in found}) > 1:
        raise UsageError("methods are shown side by side for one picture and one class")
    columns = min(4, len(found) + 1)
    rows = -(-(len(found) + 1) // columns)
    title = text("attribution.several", lang, name=class_words(found[0].target, lang))
    figure = style.new_figure(0.9 + 2.35 * rows, title, (found[0].provenance.one_line(),))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    show_picture(panels[0], enlarged(found[0].picture.seen), text("figure.inspect.seen", lang))
    for axes, one in zip(panels[1:], found, strict=False):
        axes.set_axis_on()
        scale = scale_of_map(one)
        mixed = overlay(one.picture.seen, one.map, scale, palette, 0.7)
        show_picture(axes, mixed, _labelled(one, lang))
        scale_bar(figure, axes, scale, palette, "")
    return figure


def _labelled(one: Attribution, lang: str) -> str:
    name = method_words(one.method, lang)
    return f"{name} · {one.site.name}" if one.site else name


def _units(axes: Axes, found: Attribution, lang: str) -> None:
    """The largest contributions for and against the class."""
    table = found.to_frame()
    table = table[table["contribution"] != 0]
    largest = table.reindex(table["contribution"].abs().sort_values(ascending=False, kind="stable").index)
    shown = largest.head(2 * _UNITS).sort_values("contribution", ascending=False, kind="stable")
    colours = np.where(shown["contribution"] > 0, _FOR, _AGAINST)
    axes.barh(range(len(shown)), shown["contribution"], color=colours, height=0.7)
    axes.set_yticks(range(len(shown)), [str(unit) for unit in shown["unit"]], fontsize=style.SMALL)
    axes.invert_yaxis()
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes)
    style.panel_title(axes, text("attribution.contributions", lang))
    axes.set_xlabel(text("attribution.contribution", lang), fontsize=style.SMALL)
