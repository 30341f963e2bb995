"""Pictures composed of a photograph and activation maps: colour tables and Pillow, no matplotlib figure.

All are pure functions and may be called from several threads at once. A picture smaller than asked for is
enlarged by a whole number with its pixels left square, as the network got them; a map is stretched over it
bilinearly, as `neurolupa.inspection.regions` does, so that what is seen and what is measured agree.

A map covers the picture only where it fires: colours of equal opacity would tint the whole picture with the
colour of silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from neurolupa.errors import UsageError
from neurolupa.figures.lettering import font_for
from neurolupa.figures.palettes import (
    LEGACY,
    MISSING,
    PALETTES,
    Scale,
    checked_opacity,
    colour,
    coloured,
    scale_of,
    used,
)
from neurolupa.figures.sheets import colour_bar, stamped, tiles

__all__ = [
    "LEGACY",
    "MISSING",
    "PALETTES",
    "Scale",
    "colour",
    "colour_bar",
    "crossed",
    "enlarged",
    "outline",
    "overlay",
    "painted",
    "scale_of",
    "stamped",
    "tiles",
    "used",
]

SIDE = 224
"""Pixels that the long side of a shown picture has at least."""

FULL_FROM = 0.25
"""The share of a scale from which a map over a picture has its whole opacity; below it fades to nothing."""

Box = tuple[float, float, float, float]

_DASHES: tuple[tuple[int, ...], ...] = ((), (9, 5), (2, 4), (10, 4, 2, 4))
"""Pixels on, off, ...: solid, dashed, dotted, dash and dot."""


def enlarged(picture: Image.Image, at_least: int = SIDE) -> Image.Image:
    """The picture in RGB, its long side at least so many pixels: a whole number of pixels for each one.

    >>> enlarged(Image.new("RGB", (32, 16))).size
    (224, 112)
    """
    factor = -(-at_least // max(picture.size))
    shown = picture.convert("RGB")
    if factor <= 1:
        return shown
    return shown.resize((shown.width * factor, shown.height * factor), Image.Resampling.NEAREST)


def overlay(
    picture: Image.Image,
    values: ArrayLike,
    scale: Scale,
    palette: str = "viridis",
    opacity: float = 0.5,
    at_least: int = SIDE,
    even: bool = False,
) -> Image.Image:
    """A map (h, w) in colours over the picture that the network saw, untouched where the map is silent.

    The opacity grows with the activation, on a signed scale with its magnitude: from nothing at 0 to
    `opacity` at a quarter of the scale, then it stays. A map with values that are not finite is shown cell by
    cell, those cells in full magenta.

    Args:
        picture: The seen picture.
        values: The map.
        scale: That of all the maps which are compared, from `scale_of`.
        palette: One of `PALETTES`; a signed scale is drawn in one that is pale at 0.
        opacity: The highest: 0 shows the picture alone, 1 the map alone where it fires.
        at_least: Pixels of the long side.
        even: Whether the opacity is the same everywhere.

    Raises:
        UsageError: An unknown palette, an opacity outside 0..1, or a map that is not (h, w).

    >>> black, one = Image.new("RGB", (2, 2)), np.ones((1, 1))
    >>> overlay(black, one, scale_of(one), "magma", at_least=2).getpixel((0, 0))
    (126, 127, 96)
    >>> overlay(black, 0 * one, scale_of(one), "magma", at_least=2).getpixel((0, 0))
    (0, 0, 0)
    """
    shown, highest = enlarged(picture, at_least), checked_opacity(opacity)
    table = _map(values)
    whole = np.isfinite(table).all()
    how = Image.Resampling.BILINEAR if whole else Image.Resampling.NEAREST
    stretched = np.asarray(Image.fromarray(table).resize(shown.size, how))
    over = coloured(stretched, scale, palette)
    mixed = Image.blend(shown, over, highest) if even else _faded(shown, over, highest, stretched, scale)
    if not whole:
        mixed.paste(MISSING, mask=Image.fromarray(~np.isfinite(stretched)))
    return mixed


def _faded(
    shown: Image.Image, over: Image.Image, highest: float, values: np.ndarray, scale: Scale
) -> Image.Image:
    """The colours over the picture, their opacity following the values; what is not finite covers nothing."""
    shares = np.minimum(np.nan_to_num(scale.strengths(values)) / FULL_FROM, 1)
    mask = (np.float32(255 * highest) * shares + np.float32(0.5)).astype(np.uint8)
    return Image.composite(over, shown, Image.fromarray(mask))


def painted(values: ArrayLike, scale: Scale, palette: str = "viridis", side: int = 112) -> Image.Image:
    """A map (h, w) alone, its long side `side` pixels; cells stay sharp, more cells than pixels are averaged.

    Raises:
        UsageError: An unknown palette, or a map that is not (h, w).

    >>> painted(np.eye(7), Scale(0, 1)).size, painted(np.ones((1, 8)), Scale(0, 1)).size
    ((112, 112), (112, 14))
    """
    table = _map(values)
    height, width = (max(1, round(side * length / max(table.shape))) for length in table.shape)
    how = Image.Resampling.NEAREST if side >= max(table.shape) else Image.Resampling.BOX
    return coloured(table, scale, palette).resize((width, height), how)


def outline(
    picture: Image.Image,
    boxes: Sequence[tuple[int, Box]],
    size: tuple[int, int] | None = None,
    badges: bool = True,
) -> Image.Image:
    """The picture with numbered boxes: each number has its line style, so that no colour is needed.

    Args:
        picture: As shown.
        boxes: (number, (x0, y0, x1, y1)), the first drawn on top.
        size: Width and height of the picture in whose pixels the boxes are; of `picture` itself by default.
        badges: Whether the numbers are written beside the lines.

    >>> marked = outline(Image.new("RGB", (64, 64), "gray"), [(1, (8, 8, 24, 24))], size=(32, 32))
    >>> marked.getpixel((16, 40)), marked.getpixel((4, 4))
    ((255, 255, 255), (128, 128, 128))
    """
    shown = picture.convert("RGB")
    if shown is picture:
        shown = picture.copy()
    wide, high = (new / old for new, old in zip(shown.size, size or shown.size, strict=True))
    draw = ImageDraw.Draw(shown)
    for number, (x0, y0, x1, y1) in reversed(list(boxes)):
        corners = (x0 * wide, y0 * high, max(x1 * wide - 1, x0 * wide), max(y1 * high - 1, y0 * high))
        _frame(draw, corners, _DASHES[(number - 1) % len(_DASHES)])
        if badges:
            _badge(draw, str(number), corners, shown.size)
    return shown


def crossed(picture: Image.Image) -> Image.Image:
    """The picture with a thin cross over it: a dead unit, told without colour.

    >>> crossed(Image.new("RGB", (9, 9))).getpixel((4, 4)) == (255, 255, 255)
    True
    """
    shown = picture.convert("RGB").copy()
    draw, right, bottom = ImageDraw.Draw(shown), shown.width - 1, shown.height - 1
    for ends in ((0, 0, right, bottom), (0, bottom, right, 0)):
        draw.line(ends, fill="black", width=3)
        draw.line(ends, fill="white", width=1)
    return shown


def _map(values: ArrayLike) -> np.ndarray:
    table = np.ascontiguousarray(values, np.float32)
    if table.ndim != 2 or not table.size:
        raise UsageError(f"a map has rows and columns, and is not an array of shape {table.shape}")
    return table


def _frame(draw: ImageDraw.ImageDraw, corners: Box, dashes: tuple[int, ...]) -> None:
    """A white line with a black rim, so that it shows on any picture."""
    x0, y0, x1, y1 = corners
    edges = ((x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0))
    pieces = [piece for edge in edges for piece in _dashed(edge, dashes)]
    for colour_, width in (("black", 4), ("white", 2)):
        for piece in pieces:
            draw.line(piece, fill=colour_, width=width)


def _dashed(edge: Box, dashes: tuple[int, ...]) -> Iterator[Box]:
    x0, y0, x1, y1 = edge
    length = abs(x1 - x0) + abs(y1 - y0)
    if not dashes or length < 1:
        yield edge
        return
    across, down, at, turn = (x1 - x0) / length, (y1 - y0) / length, 0.0, 0
    while at < length:
        end = min(at + dashes[turn % len(dashes)], length)
        if turn % 2 == 0:
            yield x0 + across * at, y0 + down * at, x0 + across * end, y0 + down * end
        at, turn = end, turn + 1


def _badge(draw: ImageDraw.ImageDraw, number: str, corners: Box, size: tuple[int, int]) -> None:
    """The number at the box's upper left corner, moved inside the picture."""
    font = font_for(number, 12)
    width, height = round(font.getlength(number)) + 6, 15
    left = min(max(corners[0], 0), max(size[0] - width, 0))
    top = min(max(corners[1], 0), max(size[1] - height, 0))
    draw.rectangle((left, top, left + width - 1, top + height - 1), fill="black")
    draw.text((left + width / 2, top + height / 2), number, fill="white", font=font, anchor="mm")
