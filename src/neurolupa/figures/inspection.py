"""One picture at one site: the picture with the units' maps, and the maps laid over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from neurolupa.figures import style
from neurolupa.figures.inspection_bars import draw_bars
from neurolupa.figures.inspection_parts import (
    chosen,
    picture_panel,
    scale_bar,
    shared_scale,
    show_maps,
    show_picture,
    with_maps,
    word_panel,
)
from neurolupa.figures.inspection_words import note_sentence, notes_of, unit_title
from neurolupa.figures.overlays import checked_opacity, overlay, used
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking

_COLUMNS = 4
_OVER = 3
_SHARP = 448
"""Pixels of an overlay's long side: what a third of a page shows."""


def analysis_overview(
    analysis: ImageAnalysis, ranking: Ranking | None = None, palette: str = "viridis", lang: str = "en"
) -> Figure:
    """The picture as the network saw it, the prediction, and the maps of the ranked units on one scale.

    Where the units have no maps their values are bars; where the ranking is empty the reason stands there.

    Args:
        analysis: What `neurolupa.inspect` gave.
        ranking: Its units are shown, the best first; twelve by default, by `balanced` where the site has
            sparsity and by mean elsewhere.
        palette: One of `neurolupa.figures.overlays.PALETTES`.
        lang: Of the words.

    Raises:
        UsageError: An unknown palette or language.
    """
    ranking = chosen(analysis, ranking, 12)
    rows = max(2, -(-len(ranking) // _COLUMNS))
    title = text("figure.inspect.overview.title", lang, site=analysis.site.name)
    figure = style.new_figure(1.72 * rows + 1.15, title, notes_of(analysis, ranking, lang, _scaled(lang)))
    grid = figure.add_gridspec(1, 2, width_ratios=(2.1, 4.6))
    picture_panel(figure, grid[0], analysis, lang)
    _fill(figure, grid[1], analysis, ranking, palette, lang, rows)
    return figure


def analysis_overlays(
    analysis: ImageAnalysis,
    ranking: Ranking | None = None,
    palette: str = "viridis",
    opacity: float = 0.5,
    lang: str = "en",
) -> Figure:
    """The maps of the ranked units over the picture, three in a row, on one scale.

    Args:
        analysis: What `neurolupa.inspect` gave.
        ranking: Its units are shown; six by default, chosen as for `analysis_overview`.
        palette: One of `neurolupa.figures.overlays.PALETTES`.
        opacity: Of the maps, 0 to 1.
        lang: Of the words.

    Raises:
        UsageError: An unknown palette or language, an opacity outside 0..1, units without maps, no units.
    """
    ranking = chosen(analysis, ranking, 6)
    units, strength = with_maps(analysis, ranking), checked_opacity(opacity)
    scale, rows = shared_scale(analysis, units), -(-len(units) // _OVER)
    title = text("figure.inspect.overlays.title", lang, site=analysis.site.name)
    more = text("figure.inspect.opacity", lang, opacity=strength)
    figure = style.new_figure(
        3.3 * rows + 1.15, title, notes_of(analysis, ranking, lang, _scaled(lang), more)
    )
    panels = figure.subplots(rows, _OVER, squeeze=False)
    for axes in panels.flat[len(units) :]:
        axes.set_axis_off()
    for rank, (axes, unit) in enumerate(zip(panels.flat, units, strict=False), start=1):
        mixed = overlay(analysis.picture.seen, analysis.maps[unit], scale, palette, strength, _SHARP)
        show_picture(axes, mixed, unit_title(analysis, rank, unit, lang))
    scale_bar(figure, panels, scale, palette, text("figure.inspect.activation", lang))
    return figure


def _scaled(lang: str) -> str:
    return text("figure.inspect.one_scale", lang)


def _fill(
    figure: Figure,
    part: SubplotSpec,
    analysis: ImageAnalysis,
    ranking: Ranking,
    palette: str,
    lang: str,
    rows: int,
) -> None:
    """The right part of the overview: maps, bars, or why there are none."""
    units = ranking.units
    scale = shared_scale(analysis, units)
    used(scale, palette)
    if not units:
        word_panel(figure.add_subplot(part), [note_sentence(ranking, lang)], width=64)
    elif not analysis.spatial:
        draw_bars(figure.add_subplot(part), analysis, units, lang)
    else:
        grid = part.subgridspec(rows, _COLUMNS)
        panels = [figure.add_subplot(grid[place]) for place in range(rows * _COLUMNS)]
        show_maps(figure, panels, analysis, units, scale, palette, lang)
