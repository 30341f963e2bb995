"""Filter visualisation: the kernels of the top units beside the patches that each detected."""

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.tabs.asked import dossier_of
from neurolupa.app.tabs.cards import Tile, shown_units, tile_row, unit_label
from neurolupa.app.tabs.colours import picture_of, why_no_planes
from neurolupa.app.tabs.detail import kernel_caption
from neurolupa.app.tabs.drawing import fitted, kernel_picture
from neurolupa.app.tabs.reading import match_words
from neurolupa.figures.overlays import outline
from neurolupa.inspection.dossier import Dossier
from neurolupa.inspection.patches import Patch
from neurolupa.locales import text

SIDE = 148
STRONGEST = 5


def render(context: Context) -> None:
    """Draw the tab."""
    units = shown_units(context)
    if not units:
        return
    st.caption(context.say("filters.help"))
    first = dossier_of(context, units[0])
    if first is not None and first.kernels[units[0]].code is not None:
        st.info(why_no_planes(context, first.kernels[units[0]]), icon=":material/info:")
    for unit in units:
        held = dossier_of(context, unit)
        if held is not None:
            _unit(context, held, unit)


def unit_tiles(context: Context, held: Dossier, unit: int) -> list[Tile]:
    """The kernel, the picture with the patches' places, then the patches, the strongest first."""
    kernel = kernel_picture(held.kernels[unit], context.display, SIDE)
    tiles = [] if kernel is None else [Tile(kernel, kernel_caption(context, held, unit))]
    boxes = [(patch.rank, patch.box) for patch in held.patches[unit] if patch.box is not None]
    if boxes and context.result is not None:
        seen = context.result.analysis.picture.seen
        placed = outline(fitted(seen, SIDE), boxes, seen.size)
        tiles.append(Tile(placed, context.say("filters.places")))
    return tiles + [
        Tile(fitted(picture_of(patch.crop), SIDE), patch_caption(context, patch))
        for patch in held.patches[unit]
        if patch.crop is not None and patch.crop.size
    ]


def patch_caption(context: Context, patch: Patch) -> str:
    """Rank, value, size and match of a patch."""
    words = [context.say("filters.patch", rank=patch.rank, value=context.number(patch.value))]
    if patch.crop is not None:
        words.append(context.say("filters.pixels", width=patch.crop.shape[1], height=patch.crop.shape[0]))
    return " · ".join([*words, *filter(None, [match_words(context, patch.match)])])


def _unit(context: Context, held: Dossier, unit: int) -> None:
    with st.container(border=True):
        st.markdown(f"**{unit_label(context, unit)}**")
        tiles = unit_tiles(context, held, unit)
        if tiles:
            tile_row(tiles, SIDE)
        for sentence in _remarks(context, held, unit):
            st.caption(sentence)


def _remarks(context: Context, held: Dossier, unit: int) -> list[str]:
    patches, kernel = held.patches[unit], held.kernels[unit]
    told = []
    if kernel.weights.size and kernel.code is not None:
        channels = ", ".join(str(channel) for channel, _ in kernel.strongest(STRONGEST))
        told.append(context.say("filters.channels", channels=channels))
    if patches.code is not None:
        told.append(text(f"inspection.no_regions.{patches.code}", context.lang))
    elif not any(patch.crop is not None and patch.crop.size for patch in patches):
        match = match_words(context, patches[0].match if patches else None)
        told.append(f"{context.say('filters.no_patch')} {match}".strip())
    return told
