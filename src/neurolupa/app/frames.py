"""What pages have in common: their head, and tabs of which only the open one is drawn."""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.copying import copy_button

WAITING_HEIGHT = 560
"""Pixels of what stands where a result will be."""
LOOK = Path(__file__).with_name("look.css")


def reserve_room() -> None:
    """Keep the room of what comes and goes, so that its coming and going moves nothing."""
    st.html(LOOK)


def head(context: Context, words: str, page: str) -> None:
    """What a page shows, in Markdown, and beside it the button that copies its link."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(words, width="content")
        copy_button(context.say("button.link"), context.say("button.copied"), session.link(page), "copy.link")


def lazy_tabs(
    context: Context,
    prefix: str,
    views: Mapping[str, Callable[[], None]],
    opened: str,
    choose: Callable[[str], None],
) -> None:
    """Tabs in the order of the views, only the open one drawn; the others hold what is seen until they are.

    Args:
        context: For the labels, `app.<prefix>.<name>`.
        prefix: Also of the tabs' key.
        views: By name, what draws each.
        opened: The name of the one that is open.
        choose: Told the name of one that a person opens.
    """
    labels = {context.say(f"{prefix}.{name}"): name for name in views}
    key = state.bind(f"{prefix}.{context.lang}", context.say(f"{prefix}.{opened}"))
    with st.container(key="tabs"):
        panels = st.tabs(
            list(labels), key=key, on_change=unbroken(lambda: choose(labels[st.session_state[key]]))
        )
    for panel, draw in zip(panels, views.values(), strict=True):
        with panel:
            if panel.open:
                draw()
            else:
                st.skeleton(height=WAITING_HEIGHT)
