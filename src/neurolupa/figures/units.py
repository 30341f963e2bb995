"""Every unit of a layer on the first sampled images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurolupa.atlas.captions import caption
from neurolupa.atlas.checks import whole_number
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas

_CLIP = 0.995
_SHARP = 1200
"""With more rows than the page has pixels for, neighbours are averaged instead of left out."""


def unit_heat_map(atlas: Atlas, site: str, images: int = 50, lang: str = "en") -> Figure:
    """Units by images: each cell the spatial mean of a unit on an image, in one true scale for all.

    The first `images` sampled images by index are shown. Raises UsageError for an unknown site.
    """
    images = whole_number("images", images, 1)
    samples = atlas.samples(site)
    first = np.argsort(samples.images, kind="stable")[:images]
    table, indices = np.asarray(samples.mean[first]).T, np.asarray(samples.images)[first]
    counts = {"shown": len(first), "sampled": whole(len(samples.images), lang)}
    scale, peak, extend = colour_scale(table)
    clipped = text("unit_heat_map.clipped", lang, peak=peak) if extend != "neither" else ""
    notes = (f"{text('unit_heat_map.note', lang, **counts)} {clipped}", caption(atlas.source, lang))
    title = text("unit_heat_map.title", lang, site=atlas.site(site), **counts)
    figure = style.new_figure(float(np.clip(0.035 * len(table) + 2.6, 4.0, 10.0)), title, notes)
    axes = figure.subplots()
    smooth = "nearest" if len(table) <= _SHARP else "auto"
    drawn = axes.imshow(table, aspect="auto", interpolation=smooth, **scale)
    style.colour_bar(figure, drawn, axes, text("unit_heat_map.scale", lang), extend)
    _name_axes(axes, indices, lang)
    return figure


def colour_scale(table: np.ndarray) -> tuple[dict[str, Any], float, str]:
    """The colour scale, the largest value, and at which end the scale is cut short.

    Values of one sign run from 0 along viridis; values of both signs run either way from a pale 0.
    """
    finite = table[np.isfinite(table)]
    if not finite.size:
        return {"cmap": style.SEQUENTIAL, "vmin": 0.0, "vmax": 1.0}, 0.0, "neither"
    peak = float(finite[np.abs(finite).argmax()])
    limit = float(np.quantile(np.abs(finite), _CLIP)) or abs(peak) or 1.0
    short = abs(peak) > limit
    if finite.min() >= 0:
        return {"cmap": style.SEQUENTIAL, "vmin": 0.0, "vmax": limit}, peak, "max" if short else "neither"
    return {"cmap": style.DIVERGING, "vmin": -limit, "vmax": limit}, peak, "both" if short else "neither"


def _name_axes(axes: Any, indices: np.ndarray, lang: str) -> None:
    step = max(1, len(indices) // 25)
    places = range(0, len(indices), step)
    axes.set_xticks(list(places), [str(indices[place]) for place in places], rotation=90)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=16))
    axes.tick_params(labelsize=style.SMALL, length=2.5)
    axes.set_xlabel(text("unit_heat_map.image", lang), fontsize=style.NORMAL)
    axes.set_ylabel(text("unit_heat_map.unit", lang), fontsize=style.NORMAL)
