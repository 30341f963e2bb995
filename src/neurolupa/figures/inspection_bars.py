"""Units without maps: their values as bars, beside the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_parts import chosen, picture_panel
from neurolupa.figures.inspection_words import notes_of
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking


def analysis_bars(analysis: ImageAnalysis, ranking: Ranking | None = None, lang: str = "en") -> Figure:
    """The mean activation of the ranked units as bars: all there is to show where a unit has one value.

    Where the units are the network's class scores, those of the strongest classes have their names.

    Args:
        analysis: What `neurolupa.inspect` gave.
        ranking: Its units are shown; twelve by default, by `balanced` where the site has sparsity and by mean
            elsewhere.
        lang: Of the words.

    Raises:
        UsageError: An unknown language, or a ranking without units.
    """
    ranking = chosen(analysis, ranking, 12)
    if not ranking.units:
        raise UsageError(f"the ranking by {ranking.by} holds no unit to show")
    title = text("figure.inspect.bars.title", lang, site=analysis.site.name)
    height = max(4.2, style.rows_height(len(ranking)) + 1.2)
    figure = style.new_figure(height, title, notes_of(analysis, ranking, lang))
    grid = figure.add_gridspec(1, 2, width_ratios=(2.1, 4.6))
    picture_panel(figure, grid[0], analysis, lang)
    draw_bars(figure.add_subplot(grid[1]), analysis, ranking.units, lang)
    return figure


def draw_bars(axes: Axes, analysis: ImageAnalysis, units: Sequence[int], lang: str) -> None:
    """One bar for each unit, from 0 to its mean, the first at the top."""
    values = analysis.units["mean"].to_numpy(float)[list(units)]
    labels = [style.short(value) if np.isfinite(value) else text("not_applicable", lang) for value in values]
    style.bars(axes, values, style.COLOURS["mean"], labels)
    classes = class_names(analysis)
    names = [text("figure.inspect.unit_alone", lang, unit=unit, name=classes.get(unit, "")) for unit in units]
    style.name_rows(axes, [name.strip() for name in names])
    axes.set_xlabel(text("figure.inspect.activation", lang), fontsize=style.NORMAL, color=style.INK)
    of_all = {"shown": len(units), "units": whole(len(analysis.maps), lang)}
    style.panel_title(axes, text("figure.inspect.of_all", lang, **of_all))
    style.tidy(axes)


def class_names(analysis: ImageAnalysis) -> dict[int, str]:
    """The names of the strongest classes by unit, where the site's values are the class scores themselves."""
    values = analysis.maps
    scores = [one for one in analysis.prediction if one.class_id < len(values)]
    if values[0].size != 1 or len(scores) < len(analysis.prediction):
        return {}
    same = all(np.isclose(values[one.class_id].item(), one.logit, rtol=1e-5, atol=1e-6) for one in scores)
    return {one.class_id: one.name for one in scores if one.name} if same else {}
