"""The form that opens a second atlas: its folder is remembered for this session, and no link names it."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.atlas_form import failed
from neurolupa.app.callbacks import unbroken
from neurolupa.app.compare_parts import Comparing
from neurolupa.app.dataset_opening import AtlasError, Opened, open_folder

_FOLDER, _FAILURE, _TYPED = "compare.folder", "compare.failure", "compare.typed"


def second_atlas(comparing: Comparing) -> Opened | None:
    """The form, what went wrong with it, and the atlas that is open; None where there is none yet.

    Raises:
        AtlasError: The atlas that was open is there no more.
    """
    folder: str | None = state.remembered(_FOLDER)
    with st.form("compare.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            comparing.say("atlases.folder"), value=folder or "", key=_TYPED, placeholder="atlas",
            help=comparing.say("atlases.folder.help"),
        )  # fmt: skip
        button.form_submit_button(
            comparing.say("atlases.open"), on_click=unbroken(_submitted), width="stretch"
        )
    failure: AtlasError | None = state.remembered(_FAILURE)
    if failure is not None:
        failed(comparing.context, failure, folder is not None)
    if folder is None:
        st.markdown(comparing.say("atlases.none"))
        return None
    return open_folder(folder)


def _submitted() -> None:
    """Remember a folder if there is an atlas in it; the one before stays where there is none."""
    try:
        opened = open_folder(st.session_state[_TYPED])
    except AtlasError as error:
        state.remember(_FAILURE, error)
        return
    state.remember(_FOLDER, opened.folder)
    state.remember(_FAILURE, None)
