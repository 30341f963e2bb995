"""Synthetic pictures: all of them side by side, and one beside the natural pictures that drive its unit."""

from __future__ import annotations

import re
import textwrap
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from PIL import Image

from neurolupa.atlas.captions import caption
from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_parts import bare, show_picture, word_panel
from neurolupa.figures.synthesis_words import (
    activation_words,
    caution,
    drives_mean,
    quality_lines,
    source_line,
    state_words,
    target_words,
)
from neurolupa.figures.unit_exemplars import exemplar_panel
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas
    from neurolupa.synthesis import Synthesis
    from neurolupa.units.exemplars import Exemplars

_GAP, _LINE = 0.1, 0.135  # inches between pictures, and that a line of a caption takes
_FRAME = 0.55  # inches for the title and the page's edges
_MOST_ROWS = 30
_WIDEST = 9.6  # inches of paper that the pictures may take
_SIGN = 0.062  # inches that a sign of a caption takes
_LARGE = 2.4  # inches of the picture beside the natural ones
_CLEAR = 3  # times enlarged from which pixels are drawn as squares
_NATURAL = (2, 4)
_NO_BREAK = "\N{NO-BREAK SPACE}"
_BEFORE_NUMBER = re.compile(r" (?=\d)")


def synthesis_grid(synthesis: Synthesis, columns: int | None = None, lang: str = "en") -> Figure:
    """All pictures of a synthesis with what they drive, the activation reached, and what went wrong.

    Args:
        synthesis: Of `synthesize`.
        columns: Pictures in a row; None takes 8, and more where the page would become too long.
        lang: Of the words.

    Raises:
        UsageError: Less than one column, or an unknown language.
    """
    across = _columns(len(synthesis)) if columns is None else whole_number("columns", columns, 1)
    side = _WIDEST / max(across, 4) - _GAP
    captions = [_caption(synthesis, index, int(side / _SIGN), lang) for index in range(len(synthesis))]
    height, width = synthesis.images.shape[2:]
    tall = side * height / width
    step = tall + _GAP + _LINE * max(len(lines) for lines in captions)
    rows = -(-len(synthesis) // across)
    notes = _notes(synthesis, lang)
    room = _FRAME + _LINE * sum(len(textwrap.wrap(note, 175)) for note in notes)
    figure = style.new_figure(rows * step + room, _title(synthesis, lang), notes)
    axes = figure.add_subplot(anchor="NW")
    for index, lines in enumerate(captions):
        row, column = divmod(index, across)
        left, top = column * (side + _GAP), row * step
        _draw(axes, synthesis.picture(index), (left, left + side, top + tall, top), side)
        axes.text(left, top + tall + 0.03, "\n".join(lines), va="top", fontsize=style.SMALL, color=style.INK,
                  parse_math=False, linespacing=1.2)  # fmt: skip
    axes.set(xlim=(-0.01, _WIDEST), ylim=(rows * step, -0.01), aspect="equal")
    axes.set_axis_off()
    return figure


def synthetic_beside_natural(synthesis: Synthesis, index: int, atlas: Atlas, lang: str = "en") -> Figure:
    """One synthetic picture, how good it is and how it came about, beside its unit's top exemplars.

    Args:
        synthesis: Of `synthesize`, for units of one site.
        index: The picture.
        atlas: Of the same network, with that site.
        lang: Of the words.

    Raises:
        UsageError: No such picture, none of a unit, an atlas of another network, or one without the site.
        DataError: A picture of the atlas is missing or damaged.
    """
    from neurolupa.units.exemplars import unit_exemplars

    picture, site = synthesis.picture(index), _site_of(synthesis, index, atlas)
    found, unit = unit_exemplars(atlas, site, synthesis.units[index]), synthesis.units[index]
    notes = (caution(lang), source_line(synthesis, lang), caption(atlas.source, lang))
    figure = style.new_figure(6.6, text("synthesis.beside.title", lang, unit=unit, site=site), notes)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1, 2.1))[0]
    above, below = left.subplots(2, 1, height_ratios=(1.9, 1))
    show_picture(above, np.asarray(picture.convert("RGB")))
    above.images[0].set_interpolation(_smoothing(picture, _LARGE))
    style.panel_title(above, text("synthesis.beside.synthetic", lang))
    above.set_anchor("W")
    _curve(below, synthesis, index, lang)
    natural, words = right.subfigures(2, 1, squeeze=False, height_ratios=(3, 1))[:, 0]
    _natural(natural, atlas, found, lang)
    lines = [text("synthesis.quality.title", lang), *quality_lines(synthesis, index, lang)]
    word_panel(words.subplots(), lines, width=112)
    return figure


