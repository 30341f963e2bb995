"""How the values of chosen layers are distributed, drawn from their sketches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from neurolupa.atlas.captions import caption
from neurolupa.atlas.checks import shown
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas, Sketch

_SHOWN = 6
_BINS = 100
_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


def distributions(atlas: Atlas, sites: Sequence[str] | str | None = None, lang: str = "en") -> Figure:
    """A histogram with logarithmic counts and a box plot of each layer: six spread over the depth by default.

    Boxes end at 25 and 75 %, whiskers at 1 and 99 %; dots are the extremes. Raises UsageError for an unknown
    site and for no site at all.
    """
    chosen = _spread(atlas.sites) if sites is None else _named(atlas, sites)
    sketches = [atlas.sketch(site) for site in chosen]
    part = len(chosen) < len(atlas.sites)
    title = text(
        f"distributions.{'some' if part else 'title'}", lang, shown=len(chosen), total=len(atlas.sites)
    )
    notes = (text("distributions.note", lang), _thinned(sketches, lang), caption(atlas.source, lang))
    figure = style.new_figure(1.35 * len(chosen) + 1.5, title, notes)
    panels = figure.subplots(len(chosen), 2, squeeze=False, width_ratios=(3, 2), sharex="row")
    for (left, right), sketch, colour in zip(panels, sketches, style.shades(len(chosen)), strict=True):
        _draw(left, right, sketch, colour, lang)
    for axes in panels[-1]:
        axes.set_xlabel(text("distributions.value", lang), fontsize=style.NORMAL)
    return figure


def _named(atlas: Atlas, sites: Sequence[str] | str) -> list[str]:
    if not isinstance(sites, str | Iterable):
        raise UsageError(f"distributions are of one or more sites, not {shown(sites)}")
    names = [atlas.site(site) for site in ([sites] if isinstance(sites, str) else sites)]
    if not names:
        raise UsageError("distributions are of one or more sites; none was named")
    return names


def _spread(sites: Sequence[str]) -> list[str]:
    """At most six of the sites, evenly over the depth, the first and the last among them."""
    places = np.linspace(0, len(sites) - 1, min(_SHOWN, len(sites)))
    return [sites[round(place)] for place in places]


def _thinned(sketches: Sequence[Sketch], lang: str) -> str:
    sparse = [sketch.site for sketch in sketches if sketch.thinning > 1]
    return text("distributions.thinned", lang, sites=", ".join(sparse)) if sparse else ""


def _draw(left: Axes, right: Axes, sketch: Sketch, colour: np.ndarray, lang: str) -> None:
    for axes in (left, right):
        style.tidy(axes)
    style.panel_title(left, sketch.site)
    low, high = float(sketch.layer["min"]), float(sketch.layer["max"])
    if not np.isfinite([low, high]).all():
        left.text(0.5, 0.5, text("distributions.nothing", lang), transform=left.transAxes, ha="center")
        return
    _histogram(left, sketch, low, high, colour, lang)
    _box(right, sketch, low, high, colour)


def _histogram(axes: Axes, sketch: Sketch, low: float, high: float, colour: np.ndarray, lang: str) -> None:
    edges = np.linspace(low, high, _BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
    axes.stairs(sketch.histogram(edges), edges, fill=True, baseline=0.5, color=colour)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.5)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel(text("distributions.count", lang), fontsize=style.SMALL)
    zeros = float(sketch.layer["sparsity_%"])
    if not np.isnan(zeros):
        words = text("distributions.zeros", lang, zeros=zeros)
        axes.text(0.99, 0.94, words, transform=axes.transAxes, ha="right", va="top", fontsize=style.SMALL)


def _box(axes: Axes, sketch: Sketch, low: float, high: float, colour: np.ndarray) -> None:
    names = ("whislo", "q1", "med", "q3", "whishi")
    stats = dict(zip(names, sketch.quantile(_QUANTILES), strict=True)) | {"fliers": [low, high]}
    line = {"color": style.INK, "linewidth": 1.0}
    axes.bxp(
        [stats],
        orientation="horizontal",
        widths=0.45,
        patch_artist=True,
        boxprops={"facecolor": (*colour[:3], 0.55), "edgecolor": style.INK, "linewidth": 0.8},
        medianprops={"color": style.INK, "linewidth": 1.8},
        whiskerprops=line,
        capprops=line,
        flierprops={
            "marker": ".",
            "markersize": 4,
            "markerfacecolor": style.MUTED,
            "markeredgecolor": style.MUTED,
        },
    )
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
