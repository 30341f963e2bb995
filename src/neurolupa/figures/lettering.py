"""Words on pictures that Pillow draws: wrapped to a width, never cut."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageColor, ImageDraw, ImageFont

from neurolupa.figures.style import INK, beyond_latin, wide_fonts

_LEADING = 1.25
_LAYOUT = ImageFont.Layout.BASIC
_PALE_INK = "#f2f2f2"


def font_for(words: str, size: int) -> ImageFont.FreeTypeFont:
    """A font with the signs of the words, where one is installed."""
    wide = wide_fonts() if beyond_latin(words) else ()
    return _font(wide[0] if wide else "DejaVu Sans", size)


def ink_on(paper: str) -> str:
    """Dark ink for light paper, pale ink for dark paper.

    >>> ink_on("white"), ink_on("#101010")
    ('#222222', '#f2f2f2')
    """
    red, green, blue = ImageColor.getrgb(paper)[:3]
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else _PALE_INK


def written(words: str, width: int, size: int = 13, paper: str = "white", align: str = "left") -> Image.Image:
    """The words as a picture so many pixels wide and as high as its lines need.

    >>> written("unit 17", 200).height < written("unit 17 " * 20, 200).height
    True
    """
    font, step = font_for(words, size), round(size * _LEADING)
    lines = list(wrapped(words, width, font))
    picture = Image.new("RGB", (width, step * len(lines)), paper)
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        spare = width - font.getlength(line)
        left = {"left": 0.0, "centre": spare / 2, "right": spare}[align]
        draw.text((left, (row + 0.5) * step), line, fill=ink_on(paper), font=font, anchor="lm")
    return picture


def wrapped(words: str, width: int, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    """Lines no wider than `width`; a word is broken only where it alone is wider."""
    whole = " ".join(words.split())
    if font.getlength(whole) <= width:
        yield whole
        return
    line = ""
    for word in whole.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while font.getlength(line) > width and len(line) > 1:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or font.getlength(line[:n]) <= width)
            yield line[:fits]
            line = line[fits:]
    if line:
        yield line


@cache
def _font(family: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(findfont(FontProperties(family=family)), size, layout_engine=_LAYOUT)
