"""Filter grid: up to 24 maps with number and rank, silent ones crossed out."""

from collections.abc import Sequence

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import bars
from neurolupa.app.tabs.cards import TILE, Tile, choice, scale_bar, shown_units, tile_row, unit_label
from neurolupa.app.tabs.drawing import map_of, scales_of
from neurolupa.locales import text

MOST = 24


def render(context: Context) -> None:
    """Draw the tab."""
    result = context.result
    if result is None:
        return
    order = choice(context, "grid", ("ranked", "numbered"))
    units = _numbered(context, result) if order == "numbered" else first_units(result)
    if order == "ranked":
        shown_units(context)
    if not result.analysis.spatial:
        bars.render(context, units)
        return
    scales = scales_of(result.analysis, units, context.display)
    if context.display.shared_scale:
        scale_bar(scales[units[0]], context.display.palette, context.lang)
    st.caption(_told(context, units))
    tile_row(
        [
            Tile(
                map_of(result.analysis, unit, scales[unit], context.display), _caption(context, result, unit)
            )
            for unit in units
        ],
        TILE,
    )


def first_units(result: Result) -> tuple[int, ...]:
    """The ranked units, then those of the highest mean, 24 in all."""
    means = result.analysis.units["mean"].fillna(float("-inf"))
    ranked = result.ranking.units[:MOST]
    rest = [
        int(unit) for unit in means.sort_values(ascending=False, kind="stable").index if unit not in ranked
    ]
    return (*ranked, *rest[: MOST - len(ranked)])


def _numbered(context: Context, result: Result) -> Sequence[int]:
    """Twenty-four units in the order of their numbers; a menu where there are more."""
    count = len(result.analysis.units)
    starts = list(range(0, count, MOST))
    start = 0
    if len(starts) > 1:
        start = st.selectbox(
            context.say("grid.page"),
            starts,
            format_func=lambda first: f"{first}–{min(first + MOST, count) - 1}",  # noqa: RUF001
            key=f"grid.page.{count}",
            width=200,
        )
    return range(start, min(start + MOST, count))


def _caption(context: Context, result: Result, unit: int) -> str:
    label = unit_label(context, unit)
    if bool(result.analysis.units["dead"].iloc[unit]):
        return f"{label} · {text('figure.inspect.dead', context.lang)}"
    return label


def _told(context: Context, units: Sequence[int]) -> str:
    count = len(context.result.analysis.units) if context.result else 0
    shown = text("figure.inspect.of_all", context.lang, shown=len(units), units=context.count(count))
    scale = "figure.inspect.one_scale" if context.display.shared_scale else "app.overlay.own_scales"
    return f"{shown}. {text(scale, context.lang)} {context.say('grid.crossed')}"
