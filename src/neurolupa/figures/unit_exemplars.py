"""The pictures that drive a unit high, in the middle and low, with what it sees in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import AbstractPathEffect, withStroke
from PIL import Image

from neurolupa.atlas.captions import caption
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.inspection_parts import bare, show_picture
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas
    from neurolupa.units.exemplars import Exemplar, ExemplarMaps, Exemplars

BANDS = ("top", "middle", "bottom")
_LONGEST = 22
_NEARLY = 0.75
_OUTLINE: list[AbstractPathEffect] = [withStroke(linewidth=2.2, foreground="black")]
_FIELD, _CONTOUR = "white", "#fde725"


def exemplars(
    atlas: Atlas,
    found: Exemplars,
    maps: ExemplarMaps | None = None,
    columns: int = 6,
    lang: str = "en",
) -> Figure:
    """A unit's exemplars, a row for each band: the whole picture, and in it what the unit saw.

    Args:
        atlas: That they are of: it keeps their pictures.
        found: Of `unit_exemplars`.
        maps: Of `exemplar_maps`, for the contours of what drives the unit.
        columns: Exemplars of each band.
        lang: Of the words.

    Raises:
        UsageError: The maps are of other exemplars, or the unit has no exemplar.
        DataError: A picture is missing or damaged.
    """
    if maps is not None and maps.exemplars != found:
        raise UsageError("the maps are of other exemplars")
    bands = [name for name in BANDS if found.band(name)]
    if not bands:
        raise UsageError(
            f"unit {found.unit} of {found.site} has no exemplars: it had no finite value anywhere"
        )
    columns = min(columns, max(len(found.band(name)) for name in bands))
    title = text("exemplars.title", lang, unit=found.unit, site=found.site)
    note = text("exemplars.note" if maps is None else "exemplars.note.contours", lang)
    figure = style.new_figure(2.05 * len(bands) + 0.8, title, (note, caption(found.source, lang)))
    panels = figure.subplots(len(bands), columns, squeeze=False)
    for axes, name in zip(panels, bands, strict=True):
        _row(axes, atlas, found, maps, name, lang)
    return figure


def _row(
    panels: np.ndarray, atlas: Atlas, found: Exemplars, maps: ExemplarMaps | None, band: str, lang: str
) -> None:
    for axes in panels:
        bare(axes)
    for axes, each in zip(panels, found.band(band), strict=False):
        picture = exemplar_panel(axes, atlas, each)
        if maps is not None:
            _contour(axes, maps, found.exemplars.index(each), picture)
    panels[0].set_ylabel(text(f"exemplars.{band}", lang), fontsize=style.NORMAL, color=style.INK)


def exemplar_panel(axes: Axes, atlas: Atlas, exemplar: Exemplar) -> Image.Image:
    """One exemplar with its value, its class and the receptive field of its peak; gives its picture."""
    picture = atlas.thumb(exemplar.image)
    show_picture(axes, picture, _words(exemplar))
    _field(axes, exemplar, picture)
    return picture


def _words(exemplar: Exemplar) -> str:
    """Value and class, else the picture's place in the set."""
    name = exemplar.class_name if exemplar.class_name is not None else f"#{exemplar.image}"
    value = style.short(exemplar.value).replace("-", style.MINUS)
    return f"{value}\n{name if len(name) <= _LONGEST else name[: _LONGEST - 1] + '…'}"


def _field(axes: Axes, exemplar: Exemplar, picture: Image.Image) -> None:
    """The receptive field of the peak, unless it holds nearly the whole picture."""
    if exemplar.seen is None:
        return
    x0, y0, x1, y1 = exemplar.seen
    if (x1 - x0) * (y1 - y0) >= _NEARLY * picture.width * picture.height:
        return
    frame = Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, edgecolor=_FIELD, linewidth=1.1)
    frame.set_path_effects(_OUTLINE)
    axes.add_patch(frame)


def _contour(axes: Axes, maps: ExemplarMaps, place: int, picture: Image.Image) -> None:
    """Where the map, stretched over the picture, crosses the unit's level."""
    level = maps.contour_level
    image = Image.fromarray(maps.maps[place]).resize(picture.size, Image.Resampling.BILINEAR)
    stretched = np.asarray(image)
    if stretched.min() < level < stretched.max():
        lines = axes.contour(
            stretched, levels=[level], colors=[_CONTOUR], linewidths=1.1, linestyles="dashed"
        )
        lines.set(path_effects=_OUTLINE)
