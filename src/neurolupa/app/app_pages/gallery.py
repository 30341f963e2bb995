"""Synthetic pictures: those that a folder holds, those made now, and dreams; nothing runs without a click."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.atlas_form import atlas_now
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.failing import WorkError
from neurolupa.app.frames import head, lazy_tabs
from neurolupa.app.gallery_dream import dream_view
from neurolupa.app.gallery_make import controls, send_first, work_off
from neurolupa.app.gallery_shelf import Shelved, choose, open_form, shelf
from neurolupa.app.gallery_show import show_made
from neurolupa.app.pages import Page

PAGE = Page(key="gallery", title="gallery.title", icon=":material/gallery_thumbnail:", order=30)


def render(context: Context) -> None:
    """Draw the page."""
    head(context, f"## {context.say(PAGE.title)}", PAGE.key)
    _body(context)


@st.fragment
def _body(context: Context) -> None:
    """What was sent is made, then the open tab is drawn; what is chosen runs this part alone."""
    work_off(context)
    views = {name: partial(draw, context) for name, draw in VIEWS.items()}
    lazy_tabs(context, "gallery.tab", views, state.gallery().tab, lambda name: state.change_gallery(tab=name))
    session.publish(PAGE.key)


def _pictures(context: Context) -> None:
    """What is on the shelf; where nothing is, how to get something."""
    held = _held(context)
    if not held:
        st.markdown(context.say("gallery.none"))
        st.button(
            context.say("gallery.first"), key="gallery.first", type="primary",
            icon=":material/auto_awesome:", on_click=unbroken(send_first),
        )  # fmt: skip
        open_form(context)
        return
    with st.expander(context.say("gallery.open"), icon=":material/folder_open:"):
        open_form(context)
    _shown(context, held)


def _make(context: Context) -> None:
    """The controls, and what was made with them in this session."""
    controls(context)
    held = [one for one in _held(context) if one.place == "made"]
    if held:
        _shown(context, held)


def _shown(context: Context, held: list[Shelved]) -> None:
    """The menus, and what they choose."""
    chosen = choose(context, held)
    try:
        made = chosen.read()
    except WorkError as error:
        st.error(error.failure.sentence(context.lang), icon=":material/error:")
        return
    show_made(context, made, atlas_now(context))


def _held(context: Context) -> list[Shelved]:
    try:
        return shelf()
    except WorkError as error:
        st.error(error.failure.sentence(context.lang), icon=":material/error:")
        return []


VIEWS: dict[str, Callable[[Context], None]] = {"pictures": _pictures, "make": _make, "dream": dream_view}
"""The tabs, in the order of the words in links."""
