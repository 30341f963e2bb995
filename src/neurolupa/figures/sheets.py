"""Sheets around pictures: tiles with captions, colour bars in true units, a line of provenance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from neurolupa.errors import UsageError
from neurolupa.figures.lettering import font_for, ink_on, written
from neurolupa.figures.palettes import MISSING, Scale, coloured
from neurolupa.figures.style import MINUS, short


def colour_bar(
    scale: Scale,
    palette: str = "viridis",
    label: str = "",
    width: int = 224,
    paper: str = "white",
    missing: bool = False,
) -> Image.Image:
    """A lying colour bar in true units: what it shows, the colours, and the values at its ends and middle.

    Args:
        scale: Of the maps.
        palette: Of the maps.
        label: What is measured.
        width: Pixels.
        paper: The colour around it.
        missing: Whether to show what NaN looks like, too.

    Raises:
        UsageError: An unknown palette.

    >>> colour_bar(Scale(0, 2), label="activation", width=200).width
    200
    """
    ramp = np.linspace(scale.low, scale.high, width)[None].repeat(12, axis=0)
    rows = [written(label, width, 12, paper)] if label else []
    rows += [coloured(ramp, scale, palette), _ticks(scale, width, paper)]
    if missing:
        rows.append(_key(width, paper))
    return _stacked(rows, paper, 3)


def tiles(
    pictures: Sequence[Image.Image],
    captions: Sequence[str] = (),
    columns: int = 3,
    gap: int = 8,
    paper: str = "white",
    size: int = 13,
) -> Image.Image:
    """Pictures in rows of `columns`, evenly spaced, each over its caption; captions are wrapped, never cut.

    Raises:
        UsageError: No picture, no column, or not one caption for each picture.

    >>> tiles([Image.new("RGB", (10, 10))] * 3, columns=2, gap=2).size
    (26, 26)
    """
    if not pictures or columns < 1 or (captions and len(captions) != len(pictures)):
        raise UsageError("tiles need a picture at least, a column at least, and no caption or one for each")
    wide, high = (max(picture.size[axis] for picture in pictures) for axis in (0, 1))
    words = [written(caption, wide, size, paper, "centre") for caption in captions]
    below = max((each.height for each in words), default=0)
    columns = min(columns, len(pictures))
    step = (wide + gap, high + below + gap)
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (gap + columns * step[0], gap + rows * step[1]), paper)
    for place, picture in enumerate(pictures):
        left, top = gap + place % columns * step[0], gap + place // columns * step[1]
        sheet.paste(picture, (left + (wide - picture.width) // 2, top + (high - picture.height) // 2))
        if words:
            sheet.paste(words[place], (left, top + high))
    return sheet


def stamped(picture: Image.Image, line: str, paper: str = "white", size: int = 11) -> Image.Image:
    """The picture over a line that says where it comes from, wrapped to its width.

    >>> stamped(Image.new("RGB", (200, 50)), "resnet18").size
    (200, 72)
    """
    margin = 4
    words = written(line, max(1, picture.width - 2 * margin), size, paper)
    sheet = Image.new("RGB", (picture.width, picture.height + words.height + 2 * margin), paper)
    sheet.paste(picture, (0, 0))
    sheet.paste(words, (margin, picture.height + margin))
    return sheet


def _key(width: int, paper: str) -> Image.Image:
    strip = Image.new("RGB", (width, 15), paper)
    strip.paste(MISSING, (0, 2, 12, 14))
    strip.paste(written("NaN, ∞", width - 16, 12, paper), (16, 0))
    return strip


def _ticks(scale: Scale, width: int, paper: str) -> Image.Image:
    strip = Image.new("RGB", (width, 15), paper)
    draw = ImageDraw.Draw(strip)
    ends = ((0.0, "lm"), (0.5, "mm"), (1.0, "rm")) if scale.high > scale.low else ((0.5, "mm"),)
    for share, anchor in ends:
        value = scale.low + share * (scale.high - scale.low)
        told = short(value).replace("-", MINUS)
        at = (share * (width - 1), 7)
        draw.text(at, told, fill=ink_on(paper), font=font_for(told, 12), anchor=anchor)
    return strip


def _stacked(rows: Sequence[Image.Image], paper: str, gap: int) -> Image.Image:
    sheet = Image.new("RGB", (rows[0].width, sum(row.height + gap for row in rows) - gap), paper)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + gap
    return sheet
