"""What every page that reads an atlas begins with: the form that opens one; all show the same atlas."""

from collections.abc import Callable

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, Opened, open_folder
from neurolupa.app.frames import head
from neurolupa.app.pages import Page

_COMMAND = "neurolupa scan embedded samples --out atlas"


def atlas_page(context: Context, page: Page, draw: Callable[[Context, Opened], None]) -> None:
    """The head of a page and the form; where an atlas is open, what `draw` makes of it."""
    head(context, f"## {context.say(page.title)}", page.key)
    folder = _chosen(context)
    if folder is not None:
        _drawn(context, page.key, draw, folder)


@st.fragment
def _drawn(context: Context, page: str, draw: Callable[[Context, Opened], None], folder: str) -> None:
    """The atlas; what is chosen in it runs this part alone."""
    try:
        draw(context, open_folder(folder))
    except AtlasError as error:
        failed(context, error, False)
    session.publish(page)


def atlas_now(context: Context) -> Opened | None:
    """The atlas that is open, for a page that can do without one."""
    _from_start(context)
    folder: str | None = state.remembered("dataset.folder")
    try:
        return None if folder is None else open_folder(folder)
    except AtlasError:
        return None


def ask_for_atlas(context: Context, why: str) -> None:
    """Why an atlas is wanted, and the form that opens one."""
    st.info(why, icon=":material/photo_library:")
    _form(context)
    failure: AtlasError | None = state.remembered("dataset.failure")
    if failure is not None:
        failed(context, failure, False)


def failed(context: Context, failure: AtlasError, kept: bool) -> None:
    """Say what is wrong with an atlas, and whether the one before stays."""
    sentence = context.say(f"dataset.failed.{failure.code}", **failure.values)
    more = " " + context.say("dataset.failed.kept") if kept else ""
    st.error(sentence + more, icon=":material/error:")


def _chosen(context: Context) -> str | None:
    """The form, what went wrong with it, and the folder that is open; None where there is none yet."""
    _from_start(context)
    _form(context)
    failure: AtlasError | None = state.remembered("dataset.failure")
    folder: str | None = state.remembered("dataset.folder")
    if failure is not None:
        failed(context, failure, folder is not None)
    if folder is None:
        _none_yet(context)
    return folder


def _from_start(context: Context) -> None:
    """Open the atlas that the dashboard was started with, where nobody has opened another one."""
    if state.remembered("dataset.folder") is None and context.atlas:
        _open(context.atlas)


def _open(typed: str) -> None:
    """Remember a folder if there is an atlas in it; the one before stays where there is none."""
    try:
        opened = open_folder(typed)
    except AtlasError as error:
        state.remember("dataset.failure", error)
        return
    state.remember("dataset.folder", opened.folder)
    state.remember("dataset.failure", None)


def _form(context: Context) -> None:
    with st.form("dataset.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("dataset.folder"),
            value=state.remembered("dataset.folder") or "",
            key="dataset.typed",
            help=context.say("dataset.folder.help"),
            placeholder="atlas",
        )
        button.form_submit_button(context.say("dataset.open"), on_click=unbroken(_submitted), width="stretch")


def _submitted() -> None:
    _open(st.session_state["dataset.typed"])


def _none_yet(context: Context) -> None:
    st.markdown(context.say("dataset.none"))
    st.code(_COMMAND, language="bash")
