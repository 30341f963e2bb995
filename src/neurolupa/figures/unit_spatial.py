"""Where in the picture one unit answers: its mean map, its halves, and how often each is the greater."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.spatial import SpatialBias
    from neurolupa.units.spatial.result import Half

_LINE: dict[str, Any] = {"color": "white", "linewidth": 1.0, "linestyle": "--"}
_DARK: list[AbstractPathEffect] = [withStroke(linewidth=2.4, foreground="black")]
_REACH = 1.959964


def spatial_bias(found: SpatialBias, lang: str = "en") -> Figure:
    """The mean map with its centre of mass; the mean of each half; how often each half is the greater."""
    title = text("spatial_bias.title", lang, unit=found.unit, site=found.site)
    equal = {"horizontal": whole(found.horizontal.ties, lang), "vertical": whole(found.vertical.ties, lang)}
    note = f"{text('spatial_bias.note', lang)} {text('spatial_bias.ties', lang, **equal)}."
    figure = style.new_figure(4.0, title, (note, caption(found.source, lang)))
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    _map(left, found, lang)
    halves = [
        half for contrast in (found.horizontal, found.vertical) for half in (contrast.first, contrast.second)
    ]
    names = [text(f"side.{half.name}", lang) for half in halves]
    _means(middle, halves, found.images)
    style.panel_title(middle, text("spatial_bias.halves", lang))
    style.name_rows(middle, names)
    _counts(right, halves)
    style.panel_title(right, text("spatial_bias.dominates", lang))
    style.name_rows(right, names)
    return figure


def _map(axes: Axes, found: SpatialBias, lang: str) -> None:
    values = found.mean_map
    size = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    signed = bool((values < 0).any())
    scale = {"vmin": -size, "vmax": size, "cmap": style.DIVERGING} if signed else {"vmin": 0, "vmax": size}
    drawn = axes.imshow(values, interpolation="nearest", **({"cmap": style.SEQUENTIAL} | scale))
    style.colour_bar(axes.figure, drawn, axes, "")  # type: ignore[arg-type]
    style.panel_title(axes, text("spatial_bias.map", lang))
    height, width = values.shape
    for line in (axes.axhline(height / 2 - 0.5, **_LINE), axes.axvline(width / 2 - 0.5, **_LINE)):
        line.set_path_effects(_DARK)
    row, column = found.centre
    if np.isfinite([row, column]).all():
        at = (column * width - 0.5, row * height - 0.5)
        axes.plot(*at, "+", color="white", markersize=12, markeredgewidth=2, path_effects=_DARK)
    axes.set_xticks([])
    axes.set_yticks([])


def _means(axes: Axes, halves: list[Half], images: int) -> None:
    at = np.arange(len(halves))
    means = np.array([half.mean for half in halves])
    reach = _REACH * np.array([half.std for half in halves]) / np.sqrt(max(images - 1, 1))
    axes.barh(at, np.nan_to_num(means), height=0.72, color=style.COLOURS["mean"])
    axes.hlines(at, means - reach, means + reach, color=style.INK, linewidth=0.9)
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes)


def _counts(axes: Axes, halves: list[Half]) -> None:
    labels = [f"{half.dominates} ({100 * half.share:.0f} %)" for half in halves]
    style.bars(axes, [half.dominates for half in halves], style.COLOURS["sparsity"], labels)
    axes.set_xlim(0, 1.5 * max(1, *(half.dominates for half in halves)))
    style.tidy(axes)
