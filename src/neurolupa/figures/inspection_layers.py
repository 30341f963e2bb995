"""The same picture at several sites: what each site is, and its first maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_bars import draw_bars
from neurolupa.figures.inspection_parts import chosen, shared_scale, show_maps, word_panel
from neurolupa.figures.inspection_words import note_sentence, shape_card, wrapped
from neurolupa.figures.overlays import Scale, used
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking

_MAPS = 4
_NAME = 24


def analysis_layers(
    analyses: Sequence[ImageAnalysis],
    rankings: Sequence[Ranking] = (),
    palette: str = "viridis",
    lang: str = "en",
) -> Figure:
    """One row for each site: a card with its shape and numbers, and its first four maps on their own scale.

    Args:
        analyses: Of one picture, as `neurolupa.inspect_layers` gives them.
        rankings: One for each; by default `balanced` where the site has sparsity and by mean elsewhere.
        palette: One of `neurolupa.figures.overlays.PALETTES`.
        lang: Of the words.

    Raises:
        UsageError: No analysis, not one ranking for each, an unknown palette or language.
    """
    if not analyses or (rankings and len(rankings) != len(analyses)):
        raise UsageError("a figure of layers needs an analysis at least, and no ranking or one for each")
    used(Scale(0, 1), palette)
    ranked = rankings or [chosen(analysis, None, _MAPS) for analysis in analyses]
    facts = analyses[-1].provenance
    where = text("figure.inspect.picture", lang, model=facts.model, image=facts.image)
    notes = (where, text("figure.inspect.layers.note", lang), *wrapped(facts.one_line()))
    title = text("figure.inspect.layers.title", lang)
    figure = style.new_figure(2.05 * len(analyses) + 1.1, title, notes)
    grid = figure.add_gridspec(len(analyses), 1)
    for place, (analysis, ranking) in enumerate(zip(analyses, ranked, strict=True)):
        _row(figure, grid[place], analysis, ranking, palette, lang)
    return figure


def _row(
    figure: Figure,
    part: SubplotSpec,
    analysis: ImageAnalysis,
    ranking: Ranking,
    palette: str,
    lang: str,
) -> None:
    grid = part.subgridspec(1, _MAPS + 1, width_ratios=(1.25, *(1,) * _MAPS))
    word_panel(
        figure.add_subplot(grid[0]), [_broken(analysis.site.name), *shape_card(analysis, lang)], width=30
    )
    units = ranking.units[:_MAPS]
    if not units:
        word_panel(figure.add_subplot(grid[1:]), ["", note_sentence(ranking, lang)], width=80)
    elif not analysis.spatial:
        draw_bars(figure.add_subplot(grid[1:]), analysis, units, lang)
    else:
        scale = shared_scale(analysis, units)
        panels = [figure.add_subplot(grid[place]) for place in range(1, _MAPS + 1)]
        show_maps(figure, panels, analysis, units, scale, palette, lang)


def _broken(name: str) -> str:
    """A name with blanks to wrap it at, after its dots, where it is long.

    >>> _broken("layer1.0.relu"), _broken("features.3.expand3x3_activation")
    ('layer1.0.relu', 'features.3. expand3x3_activation')
    """
    head, dot, tail = name.rpartition(".")
    return name if len(name) <= _NAME or not dot else f"{_broken(head)}{dot} {tail}"
