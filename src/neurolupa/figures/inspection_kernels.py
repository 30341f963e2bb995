"""Kernels beside what they do: picture, kernels and maps of a few units; and a layer's first kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_parts import (
    chosen,
    scale_bar,
    shared_scale,
    show_map,
    show_picture,
    with_maps,
)
from neurolupa.figures.inspection_words import is_silent, notes_of, unit_name, unit_values
from neurolupa.figures.overlays import Scale, enlarged, outline, scale_of
from neurolupa.figures.weights import kernels as draw_kernels
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking
    from neurolupa.inspection.kernels import Kernel

_MOST = 8
_FEWEST_COLUMNS = 5


def layer_kernels(kernels: Sequence[Kernel], lang: str = "en") -> Figure:
    """The kernels of a layer's first units, without any picture.

    Args:
        kernels: As `neurolupa.inspection.first_kernels` gives them.
        lang: Of the words.

    Raises:
        UsageError: The site has no kernels, or an unknown language.
    """
    if not kernels or not kernels[0].weights.size:
        raise UsageError("there is no kernel to draw: no convolution or linear layer leads to this site")
    first = kernels[0]
    weight = np.stack([kernel.weights for kernel in kernels])
    on_pixels = first.code != "not_on_pixels"
    return draw_kernels(weight, len(kernels), first.layer or "", lang, first.units, on_pixels)


def analysis_kernels(
    analysis: ImageAnalysis,
    kernels: Sequence[Kernel],
    ranking: Ranking | None = None,
    palette: str = "viridis",
    lang: str = "en",
) -> Figure:
    """Three rows: what the unit's strongest position sees, the unit's kernel, the unit's map.

    Kernels that look at the picture are in true colours, the others show their norm at each position and name
    the inputs with the largest norms. Where no layer leads to the site there are two rows.

    Args:
        analysis: What `neurolupa.inspect` gave.
        kernels: Those of the ranked units, in that order, from `neurolupa.inspection.kernels.kernels_of`.
        ranking: Its first eight units are shown; the default has six, chosen as for `analysis_overview`.
        palette: One of `neurolupa.figures.overlays.PALETTES`.
        lang: Of the words.

    Raises:
        UsageError: Not a kernel for each unit, units without maps, no units, an unknown palette or language.
    """
    ranking = chosen(analysis, ranking, 6)
    units = with_maps(analysis, ranking)
    if tuple(kernel.unit for kernel in kernels) != units:
        raise UsageError("the kernels are not those of the ranked units, in that order")
    shown, kernels = units[:_MOST], kernels[:_MOST]
    rows = 3 if kernels[0].weights.size else 2
    columns = max(len(shown), _FEWEST_COLUMNS)
    title = text("figure.inspect.kernels.title", lang, site=analysis.site.name)
    notes = notes_of(analysis, ranking, lang, *_told(kernels, len(units), lang))
    figure = style.new_figure(rows * (8.3 / columns + 0.3) + 1.2, title, notes)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels[:, len(shown) :].flat:
        axes.set_axis_off()
    _draw_fields(panels[0], analysis, shown, lang)
    if rows == 3:
        _draw_kernels(figure, panels[1], kernels, palette, lang)
    _draw_maps(figure, panels[-1], analysis, shown, palette, lang)
    return figure


def _draw_fields(panels: np.ndarray, analysis: ImageAnalysis, units: Sequence[int], lang: str) -> None:
    """The picture once for each unit, with the box that its strongest position sees."""
    seen = analysis.picture.seen
    for rank, (axes, unit) in enumerate(zip(panels, units, strict=False), start=1):
        box = None if is_silent(analysis, unit) else analysis.field_of(*analysis.peak(unit))
        boxes = [] if box is None else [(1, box)]
        show_picture(
            axes, outline(enlarged(seen), boxes, seen.size, badges=False), unit_name(rank, unit, lang)
        )
    _name_row(panels[0], "row.picture", lang)


def _draw_kernels(
    figure: Figure, panels: np.ndarray, kernels: Sequence[Kernel], palette: str, lang: str
) -> None:
    limit = _limit(kernels)
    norms = [np.sqrt((kernel.weights.astype(float) ** 2).sum(axis=0)) for kernel in kernels]
    scale = scale_of(np.stack(norms))
    for axes, kernel, norm in zip(panels, kernels, norms, strict=False):
        colours = kernel.colours(limit)
        if colours is not None:
            show_picture(axes, colours)
            continue
        show_map(axes, norm, scale, palette)
        strongest = ", ".join(str(channel) for channel, _ in kernel.strongest(3))
        _say_below(axes, text("figure.inspect.strongest", lang, channels=strongest))
    if kernels[0].code is not None:
        scale_bar(figure, panels, scale, palette, text("kernels.length", lang))
    _name_row(panels[0], "row.kernel", lang)


def _draw_maps(
    figure: Figure,
    panels: np.ndarray,
    analysis: ImageAnalysis,
    units: Sequence[int],
    palette: str,
    lang: str,
) -> None:
    scale: Scale = shared_scale(analysis, units)
    for axes, unit in zip(panels, units, strict=False):
        show_map(axes, analysis.maps[unit], scale, palette, dead=is_silent(analysis, unit))
        _say_below(axes, unit_values(analysis, unit, lang))
    scale_bar(figure, panels, scale, palette, text("figure.inspect.activation", lang))
    _name_row(panels[0], "row.map", lang)


def _told(kernels: Sequence[Kernel], units: int, lang: str) -> list[str]:
    """What the figure's foot says about the kernels."""
    first = kernels[0]
    facts = {"layer": first.layer, "rows": first.size[0], "columns": first.size[1], "limit": _limit(kernels)}
    code = "rgb" if first.code is None else "norm"
    lines = [text("figure.inspect.kernels.boxes", lang)]
    if first.weights.size:
        lines.append(text(f"figure.inspect.kernels.{code}", lang, **facts))
    if first.code is not None:
        counts = {"in_channels": whole(first.in_channels, lang), "groups": whole(first.groups, lang)}
        lines.append(text(f"inspection.kernel.{first.code}", lang, **counts))
    if units > len(kernels):
        lines.append(text("figure.inspect.kernels.only", lang, shown=len(kernels), units=units))
    return lines


def _limit(kernels: Sequence[Kernel]) -> float:
    return max((float(np.abs(kernel.weights).max(initial=0.0)) for kernel in kernels), default=0.0) or 1.0


def _say_below(axes: Axes, words: str) -> None:
    axes.set_xlabel(words, fontsize=style.SMALL - 0.5, color=style.INK, labelpad=3, parse_math=False)


def _name_row(axes: Axes, code: str, lang: str) -> None:
    axes.set_ylabel(text(f"figure.inspect.{code}", lang), fontsize=style.SMALL, color=style.MUTED)
