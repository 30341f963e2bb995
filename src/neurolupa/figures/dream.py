"""A dream beside the picture that it was made from, and how what was driven rose at each size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from neurolupa.figures import style
from neurolupa.figures.dream_words import dream_caution, dream_lines, dream_source
from neurolupa.figures.inspection_parts import bare
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.synthesis import Dream

_CURVES = 1.7  # inches
_FRAME = 1.1  # inches for titles and notes
_LOWEST, _TALLEST = 1.6, 6.5  # inches of the pictures
_CLEAR = 3  # times enlarged from which pixels are drawn as squares


def dream_beside_original(dream: Dream, lang: str = "en") -> Figure:
    """The dream, the picture that it was made from, and what was driven at each step of each size.

    Args:
        dream: Of `neurolupa.dream`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.
    """
    width = style.WIDTH / 2 - 0.3
    height, across = dream.picture.shape[1:]
    tall = min(max(width * height / across, _LOWEST), _TALLEST)
    notes = (dream_caution(lang), *dream_lines(dream, lang), dream_source(dream, lang))
    title = text("dream.title", lang, target=dream.target)
    figure = style.new_figure(tall + _CURVES + _FRAME, title, notes)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(tall, _CURVES))[:, 0]
    left, right = above.subplots(1, 2)
    smoothing = "nearest" if width * style.DPI >= _CLEAR * across else "hanning"
    _picture(left, dream.original_image, smoothing, text("dream.original", lang))
    _picture(right, dream.image, smoothing, text("dream.dreamt", lang))
    _curves(below.subplots(), dream, lang)
    return figure


def _picture(axes: Axes, picture: Image.Image, smoothing: str, title: str) -> None:
    axes.imshow(np.asarray(picture.convert("RGB")), interpolation=smoothing)
    axes.set_anchor("NW")
    bare(axes)
    style.panel_title(axes, title)


def _curves(axes: Axes, dream: Dream, lang: str) -> None:
    """One line a size, one after the other along the steps."""
    began, colours = 0, style.shades(len(dream.octaves))
    for octave, colour in zip(dream.octaves, colours, strict=True):
        values = [*octave.curve, octave.after]
        steps = began + np.arange(len(values))
        label = f"{octave.width} × {octave.height}"  # noqa: RUF001 (it is a product)
        axes.plot(steps, values, color=colour, marker=".", linewidth=1.2, label=label)
        began += len(octave.curve)
    style.tidy(axes, "y")
    style.panel_title(axes, text("dream.curve", lang))
    axes.set_xlabel(text("synthesis.step", lang), fontsize=style.SMALL, color=style.INK)
    axes.set_ylabel(text("synthesis.activation", lang), fontsize=style.SMALL, color=style.INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize=style.SMALL, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
