"""What each layer knows: linear probes of concepts with their controls; nothing runs without a click."""

from functools import partial

import streamlit as st

from neurolupa.app import session, state
from neurolupa.app.commands import probe_command
from neurolupa.app.context import Context
from neurolupa.app.frames import head, lazy_tabs
from neurolupa.app.pages import Page
from neurolupa.app.probing_form import controls, open_form
from neurolupa.app.probing_run import all_narrowed, held_now, work_off
from neurolupa.app.probing_views import VIEWS, Probes
from neurolupa.app.probing_work import Held, zipped
from neurolupa.app.texts import plain
from neurolupa.figures.probing_words import code_lines, left_out_lines, probes_caption

PAGE = Page(key="probing", title="probing.title", icon=":material/science:", order=40)


def render(context: Context) -> None:
    """Draw the page: what was sent is made outside a fragment, whose clicks could not stop it."""
    head(context, f"## {context.say(PAGE.title)}", PAGE.key)
    above = st.container()
    work_off(context)
    held = held_now()
    with above:
        _wanted(context, held is None)
    if held is not None:
        _shown(context, held)


def _wanted(context: Context, first: bool) -> None:
    """What is to be probed, or opened; folded up where there are probes to look at."""
    if first:
        st.markdown(context.say("probing.none"))
    with st.expander(context.say("probing.what"), expanded=first, icon=":material/tune:"):
        controls(context)
    with st.expander(context.say("probing.open"), icon=":material/folder_open:"):
        open_form(context)


@st.fragment
def _shown(context: Context, held: Held) -> None:
    """The probes; what is chosen in them runs this part alone."""
    st.caption(plain(probes_caption(held.report, context.lang)))
    _told(context, held)
    if held.report.concepts:
        probes = Probes(context, held)
        views = {name: partial(draw, probes) for name, draw in VIEWS.items()}
        lazy_tabs(
            context, "probing.tab", views, state.probing().tab, lambda name: state.change_probing(tab=name)
        )
    _files(context, held)
    session.publish(PAGE.key)


def _told(context: Context, held: Held) -> None:
    """What a reader must know: what was left out, and what makes scores doubtful."""
    found, lang = held.report, context.lang
    lines = [*left_out_lines(found, lang), *code_lines(found, lang)]
    if lines:
        st.warning("  \n".join(map(plain, lines)), icon=":material/info:")


def _files(context: Context, held: Held) -> None:
    """Everything to take along, and the command that makes the same."""
    st.download_button(
        context.say("probing.zip"), data=partial(zipped, held.report, all_narrowed(), context.lang),
        file_name="probes.zip", mime="application/zip", icon=":material/folder_zip:", key="probing.zip",
        on_click="ignore",
    )  # fmt: skip
    st.caption(context.say("again.command"))
    st.code(probe_command(held.report, held.model), language="bash", wrap_lines=True)
