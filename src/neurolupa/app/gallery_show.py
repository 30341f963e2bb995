"""Synthetic pictures on the page: tiles with their numbers, natural exemplars beside, files, the command."""

from functools import partial
from math import isfinite

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.atlas_form import ask_for_atlas
from neurolupa.app.callbacks import unbroken
from neurolupa.app.commands import synthesize_command
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, Opened
from neurolupa.app.gallery_pictures import TILE, grid_png, patches_of, tile, zipped
from neurolupa.app.gallery_rows import Row, ordered, rows_of
from neurolupa.app.gallery_work import Natural, natural_of, preferences
from neurolupa.app.request import ORDERS
from neurolupa.app.tabs.cards import paper, show
from neurolupa.app.texts import plain
from neurolupa.figures.synthesis_export import picture_rows
from neurolupa.figures.synthesis_words import (
    caution,
    number,
    quality_lines,
    source_line,
    state_words,
    target_words,
)
from neurolupa.synthesis import Synthesis

MOST_TILES = 24
_TO_UNIT = ":material/neurology:"


def show_made(context: Context, made: Synthesis, opened: Opened | None) -> None:
    """All that there is to see of a synthesis."""
    natural = _natural(context, made, opened)
    rows = rows_of(made, natural, {} if natural is None else preferences(natural))
    chosen = _order(context, rows)
    st.caption(_caption(context, natural))
    if made.images.shape[1] in (1, 3):
        _tiles(context, made, natural, _page(context, ordered(rows, chosen)))
    else:
        st.info(context.say("gallery.channels", channels=made.images.shape[1]), icon=":material/info:")
    _numbers(context, made)
    _files(context, made, opened if natural is not None else None)


def _natural(context: Context, made: Synthesis, opened: Opened | None) -> Natural | None:
    """What natural pictures do; where that is not known, how to get it."""
    try:
        natural = natural_of(opened, made)
    except AtlasError:
        natural = None
    if natural is None:
        ask_for_atlas(context, context.say("gallery.no_atlas" if opened is None else "gallery.other_atlas"))
    return natural


def _order(context: Context, rows: list[Row]) -> str:
    """The menu of orders, of those that some picture has a number for."""
    known = {
        "ratio": any(isfinite(row.ratio) for row in rows),
        "stability": any(isfinite(row.stability) for row in rows),
        "class": any(row.preferred is not None for row in rows),
    }
    choices = [name for name in ORDERS if known.get(name, True)]
    chosen = state.gallery().order
    chosen = chosen if chosen in choices else choices[0]
    key = state.bind(f"gallery.order.{context.lang}.{'.'.join(choices)}", chosen)
    st.segmented_control(
        context.say("gallery.order"), choices, key=key,
        format_func=lambda name: context.say(f"gallery.order.{name}"),
        on_change=unbroken(_reorder), args=(key,),
    )  # fmt: skip
    return chosen


def _reorder(key: str) -> None:
    # Clicking the chosen one again clears it: the order stays then.
    if st.session_state[key] is not None:
        state.change_gallery(order=st.session_state[key])
        state.remember("gallery.page", 1)


def _caption(context: Context, natural: Natural | None) -> str:
    words = plain(caution(context.lang))
    if natural is None:
        return words
    sampled = context.count(natural.sampled)
    return f"{words} {context.say('gallery.beside', sampled=sampled)}"


def _page(context: Context, rows: list[Row]) -> list[Row]:
    """As many rows as one page holds, and the field that leads to the others."""
    pages = -(-len(rows) // MOST_TILES)
    if pages < 2:
        return rows
    chosen = min(state.remembered("gallery.page", 1), pages)
    key = state.bind(f"gallery.page.{context.lang}.{pages}", chosen)
    st.number_input(
        context.say("gallery.page", last=pages), 1, pages, step=1, key=key, width=2 * TILE,
        on_change=unbroken(lambda: state.remember("gallery.page", int(st.session_state[key]))),
    )  # fmt: skip
    return rows[(chosen - 1) * MOST_TILES : chosen * MOST_TILES]


def _tiles(context: Context, made: Synthesis, natural: Natural | None, rows: list[Row]) -> None:
    shape = "alone" if natural is None else "beside"
    with st.container(horizontal=True, gap="small", key=f"gallery.{shape}"):
        for row in rows:
            with st.container(width=TILE, gap=None):
                _tile(context, made, natural, row)


def _tile(context: Context, made: Synthesis, natural: Natural | None, row: Row) -> None:
    """The pictures, the way to the unit's page, and the numbers."""
    words = target_words(made, row.index, context.lang)
    patches = patches_of(natural, row.unit)
    alt = context.say("gallery.alt" if natural is None else "gallery.alt.beside", target=words)
    show(tile(made.picture(row.index), patches, paper()), "", TILE, alt)
    if row.unit >= 0 and made.source.site is not None:
        label = words[:1].upper() + words[1:]
        if st.button(label, key=f"gallery.unit.{row.index}", type="tertiary", icon=_TO_UNIT):
            _open_unit(made.source.site, row.unit)
    else:
        st.markdown(plain(words))
    st.caption("  \n".join(plain(line) for line in _lines(context, row)))


def _lines(context: Context, row: Row) -> list[str]:
    """One number a line: beside each other they would not fit, and tiles would differ in height."""
    lines = [
        state_words(row.state, context.lang),
        context.say("gallery.reached", value=number(row.activation)),
    ]
    if isfinite(row.ratio):
        lines.append(context.say("gallery.ratio", ratio=f"{row.ratio:.2f}"))
    if row.preferred is not None:
        lines.append(context.say("gallery.prefers", name=row.preferred))
    return lines


def _open_unit(site: str, unit: int) -> None:
    state.change_data_view(site=site, neuron=unit)
    session.go_to("neuron")
    st.rerun()


def _numbers(context: Context, made: Synthesis) -> None:
    """Every number of every picture, and one of them in sentences."""
    with st.expander(context.say("gallery.quality"), icon=":material/table_chart:"):
        names = [target_words(made, index, context.lang) for index in range(len(made))]
        index = st.selectbox(
            context.say("gallery.which"), range(len(made)), format_func=names.__getitem__,
            key=f"gallery.which.{context.lang}.{len(made)}",
        )  # fmt: skip
        st.markdown("\n".join(f"- {plain(line)}" for line in quality_lines(made, index or 0, context.lang)))
        st.dataframe(picture_rows(made), hide_index=True, key="gallery.table")
    st.caption(plain(source_line(made, context.lang)))


def _files(context: Context, made: Synthesis, opened: Opened | None) -> None:
    """The pictures to take along, and the command that makes the same."""
    atlas = None if opened is None else opened.atlas
    ways = {
        "png": ("image/png", ":material/image:", partial(grid_png, made, context.lang)),
        "zip": ("application/zip", ":material/folder_zip:", partial(zipped, made, atlas, context.lang)),
    }
    with st.container(horizontal=True):
        for kind, (mime, icon, data) in ways.items():
            st.download_button(
                context.say(f"gallery.export.{kind}"), data=data, file_name=f"synthetic.{kind}", mime=mime,
                icon=icon, key=f"gallery.export.{kind}", on_click="ignore",
            )  # fmt: skip
    command = synthesize_command(made, None if opened is None else opened.folder)
    if command is not None:
        st.caption(context.say("again.command"))
        st.code(command, language="bash", wrap_lines=True)
