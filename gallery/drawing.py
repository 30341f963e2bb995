"""One sheet a layer: each unit's synthetic pictures beside generated and natural ones that drive it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import neurolupa as nl
from gallery.measuring import COPIES, Shown
from gallery.words import words as words_of
from neurolupa.figures import style
from neurolupa.locales import text
from neurolupa.units.exemplars import Exemplar, unit_exemplars

EACH = 3
SIDE, GAP, BETWEEN = 1.13, 0.06, 0.2  # inches: of a picture, to the next, and between groups of them
ROW, HEADING, FRAME = 1.42, 0.2, 0.85  # inches: a unit with its name, the columns' names, title and notes
MARGIN = 2.0  # times the receptive field that a cut-out shows
LEAST = 7  # a cut-out is at least the picture's side divided by this
WHOLE = 0.7  # from this share of the side on, all of the picture is shown
SQUARES = 48  # pixels below which pixels are drawn as squares
GROUPS = {"synthetic": COPIES, "stimuli": EACH, "photographs": EACH}


def sheet(found: Shown, lang: str) -> Figure:
    """The three units of a layer."""
    words, height = words_of(lang), HEADING + ROW * len(found.rows)
    title = f"{found.rows[0]['network']} · {found.site}"
    figure = style.new_figure(height + FRAME, title, (words["caution"], words["note"]))
    axes = figure.add_subplot(anchor="NW")
    for group in GROUPS:
        _write(axes, _left(group), 0.12, words[group], color=style.MUTED)
    for place in range(len(found.rows)):
        _unit(axes, found, place, lang)
    axes.set(xlim=(-0.01, _left("photographs") + EACH * (SIDE + GAP)), ylim=(height, 0), aspect="equal")
    axes.set_axis_off()
    return figure


def _left(group: str) -> float:
    """Where a group of pictures begins."""
    before = list(GROUPS)[: list(GROUPS).index(group)]
    return sum(GROUPS[each] * (SIDE + GAP) + BETWEEN for each in before)


def _unit(axes: Axes, found: Shown, place: int, lang: str) -> None:
    row, top = found.rows[place], HEADING + ROW * place + 0.2
    level = text(f"levels.level.{row['level']}", lang)
    name = f"{words_of(lang)['unit']} {row['unit']} · {level}"
    _write(axes, 0, top - 0.05, name, color=style.INK, fontweight="bold")
    pictures = {
        "synthetic": _synthetic(found, place),
        "stimuli": _best(found.atlases.stimuli, found.site, row["unit"]),
        "photographs": _best(found.atlases.public, found.site, row["unit"]),
    }
    for group, shown in pictures.items():
        for column, picture in enumerate(shown):
            _show(axes, picture, _left(group) + column * (SIDE + GAP), top)


def _write(axes: Axes, left: float, bottom: float, words: str, **how: Any) -> None:
    axes.text(left, bottom, words, va="bottom", fontsize=style.NORMAL, parse_math=False, **how)


def _show(axes: Axes, picture: Image.Image, left: float, top: float) -> None:
    smooth = "nearest" if picture.width < SQUARES else "hanning"
    axes.imshow(
        np.asarray(picture.convert("RGB")),
        extent=(left, left + SIDE, top + SIDE, top),
        interpolation=smooth,
    )


def _synthetic(found: Shown, place: int) -> list[Image.Image]:
    return [found.made.picture(place * COPIES + copy).convert("RGB") for copy in range(COPIES)]


def _best(atlas: nl.Atlas, site: str, unit: int) -> list[Image.Image]:
    """What the unit sees of the pictures with its highest values, one of every label as far as there are."""
    top = unit_exemplars(atlas, site, unit).band("top")
    labels = [each.class_name for each in top]
    order = sorted(range(len(top)), key=lambda index: (labels.index(labels[index]) != index, index))
    return [cut_out(atlas.thumb(top[index].image), top[index]) for index in sorted(order[:EACH])]


def cut_out(picture: Image.Image, exemplar: Exemplar) -> Image.Image:
    """The square around what the unit saw, where that is small; else the picture."""
    if exemplar.seen is None:
        return picture
    x0, y0, x1, y1 = exemplar.seen
    side = max(MARGIN * max(x1 - x0, y1 - y0), picture.width / LEAST)
    if side >= WHOLE * picture.width:
        return picture
    left = _within((x0 + x1 - side) / 2, picture.width - side)
    top = _within((y0 + y1 - side) / 2, picture.height - side)
    return picture.crop(tuple(round(edge) for edge in (left, top, left + side, top + side)))


def _within(value: float, most: float) -> float:
    return min(max(value, 0.0), most)
