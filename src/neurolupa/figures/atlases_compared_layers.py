"""The layers of one atlas against those of another: how alike they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.atlases_compared_words import source_lines, two
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.atlases import AtlasComparison, CrossSimilarity

_WRITTEN = 18
"""In a matrix of so many columns the numbers are written."""

_DARK = 0.6
_ROW, _ROOM = 0.27, 3.4
_MISSING = "#bdbdbd"


def cka_compared(found: AtlasComparison, lang: str = "en") -> Figure:
    """Debiased linear CKA between each layer of A (down) and each of B (across).

    Framed are sites of the same name; a cross is where linear CKA is not beyond what shuffled pictures give.

    Args:
        found: Of `neurolupa.compare`.
        lang: Of the words.

    Raises:
        UsageError: There is no picture in common, or an unknown language.
    """
    held = found.similarity
    if held is None:
        raise UsageError("there is no picture in common, and so no CKA to draw")
    note = text("compare.cka.note", lang, images=whole(held.images, lang))
    height = float(np.clip(_ROOM + _ROW * len(held.sites_a), 4.4, 24.0))
    figure = style.new_figure(height, text("compare.cka.title", lang), (note, *source_lines(found, lang)))
    axes = figure.subplots()
    axes.set_facecolor(_MISSING)
    drawn = axes.imshow(
        np.ma.masked_invalid(held.debiased), cmap=style.SEQUENTIAL, vmin=0, vmax=1, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    style.colour_bar(figure, drawn, axes, text("compare.cka.scale", lang), extend="min")
    _cells(axes, held)
    _frames(axes, held)
    _name(axes, held, lang)
    return figure


def _cells(axes: Axes, held: CrossSimilarity) -> None:
    """The numbers, or of a large matrix crosses alone; a cross where chance may give as much."""
    written = len(held.sites_b) <= _WRITTEN
    for place, value in np.ndenumerate(held.debiased):
        if np.isnan(value):
            continue
        ink = "white" if value < _DARK else style.INK
        if not held.p_bound[place] <= 0.05:
            axes.plot(place[1], place[0], "x", color=ink, markersize=4.5, markeredgewidth=1.0)
        elif written:
            axes.text(
                place[1], place[0], two(value), ha="center", va="center", color=ink, fontsize=style.SMALL - 1
            )


def _frames(axes: Axes, held: CrossSimilarity) -> None:
    for row, site in enumerate(held.sites_a):
        if site in held.sites_b:
            corner = (held.sites_b.index(site) - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="#d7301f", linewidth=1.6))


def _name(axes: Axes, held: CrossSimilarity, lang: str) -> None:
    rows, columns = (style.shorten(names) for names in (held.sites_a, held.sites_b))
    axes.set_yticks(range(len(rows)), rows, fontsize=style.SMALL, parse_math=False)
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=style.SMALL, parse_math=False)
    axes.tick_params(length=0, colors=style.INK)
    axes.set_ylabel(text("compare.cka.axis", lang, atlas="A"), fontsize=style.NORMAL, color=style.INK)
    axes.set_xlabel(text("compare.cka.axis", lang, atlas="B"), fontsize=style.NORMAL, color=style.INK)
    axes.spines[:].set_visible(False)
