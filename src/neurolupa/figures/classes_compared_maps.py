"""Mean maps of classes side by side, and where they differ by more than noise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.atlas.captions import caption
from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.classes_compared_words import class_list, short_name
from neurolupa.figures.inspection_parts import bare, scale_bar, show_map
from neurolupa.figures.palettes import scale_of
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.classes import ClassComparison, ClassMaps, MapDifference

SHOWN = 4
MOST_CLASSES = 6
_ROW, _ROOM = 1.75, 1.6
_POINT, _WIDEST_POINT = 22.0, 12.0


def class_maps(
    found: ClassComparison,
    units: int | Iterable[int] | None = None,
    pair: tuple[str, str] | None = None,
    lang: str = "en",
) -> Figure:
    """The mean map of each class on one scale, and the difference of two; dots where it is above noise.

    Of more than six classes only the two whose difference is shown have their maps drawn.

    Args:
        found: Of `neurolupa.compare_classes` with maps.
        units: One or several that have maps, a row each; None for the four that differ most.
        pair: The two classes of the difference; None takes those in which the first unit differs most.
        lang: Of the words.

    Raises:
        UsageError: The comparison has no maps, a unit or class has none, no unit, or an unknown language.
    """
    maps = found.maps
    if maps is None:
        raise UsageError("the comparison has no maps; compare_classes(..., maps=True) takes them")
    chosen = _chosen(maps, units)
    first, second = _pair(found, chosen[0]) if pair is None else pair
    differences = [maps.difference(unit, first, second) for unit in chosen]
    names = maps.classes if len(maps.classes) <= MOST_CLASSES else (first, second)
    title = text("compare_classes.maps.title", lang, site=found.site, classes=class_list(names, lang))
    figure = style.new_figure(_ROOM + _ROW * len(chosen), title, _notes(found, maps, names, lang))
    panels = figure.subplots(len(chosen), len(names) + 1, squeeze=False)
    _differences(figure, panels, differences, lang)
    _means(figure, panels, maps, chosen, names, lang)
    for axes, unit in zip(panels[:, 0], chosen, strict=True):
        told = text("compare_classes.maps.unit", lang, unit=unit)
        axes.set_ylabel(told, fontsize=style.NORMAL, color=style.INK)
    return figure


def _chosen(maps: ClassMaps, units: int | Iterable[int] | None) -> tuple[int, ...]:
    if units is None:
        return maps.units[:SHOWN]
    asked = units if isinstance(units, Iterable) else (units,)
    chosen = tuple(whole_number("unit", unit, 0) for unit in asked)
    if not chosen:
        raise UsageError("no unit to draw")
    return chosen


def _pair(found: ClassComparison, unit: int) -> tuple[str, str]:
    widest = max(found.pairs, key=lambda each: np.nan_to_num(abs(each.effects.g[unit])))
    return widest.first, widest.second


def _notes(found: ClassComparison, maps: ClassMaps, names: tuple[str, ...], lang: str) -> tuple[str, ...]:
    counts = dict(zip(maps.classes, maps.images.max(axis=1).tolist(), strict=True))
    told = ", ".join(f"{name} (N = {whole(counts[name], lang)})" for name in names)
    skipped = text("caption.skipped", lang, skipped=whole(maps.skipped, lang)) if maps.skipped else ""
    note = text("compare_classes.maps.note", lang, counts=f"{told}; {skipped}" if skipped else told)
    return note, caption(found.source, lang)


def _means(
    figure: Figure, panels: Any, maps: ClassMaps, chosen: tuple[int, ...], names: tuple[str, ...], lang: str
) -> None:
    """One scale for all maps; its bar stands outside that of the differences."""
    places = [maps.classes.index(name) for name in names]
    values = [maps.of(unit)[places] for unit in chosen]
    scale = scale_of(np.stack(values))
    for row, held in zip(panels[:, :-1], values, strict=True):
        for axes, table in zip(row, held, strict=True):
            show_map(axes, table, scale, style.SEQUENTIAL)
    for axes, name in zip(panels[0], names, strict=False):
        bare(axes, short_name(name))
    scale_bar(figure, panels, scale, style.SEQUENTIAL, text("compare_classes.maps.scale", lang))


def _differences(figure: Figure, panels: Any, differences: list[MapDifference], lang: str) -> None:
    scale = scale_of(np.stack([each.difference for each in differences]), signed=True)
    for axes, each in zip(panels[:, -1], differences, strict=True):
        show_map(axes, each.difference, scale, style.SEQUENTIAL)
        _dots(axes, each)
    first, second = (short_name(name) for name in (differences[0].first, differences[0].second))
    bare(panels[0, -1], f"{first} {style.MINUS} {second}")
    scale_bar(figure, panels, scale, style.SEQUENTIAL, text("compare_classes.maps.difference", lang))


def _dots(axes: Axes, each: MapDifference) -> None:
    """A dot on each position at which the difference is above noise, smaller where there are many."""
    rows, columns = np.nonzero(each.clear)
    size = min(_WIDEST_POINT, (_POINT / max(each.clear.shape)) ** 2)
    axes.scatter(columns, rows, s=size, color=style.INK, linewidths=0)
