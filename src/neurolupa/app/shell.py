"""The frame around the pages: language, navigation, the address bar."""

import gc
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.texts import LANGUAGE_NAMES, say
from neurolupa.app.visitors import ATLAS_VARIABLE
from neurolupa.locales import LANGUAGES

if TYPE_CHECKING:
    from neurolupa.app.pages import Page

# A file: for a named symbol the browser would ask a server on the internet.
ICON = str(Path(__file__).with_name("icon.png"))


def run() -> None:
    """One run of the script: what Streamlit calls at every interaction."""
    st.set_page_config(page_title="neurolupa", page_icon=ICON, layout="wide")
    # Torch takes seconds to load in a process's first run; with the line above the browser has its skeleton.
    from neurolupa.app import session
    from neurolupa.app.frames import reserve_room
    from neurolupa.app.pages import find_pages

    pages = find_pages()
    _spare_what_is_loaded()
    asked = session.begin(tuple(page.key for page in pages)) or session.take_going()
    reserve_room()
    with st.sidebar:
        _language()
    drawn = {page.key: _navigable(page, render) for page, render in pages.items()}
    current = st.navigation(list(drawn.values()), position="top")
    key = next(key for key, page in drawn.items() if page == current)
    if asked is not None and asked != key:
        st.switch_page(drawn[asked])
    current.run()
    session.publish(key)


def context_now() -> Context:
    """What the pages get in this run."""
    return Context(state.display(), state.result(), os.environ.get(ATLAS_VARIABLE) or None)


def _navigable(page: "Page", render: Callable[[Context], None]) -> st.Page:
    def draw() -> None:
        render(context_now())

    return st.Page(
        draw,
        title=say(page.title, state.display().lang),
        icon=page.icon,
        url_path=page.key,
        default=page.order == 0,
    )


@cache
def _spare_what_is_loaded() -> None:
    """Keep the collector from what stays for good.

    Streamlit collects garbage after each run, and would look through the half million objects of torch each
    time: a third of a second in which the next click waits.
    """
    gc.collect()
    gc.freeze()


def _language() -> None:
    key = state.bind("language", state.display().lang)
    st.segmented_control(
        say("side.language", state.display().lang),
        LANGUAGES,
        format_func=LANGUAGE_NAMES.__getitem__,
        key=key,
        on_change=unbroken(_commit_language),
        args=(key,),
        label_visibility="collapsed",
        width="stretch",
    )


def _commit_language(key: str) -> None:
    # Clicking the chosen one again clears it: the language stays then.
    if st.session_state[key] is not None:
        state.change_display(lang=st.session_state[key])
