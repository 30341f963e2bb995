"""Detailed analysis of one unit: regions, colours or input channels, heat map, and its reading."""

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs import colours, reading
from neurolupa.app.tabs.asked import dossier_of, whole_dossier_of
from neurolupa.app.tabs.cards import Tile, choice, numbers, pick_unit, scale_bar, show, tile_row, unit_label
from neurolupa.app.tabs.drawing import (
    MOST_BOXES,
    boxed,
    fitted,
    full_weight,
    kernel_picture,
    map_of,
    norm_of,
    over,
    scales_of,
)
from neurolupa.app.tabs.overlay import cells
from neurolupa.app.tabs.regions import region_table
from neurolupa.inspection.dossier import Dossier
from neurolupa.locales import text

VIEWS = ("regions", "colours", "map")
TABLE_HEIGHT = 260


def render(context: Context) -> None:
    """Draw the tab."""
    result = context.result
    if result is None:
        return
    menu, views = st.columns([2, 3], vertical_alignment="bottom")
    with menu:
        unit = pick_unit(context, "detail")
    with views:
        view = choice(context, "detail", VIEWS)
    find = whole_dossier_of if view == "colours" else dossier_of
    held = None if unit is None else find(context, unit)
    if unit is None or held is None:
        return
    main, panel = st.columns([5, 3], gap="large")
    with main:
        {"regions": _regions, "colours": colours.render, "map": _map}[view](context, result, held, unit)
    with panel:
        _panel(context, result, held, unit)


def kernel_caption(context: Context, held: Dossier, unit: int) -> str:
    """What a kernel's picture shows, with its real size."""
    kernel = held.kernels[unit]
    facts = {"rows": kernel.size[0], "columns": kernel.size[1], "layer": kernel.layer}
    if kernel.planes is not None:
        limit = context.number(full_weight(kernel, context.display))
        return context.say("detail.kernel_colours", limit=limit, **facts)
    return context.say("detail.kernel_norm", high=context.number(float(norm_of(kernel).max())), **facts)


def _regions(context: Context, result: Result, held: Dossier, unit: int) -> None:
    found = held.regions[unit]
    if found.code is not None:
        st.info(text(f"inspection.no_regions.{found.code}", context.lang))
    picture, beside = st.columns([3, 2])
    with picture:
        code = "boxes" if len(found) <= MOST_BOXES else "first_boxes"
        words = context.say(
            f"detail.{code}", count=len(found), shown=MOST_BOXES, percentile=f"{found.percentile:g}"
        )
        show(boxed(result.analysis, found), unit_label(context, unit) if found.code else words)
    with beside:
        tile_row(_beside(context, held, unit), 132)
    if found:
        st.dataframe(
            region_table(context, found), hide_index=True, height=TABLE_HEIGHT, key="detail.region_table"
        )
        st.caption(context.say("detail.interest"))


def _beside(context: Context, held: Dossier, unit: int) -> list[Tile]:
    """The kernel, and what the unit's strongest position sees."""
    kernel = kernel_picture(held.kernels[unit], context.display)
    tiles = [] if kernel is None else [Tile(kernel, kernel_caption(context, held, unit))]
    patch = held.patches[unit][0] if held.patches[unit] else None
    if patch is not None and patch.crop is not None and patch.crop.size:
        tiles.append(Tile(fitted(colours.picture_of(patch.crop)), context.say("detail.strongest")))
    return tiles


def _map(context: Context, result: Result, held: Dossier, unit: int) -> None:
    analysis = result.analysis
    units = dict.fromkeys([*result.ranking.units, unit])
    scale = scales_of(analysis, list(units), context.display)[unit]
    large, bare = st.columns(2)
    with large:
        show(over(analysis, unit, scale, context.display, 448), unit_label(context, unit))
    with bare:
        show(map_of(analysis, unit, scale, context.display, 448), cells(context, analysis.maps.shape))
    scale_bar(scale, context.display.palette, context.lang)


def _panel(context: Context, result: Result, held: Dossier, unit: int) -> None:
    row = result.analysis.units.iloc[unit]
    numbers(
        [
            (context.say("general.mean"), context.number(row["mean"])),
            (context.say("general.std"), context.number(row["std"])),
            (context.say("general.max"), context.number(row["max"])),
            (context.say("general.sparsity"), context.percent(row["sparsity"])),
        ]
    )
    reading.render(context, held, unit)
