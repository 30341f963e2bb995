"""The synthetic pictures that a session has: those it made, newest first, and those of an open folder."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.context import Context
from neurolupa.app.failing import WorkError
from neurolupa.app.gallery_work import folders_in, read
from neurolupa.synthesis import Synthesis

MOST_KEPT = 12
_MADE, _FOLDER, _CHOSEN, _FAULT = "gallery.made", "gallery.folder", "gallery.chosen", "gallery.fault"


def keep(made: Synthesis) -> None:
    """Put pictures on the shelf and choose them; the same made before, or fewer of the same, go."""
    others = [one for one in state.remembered(_MADE, ()) if not _within(one, made)]
    state.remember(_MADE, (made, *others)[:MOST_KEPT])
    state.remember(_CHOSEN, 0)
    state.remember("gallery.page", 1)


def shelf() -> list[Synthesis]:
    """All of them.

    Raises:
        WorkError: What lies in the folder is damaged.
    """
    return [*state.remembered(_MADE, ()), *(read(one) for one in state.remembered(_FOLDER, ()))]


def open_form(context: Context) -> None:
    """The field for a folder, and what is wrong with it."""
    with st.form("gallery.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("gallery.folder"), key="gallery.typed", placeholder="made",
            help=context.say("gallery.folder.help"),
        )  # fmt: skip
        button.form_submit_button(context.say("dataset.open"), on_click=_submitted, width="stretch")
    fault: WorkError | None = state.remembered(_FAULT)
    if fault is not None:
        st.error(fault.failure.sentence(context.lang), icon=":material/error:")


def choose(context: Context, held: list[Synthesis]) -> Synthesis:
    """The menu of what is on the shelf, a layer and a method each."""
    chosen = min(state.remembered(_CHOSEN, 0), len(held) - 1)
    key = state.bind(f"gallery.shelf.{context.lang}.{len(held)}", chosen)
    st.selectbox(
        context.say("gallery.shelf"), range(len(held)), key=key, on_change=_choose, args=(key,),
        format_func=lambda index: _label(context, held[index]),
    )  # fmt: skip
    return held[chosen]


def _choose(key: str) -> None:
    state.remember(_CHOSEN, st.session_state[key])
    state.remember("gallery.page", 1)


def _submitted() -> None:
    """Open a folder, all of whose pictures can be read; the one before stays where there is none."""
    try:
        folders = folders_in(st.session_state["gallery.typed"])
        for folder in folders:
            read(folder)
    except WorkError as error:
        state.remember(_FAULT, error)
        return
    state.remember(_FAULT, None)
    state.remember(_FOLDER, folders)
    state.remember(_CHOSEN, len(state.remembered(_MADE, ())))
    state.remember("gallery.page", 1)


def _label(context: Context, made: Synthesis) -> str:
    source = made.source
    place = source.site or context.say("gallery.several")
    return f"{place} · {plain_name(source.model)} · {source.method} · {context.count(len(made))}"


def plain_name(name: str) -> str:
    """A network's name on one line: a menu shows no markup.

    >>> plain_name("a  b")
    'a b'
    """
    return " ".join(name.split())


def _within(one: Synthesis, other: Synthesis) -> bool:
    return one.source == other.source and set(one.targets) <= set(other.targets)
