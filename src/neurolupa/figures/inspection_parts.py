"""The pieces of figures of one analysis: pictures, maps on one scale, its bar, lists of words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from PIL import Image

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_words import is_silent, prediction_lines, unit_title
from neurolupa.figures.overlays import MISSING, Scale, enlarged, scale_of, used
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking


def chosen(analysis: ImageAnalysis, ranking: Ranking | None, k: int) -> Ranking:
    """The ranking itself; by default `balanced`, or by mean where there is no sparsity to balance with."""
    if ranking is not None:
        return ranking
    return analysis.rank("balanced" if analysis.site.rectified else "mean", k)


def with_maps(analysis: ImageAnalysis, ranking: Ranking) -> tuple[int, ...]:
    """The ranked units, of a site that has maps.

    Raises:
        UsageError: The site has no maps, or the ranking no units.
    """
    if not analysis.spatial:
        raise UsageError(f"the units of {analysis.site.name} have no maps; analysis_bars shows their values")
    if not ranking.units:
        raise UsageError(f"the ranking by {ranking.by} holds no unit to show")
    return ranking.units


def picture_panel(figure: Figure, part: SubplotSpec, analysis: ImageAnalysis, lang: str) -> None:
    """What the network saw, and what it made of it."""
    grid = part.subgridspec(2, 1, height_ratios=(1.3, 1))
    seen = enlarged(analysis.picture.seen)
    axes = figure.add_subplot(grid[0], anchor="NW")
    show_picture(axes, seen, text("figure.inspect.seen", lang))
    word_panel(figure.add_subplot(grid[1]), prediction_lines(analysis, lang))


def shared_scale(analysis: ImageAnalysis, units: Sequence[int]) -> Scale:
    """One scale for the maps of the units, both ways from 0 where the site has values below 0."""
    signed = bool(analysis.units["min"].min() < -DEAD_THRESHOLD)
    return scale_of(analysis.maps[list(units)], signed)


def show_picture(axes: Axes, picture: Image.Image | np.ndarray, title: str = "") -> None:
    """A picture without ticks, its title above it."""
    axes.imshow(np.asarray(picture), interpolation="nearest")
    bare(axes, title)


def show_map(
    axes: Axes, values: np.ndarray, scale: Scale, palette: str, title: str = "", dead: bool = False
) -> None:
    """A map on a scale; a dead one is crossed out, so that no colour is needed to tell it."""
    low, high = _ends(scale)
    axes.imshow(values, cmap=_colours(scale, palette), vmin=low, vmax=high, interpolation="nearest")
    if dead:
        for ends in ((0, 1), (1, 0)):
            axes.plot((0, 1), ends, transform=axes.transAxes, color="white", linewidth=0.8, clip_on=True)
    bare(axes, title)


def scale_bar(figure: Figure, axes: Any, scale: Scale, palette: str, label: str) -> None:
    """The colour bar of a scale in true units, beside the axes."""
    shades = ScalarMappable(Normalize(*_ends(scale)), _colours(scale, palette))
    style.colour_bar(figure, shades, axes, label)
    if scale.high <= scale.low:
        figure.axes[-1].set_yticks([0.0], ["0"])


def show_maps(
    figure: Figure,
    panels: Sequence[Axes],
    analysis: ImageAnalysis,
    units: Sequence[int],
    scale: Scale,
    palette: str,
    lang: str,
) -> None:
    """Maps of ranked units, one a panel, and the colour bar of their scale; spare panels stay bare."""
    for axes in panels:
        bare(axes)
    for rank, (axes, unit) in enumerate(zip(panels, units, strict=False), start=1):
        words = unit_title(analysis, rank, unit, lang)
        show_map(axes, analysis.maps[unit], scale, palette, words, is_silent(analysis, unit))
    scale_bar(figure, panels, scale, palette, text("figure.inspect.activation", lang))


def bare(axes: Axes, title: str = "") -> None:
    """No ticks and no box; a small title."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if title:
        axes.set_title(title, fontsize=style.SMALL, color=style.INK, pad=3, parse_math=False)


def word_panel(axes: Axes, lines: Sequence[str], width: int = 34, top: float = 1.0) -> None:
    """Lines of words from the top down, the first one bold, long ones wrapped with an indent."""
    axes.set_axis_off()
    head, *rest = lines
    wrapped = [textwrap.fill(line, width, subsequent_indent="      ") for line in rest]
    at: dict[str, Any] = {"transform": axes.transAxes, "va": "top", "parse_math": False, "color": style.INK}
    heading = axes.text(
        0,
        top,
        textwrap.fill(head, width, break_on_hyphens=False),
        fontsize=style.NORMAL,
        fontweight="bold",
        **at,
    )
    axes.annotate(
        "\n".join(wrapped),
        (0, 0),
        xycoords=heading,
        xytext=(0, -3),
        textcoords="offset points",
        va="top",
        fontsize=style.SMALL,
        linespacing=1.35,
        color=style.INK,
        parse_math=False,
    )


def _ends(scale: Scale) -> tuple[float, float]:
    if scale.high > scale.low:
        return scale.low, scale.high
    return (-1.0, 1.0) if scale.signed else (0.0, 1.0)


def _colours(scale: Scale, palette: str) -> Colormap:
    return mpl.colormaps[used(scale, palette)].with_extremes(bad="#{:02x}{:02x}{:02x}".format(*MISSING))
