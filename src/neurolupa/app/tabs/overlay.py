"""Overlaid heat maps: the ranked units over the picture, one unit large, several layers side by side."""

from collections.abc import Sequence

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import bars, comparing
from neurolupa.app.tabs.cards import (
    Tile,
    choice,
    pick_unit,
    scale_bar,
    show,
    shown_units,
    tile_columns,
    unit_label,
)
from neurolupa.app.tabs.drawing import SIDE, SMALL, map_of, over, scales_of, seen_of
from neurolupa.figures.inspection_words import unit_values
from neurolupa.figures.overlays import Scale
from neurolupa.locales import text

COLUMNS = 3
PAGE = 6


def render(context: Context) -> None:
    """Draw the tab."""
    result = context.result
    if result is None:
        return
    if not result.analysis.spatial:
        bars.render(context, shown_units(context))
    elif choice(context, "overlay", ("six", "one")) == "six":
        _grid(context, result)
    else:
        _one(context, result)
    if len(result.analyses) > 1:
        comparing.render(context, result)


def _grid(context: Context, result: Result) -> None:
    units = shown_units(context)
    scales = scales_of(result.analysis, units, context.display)
    _explain_scale(context, scales[units[0]])
    shown = _page(context, units)
    tiles = [
        Tile(
            over(result.analysis, unit, scales[unit], context.display, SMALL),
            _caption(context, unit, scales[unit]),
        )
        for unit in shown
    ]
    tile_columns(tiles, COLUMNS)


def _explain_scale(context: Context, scale: Scale) -> None:
    if context.display.shared_scale:
        scale_bar(scale, context.display.palette, context.lang)
        st.caption(text("figure.inspect.one_scale", context.lang))
    else:
        st.caption(context.say("overlay.own_scales"))


def _page(context: Context, units: Sequence[int]) -> Sequence[int]:
    """Six of the units; a menu of the others where there are more."""
    if len(units) <= PAGE:
        return units
    starts = [str(start) for start in range(0, len(units), PAGE)]
    labels = {start: f"{int(start) + 1}–{min(int(start) + PAGE, len(units))}" for start in starts}  # noqa: RUF001
    chosen = st.segmented_control(
        context.say("overlay.page"),
        starts,
        default=starts[0],
        format_func=labels.__getitem__,
        key=f"overlay.page.{len(units)}",
        label_visibility="collapsed",
    )
    start = int(chosen or starts[0])
    return units[start : start + PAGE]


def _caption(context: Context, unit: int, scale: Scale) -> str:
    words = [unit_label(context, unit)]
    if context.result is not None:
        words.append(unit_values(context.result.analysis, unit, context.lang))
    if not context.display.shared_scale:
        words.append(context.say("overlay.up_to", high=context.number(scale.high)))
    return " · ".join(words)


def _one(context: Context, result: Result) -> None:
    unit = pick_unit(context, "overlay")
    if unit is None:
        return
    analysis = result.analysis
    of_all = [*result.ranking.units, *([] if unit in result.ranking.units else [unit])]
    scale = scales_of(analysis, of_all, context.display)[unit]
    caption = f"{unit_label(context, unit)} · {unit_values(analysis, unit, context.lang)}"
    large, small = st.columns([2, 1])
    with large:
        show(over(analysis, unit, scale, context.display, 448), caption)
    with small:
        show(seen_of(analysis), text("figure.inspect.seen", context.lang))
        show(map_of(analysis, unit, scale, context.display, SIDE), cells(context, analysis.maps.shape))
    scale_bar(scale, context.display.palette, context.lang)


def cells(context: Context, shape: Sequence[int]) -> str:
    """What a map drawn cell by cell is."""
    return context.say("overlay.cells", rows=shape[1], columns=shape[2])
