"""Pictures that look like another class to the network, as thumbnails or, without pictures, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from neurolupa.atlas import Atlas
from neurolupa.atlas.captions import caption
from neurolupa.atlas.checks import whole_number
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import style
from neurolupa.figures.classes_compared_words import class_list, lookalike_line, short_name
from neurolupa.figures.inspection_parts import bare, show_picture
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.comparison.classes import ClassComparison, Lookalike
    from neurolupa.images import ImageSet

_ROW, _LINE, _ROOM = 1.75, 0.24, 1.5


def lookalikes(
    found: ClassComparison, pictures: Atlas | ImageSet | None = None, columns: int = 6, lang: str = "en"
) -> Figure:
    """The pictures of each class that lie furthest on the side of another one.

    Args:
        found: Of `neurolupa.compare_classes`.
        pictures: The image set that was scanned, or the atlas, which keeps the pictures of exemplars alone;
            None for a table.
        columns: Pictures of each class.
        lang: Of the words.

    Raises:
        UsageError: An unknown language, fewer than one column, or another image set.
        DataError: A picture is damaged.
    """
    rows = _rows(found, whole_number("columns", columns, 1))
    held = {each.image: _picture(found, each, pictures) for row in rows.values() for each in row}
    title = text(
        "compare_classes.lookalikes.title", lang, site=found.site, classes=class_list(found.names, lang)
    )
    shown = any(picture is not None for picture in held.values())
    lines = max(map(len, rows.values()), default=1)
    note = text(f"compare_classes.lookalikes.{'note' if shown else 'table'}", lang)
    notes = (lookalike_line(found, lang), note if rows else "", caption(found.source, lang))
    height = _ROW * len(rows) if shown else _LINE * (lines + 2)
    figure = style.new_figure(_ROOM + height, title, notes)
    if shown:
        _thumbnails(figure, rows, held, columns, lang)
    else:
        _table(figure, rows, lang)
    return figure


def _rows(found: ClassComparison, columns: int) -> dict[str, list[Lookalike]]:
    """By class, in the order of the comparison, those that have any."""
    held = {
        name: [each for each in found.lookalikes.pictures if each.own == name][:columns]
        for name in found.names
    }
    return {name: row for name, row in held.items() if row}


def _picture(
    found: ClassComparison, each: Lookalike, pictures: Atlas | ImageSet | None
) -> Image.Image | None:
    if pictures is None:
        return None
    if isinstance(pictures, Atlas):
        return _kept(pictures, each.image)
    if each.image >= len(pictures) or pictures.id_of(each.image) != each.id:
        raise UsageError(f"{pictures.name} is not the image set that was scanned, {found.source.images}")
    return pictures[each.image].image


def _kept(atlas: Atlas, image: int) -> Image.Image | None:
    """None where the atlas has no picture, which it has of exemplars alone."""
    try:
        return atlas.thumb(image)
    except DataError:
        return None


def _thumbnails(
    figure: Figure,
    rows: dict[str, list[Lookalike]],
    held: dict[int, Image.Image | None],
    columns: int,
    lang: str,
) -> None:
    panels = figure.subplots(len(rows), max(columns, 4), squeeze=False)
    for line, (name, row) in zip(panels, rows.items(), strict=True):
        for axes in line:
            bare(axes)
        for axes, each in zip(line, row, strict=False):
            _panel(axes, each, held[each.image], lang)
        line[0].set_ylabel(short_name(name), fontsize=style.NORMAL, color=style.INK, parse_math=False)


def _panel(axes: Axes, each: Lookalike, picture: Image.Image | None, lang: str) -> None:
    words = f"→ {short_name(each.other)} · {each.score:.1f}\n#{each.image}"
    if picture is not None:
        show_picture(axes, picture, words)
        return
    axes.imshow(np.full((2, 2, 3), 0.92))
    bare(axes, words)
    told = text("compare_classes.lookalikes.no_picture", lang)
    axes.text(0.5, 0.5, told, ha="center", va="center", fontsize=style.SMALL, color=style.MUTED)


def _table(figure: Figure, rows: dict[str, list[Lookalike]], lang: str) -> None:
    """A column for each class, a line for each picture."""
    panels = figure.subplots(1, max(len(rows), 1), squeeze=False)[0]
    for axes in panels:
        axes.set_axis_off()
    lines = max(map(len, rows.values()), default=1)
    for axes, (name, row) in zip(panels, rows.items(), strict=False):
        style.panel_title(axes, short_name(name))
        for place, each in enumerate(row):
            words = f"{style.shorten([each.id])[0]} → {short_name(each.other)} · {each.score:.1f}"
            axes.text(
                0, 1 - (place + 0.5) / lines, words, va="center", fontsize=style.SMALL, color=style.INK,
                parse_math=False,
            )  # fmt: skip
