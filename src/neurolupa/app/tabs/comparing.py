"""The same picture in several layers: the first units of each, each layer on a scale of its own."""

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.request import Request, Result
from neurolupa.app.tabs.cards import Tile, scale_bar, tile_row, told_note
from neurolupa.app.tabs.drawing import SMALL, over, scales_of
from neurolupa.app.texts import plain
from neurolupa.figures.inspection_words import shape_card, unit_name, unit_values
from neurolupa.inspection import ImageAnalysis, Ranking
from neurolupa.locales import text

UNITS = 4
TILE = 168


def render(context: Context, result: Result) -> None:
    """One frame for each layer: what it is, and its first units over the picture."""
    st.subheader(context.say("overlay.layers"))
    st.caption(text("figure.inspect.layers.note", context.lang))
    for analysis in result.analyses:
        with st.container(border=True):
            _layer(context, result.request, analysis)


def first_units(request: Request, analysis: ImageAnalysis) -> tuple[Ranking, Ranking]:
    """The first units of a layer by the criterion asked for, and by the one that could be used there.

    Units chosen by number mean something in one layer alone, and where nothing passes, the mean always works.
    """
    by = "mean" if request.by == "manual" else request.by
    asked = analysis.rank(by, UNITS, min_sparsity=request.min_sparsity, weight=request.weight)
    return asked, asked if asked.units else analysis.rank("mean", UNITS)


def _layer(context: Context, request: Request, analysis: ImageAnalysis) -> None:
    st.markdown(f"**`{analysis.site.name}`**")
    st.caption(" · ".join(plain(line) for line in shape_card(analysis, context.lang)))
    asked, used = first_units(request, analysis)
    note = told_note(context, asked)
    if note:
        st.caption(plain(note) + (" " + context.say("overlay.by_mean") if used is not asked else ""))
    if not analysis.spatial:
        values = [
            f"{unit_name(place, unit, context.lang)}: {unit_values(analysis, unit, context.lang)}"
            for place, unit in enumerate(used.units, start=1)
        ]
        st.markdown("\n".join(f"- {plain(value)}" for value in values))
        return
    scales = scales_of(analysis, used.units, context.display)
    tile_row(
        [_tile(context, analysis, place, unit, scales) for place, unit in enumerate(used.units, 1)], TILE
    )
    if context.display.shared_scale:
        scale_bar(scales[used.units[0]], context.display.palette, context.lang, analysis.site.name)


def _tile(context: Context, analysis: ImageAnalysis, place: int, unit: int, scales: dict) -> Tile:
    words = f"{unit_name(place, unit, context.lang)} · {unit_values(analysis, unit, context.lang)}"
    return Tile(over(analysis, unit, scales[unit], context.display, SMALL), words)