def _columns(count: int) -> int:
    """Eight, and more where there would be very many rows."""
    return max(min(count, 8), -(-count // _MOST_ROWS))


def _title(synthesis: Synthesis, lang: str) -> str:
    source = synthesis.source
    if source.site is None:
        return text("synthesis.grid.title.several", lang, model=source.model)
    return text("synthesis.grid.title", lang, site=source.site)


def _notes(synthesis: Synthesis, lang: str) -> tuple[str, ...]:
    count = text("synthesis.count", lang, count=whole(len(synthesis), lang))
    return (
        text("synthesis.grid.note", lang),
        caution(lang),
        f"{source_line(synthesis, lang)} · {count}",
    )


def _caption(synthesis: Synthesis, index: int, width: int, lang: str) -> list[str]:
    state = synthesis.states[index]
    words = [target_words(synthesis, index, lang), activation_words(synthesis, index)]
    words += [] if state == "GOOD" else [state_words(state, lang)]
    kept = (_BEFORE_NUMBER.sub(_NO_BREAK, each) for each in words)
    return [line.replace(_NO_BREAK, " ") for each in kept for line in textwrap.wrap(each, max(width, 6))]


def _draw(axes: Axes, picture: Image.Image, extent: tuple[float, float, float, float], side: float) -> None:
    values = np.asarray(picture.convert("RGB"))
    axes.imshow(values, extent=extent, interpolation=_smoothing(picture, side), aspect="equal")


def _smoothing(picture: Image.Image, inches: float) -> str:
    """Small pictures in squares, as they are; large ones smoothly, so that no line of pixels is doubled."""
    return "nearest" if inches * style.DPI >= _CLEAR * picture.width else "hanning"


def _site_of(synthesis: Synthesis, index: int, atlas: Atlas) -> str:
    source = synthesis.source
    if source.address is None or synthesis.units[index] < 0:
        raise UsageError(f"{synthesis.targets[index]} is no unit; only units have natural exemplars")
    if source.weights_digest != atlas.source.weights_digest:
        raise UsageError(f"the atlas is of {atlas.source.model} with other weights than this {source.model}")
    return atlas.site(source.address)


def _curve(axes: Axes, synthesis: Synthesis, index: int, lang: str) -> None:
    axes.plot(synthesis.steps, synthesis.curves[index], color=style.ACCENT, marker=".", linewidth=1.2)
    natural = synthesis.quality[index].natural_mean
    if drives_mean(synthesis, index) and isfinite(natural):
        axes.axhline(natural, **style.REFERENCE)
        axes.annotate(
            text("synthesis.natural_best", lang),
            (1, natural),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            fontsize=style.SMALL,
            color=style.MUTED,
        )
    style.tidy(axes, "y")
    style.panel_title(axes, text("synthesis.curve", lang))
    axes.set_xlabel(text("synthesis.step", lang), fontsize=style.SMALL, color=style.INK)
    axes.set_ylabel(text("synthesis.activation", lang), fontsize=style.SMALL, color=style.INK)


def _natural(part: SubFigure, atlas: Atlas, found: Exemplars, lang: str) -> None:
    panels = part.subplots(*_NATURAL)
    shown = found.band("top")[: panels.size]
    for axes in panels.flat:
        bare(axes)
    for axes, each in zip(panels.flat, shown, strict=False):
        exemplar_panel(axes, atlas, each)
    code = "natural" if shown else "none"
    words = text(f"synthesis.beside.{code}", lang, read=whole(atlas.source.read, lang))
    part.suptitle(words, x=0.01, ha="left", fontsize=style.NORMAL, color=style.INK)
