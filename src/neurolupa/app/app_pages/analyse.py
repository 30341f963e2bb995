"""One picture through the network: the sidebar, the work, the six tabs."""

from dataclasses import replace

import streamlit as st

from neurolupa.app import session, sidebar, state, work
from neurolupa.app.commands import inspect_command
from neurolupa.app.context import Context
from neurolupa.app.copying import copy_button
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.pages import Page
from neurolupa.app.request import TAB_KEYS, Request, Result
from neurolupa.app.tabs import TABS
from neurolupa.app.texts import plain

PAGE = Page(key="analyse", title="page.analyse", icon=":material/biotech:", order=0)
WAITING_HEIGHT = 560
_SHARES = {"network": 0.1, "picture": 0.5, "analysis": 0.6, "evidence": 0.8}


def render(context: Context) -> None:
    """Draw the page: what is shown is always the result that was computed, with its own settings."""
    head, body = st.container(), st.empty()
    with st.sidebar:
        sidebar.controls(context)
        sidebar.display_controls(context)
    _work(context, body)
    shown = replace(context, display=state.display(), result=state.result())
    with head:
        _messages(shown)
    if shown.result is not None:
        with body.container():
            _result(shown, shown.result)


def _work(context: Context, body: "st.delta_generator.DeltaGenerator") -> None:
    """Carry out what was sent, with a bar where the result will be."""
    pending = session.take_pending()
    if pending is None:
        return
    with body.container():
        bar = st.progress(0.0, context.say("work.network"))
        st.skeleton(height=WAITING_HEIGHT)

    def step(code: str) -> None:
        bar.progress(_SHARES[code], context.say(f"work.{code}"))

    _attempt(pending, step)
    body.empty()


def _attempt(pending: Request, step: work.Step) -> None:
    try:
        request, replaced = work.fitted(pending)
        session.keep(work.analyse(request, session.upload(), step), replaced)
    except WorkError as error:
        session.fail(error.failure)


def _messages(context: Context) -> None:
    for notice in session.notices():
        st.info(context.say(f"notice.{notice.code}", **dict(notice.values)), icon=":material/info:")
    failure = session.failure()
    if failure is not None:
        _failed(context, failure)
    elif context.result is not None and session.is_stale(context.result):
        st.warning(context.say("stale"), icon=":material/sync_problem:")
    if context.result is None:
        st.button(context.say("button.analyse"), key="analyse.main", type="primary", on_click=session.submit)


def _failed(context: Context, failure: Failure) -> None:
    kept = "" if context.result is None else " " + context.say("failed.kept")
    st.error(failure.sentence(context.lang) + kept, icon=":material/error:")
    if failure.of_network:
        with st.container(horizontal=True):
            st.button(context.say("button.embedded"), key="use.embedded", on_click=session.use_embedded)
            if failure.code != "network_unknown":
                st.button(context.say("button.random"), key="use.random", on_click=session.use_random)


def _result(context: Context, result: Result) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(_headline(context, result), width="content")
        copy_button(
            context.say("button.link"), context.say("button.copied"), session.link(PAGE.key), "copy.link"
        )
    labels = {context.say(f"tab.{key}"): key for key in TAB_KEYS}
    key = f"tab.{context.lang}"
    state.bind(key, context.say(f"tab.{context.display.tab}"))
    opened = st.tabs(list(labels), key=key, on_change=_tab_chosen, args=(key, labels))
    for panel, name in zip(opened, TAB_KEYS, strict=True):
        if panel.open:
            with panel:
                TABS[name](context)
    st.caption(context.say("again.command"))
    held = session.upload()
    command = inspect_command(result.request, None if held is None else held.name)
    st.code(command, language="bash", wrap_lines=True)


def _headline(context: Context, result: Result) -> str:
    """What is shown, in one line: network, site as measured, picture."""
    found = result.analysis
    point = context.say(f"point.{found.point or 'site'}")
    network = plain(found.provenance.model)
    if result.request.weights == "random":
        network += f" ({context.say('side.random').lower()})"
    return f"**{network}** · `{found.site.name}` · {point} · {plain(found.provenance.image)}"


def _tab_chosen(key: str, labels: dict[str, str]) -> None:
    state.change_display(tab=labels[st.session_state[key]])
