"""A page as one tall picture."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from neurolupa.figures.lettering import written
from neurolupa.reporting.blocks import Block, Page

WIDTH = 1500
_MARGIN, _GAP, _PARTING = 40, 10, 34
_TITLE, _HEADING, _TEXT, _SMALL = 40, 28, 20, 16


def as_picture(page: Page) -> Image.Image:
    """The page as one picture 1,500 pixels wide: headings, sentences and pictures, without the tables.

    >>> as_picture(Page("Unit 3", ("Of relu.",), (), "resnet18", "en", "numbers")).width
    1500
    """
    rows = list(_rows(page))
    height = sum(row.height + gap for row, gap in rows) + 2 * _MARGIN
    sheet = Image.new("RGB", (WIDTH, height), "white")
    top = _MARGIN
    for row, gap in rows:
        top += gap
        sheet.paste(row, ((WIDTH - row.width) // 2, top))
        top += row.height
    return sheet


def _rows(page: Page) -> Iterator[tuple[Image.Image, int]]:
    """What stands under each other, each with the gap above it."""
    yield _words(page.title, _TITLE), 0
    for line in page.lead:
        yield _words(line, _TEXT), _GAP
    for block in page.blocks:
        yield from _block(block)
    yield _words(page.provenance, _SMALL), _PARTING


def _block(block: Block) -> Iterator[tuple[Image.Image, int]]:
    yield _words(block.title, _HEADING), _PARTING
    for line in block.lines:
        yield _words(line, _TEXT), _GAP
    if block.picture is not None:
        yield _fitted(Image.open(BytesIO(block.picture)).convert("RGB")), _GAP


def _words(words: str, size: int) -> Image.Image:
    return written(words, WIDTH - 2 * _MARGIN, size)


def _fitted(picture: Image.Image) -> Image.Image:
    room = WIDTH - 2 * _MARGIN
    if picture.width <= room:
        return picture
    return picture.resize((room, round(picture.height * room / picture.width)), Image.Resampling.LANCZOS)
