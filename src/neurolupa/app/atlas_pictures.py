"""One of the sampled pictures of an atlas: the menu that chooses it, and what the atlas keeps of it."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.dataset_opening import Opened, table
from neurolupa.app.tabs.cards import show
from neurolupa.errors import DataError
from neurolupa.figures.overlays import enlarged

SIDE = 224


def choose_picture(context: Context, opened: Opened) -> int | None:
    """The menu of the sampled pictures, and the index of the chosen one; None where none was sampled.

    Raises:
        AtlasError: A file of the atlas is missing or damaged.
    """
    sampled = table(opened, "sampled")
    if not sampled.images:
        st.info(context.say("dataset.images.none"), icon=":material/info:")
        return None
    chosen = state.data_view().picture
    chosen = chosen if chosen in sampled.images else sampled.images[0]
    st.selectbox(
        context.say("picture.which", n=context.count(len(sampled.images))), sampled.images,
        key=state.bind(f"atlas.picture.{context.lang}", chosen), format_func=sampled.label,
        on_change=unbroken(lambda: state.change_data_view(
            picture=st.session_state[f"atlas.picture.{context.lang}"]
        )),
    )  # fmt: skip
    return chosen


def show_kept(context: Context, opened: Opened, image: int) -> None:
    """The picture as the network saw it, where the atlas keeps it: it keeps those that are exemplars."""
    try:
        picture = opened.atlas.thumb(image)
    except DataError:
        st.caption(context.say("picture.not_kept"))
        return
    show(enlarged(picture, SIDE), context.say("picture.seen"), SIDE)
