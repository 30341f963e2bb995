"""The form that opens an atlas; every page that reads one begins with it, and all show the same atlas."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import AtlasError, open_folder

_COMMAND = "neurolupa scan embedded samples --out atlas"


def atlas_form(context: Context) -> str | None:
    """The form, what went wrong with it, and the folder that is open; None where there is none yet."""
    if state.remembered("dataset.folder") is None and context.atlas:
        _open(context.atlas)
    _form(context)
    failure: AtlasError | None = state.remembered("dataset.failure")
    folder: str | None = state.remembered("dataset.folder")
    if failure is not None:
        failed(context, failure, folder is not None)
    if folder is None:
        _none_yet(context)
    return folder


def failed(context: Context, failure: AtlasError, kept: bool) -> None:
    """Say what is wrong with an atlas, and whether the one before stays."""
    sentence = context.say(f"dataset.failed.{failure.code}", **failure.values)
    more = " " + context.say("dataset.failed.kept") if kept else ""
    st.error(sentence + more, icon=":material/error:")


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
        button.form_submit_button(context.say("dataset.open"), on_click=_submitted, width="stretch")


def _submitted() -> None:
    _open(st.session_state["dataset.typed"])


def _none_yet(context: Context) -> None:
    st.markdown(context.say("dataset.none"))
    st.code(_COMMAND, language="bash")
