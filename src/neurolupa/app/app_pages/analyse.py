"""One picture through the network: the sidebar, the work, the six tabs."""

from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from neurolupa.app import session, sidebar, state, work
from neurolupa.app.callbacks import unbroken
from neurolupa.app.commands import inspect_command
from neurolupa.app.context import Context
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.frames import WAITING_HEIGHT, head, lazy_tabs
from neurolupa.app.pages import Page
from neurolupa.app.request import Request, Result
from neurolupa.app.tabs import TABS
from neurolupa.app.texts import plain

PAGE = Page(key="analyse", title="page.analyse", icon=":material/biotech:", order=0)
_SHARES = {"network": 0.1, "picture": 0.5, "analysis": 0.6, "evidence": 0.8}


def render(context: Context) -> None:
    """Draw the page: what is shown is always the result that was computed, with its own settings."""
    status, body = st.container(key="status"), st.container()
    with st.sidebar:
        sidebar.controls(context)
        sidebar.display_controls(context)
    waiting = body.empty()
    _work(context, status, waiting)
    with status:
        _messages(_now(context))
    with body:
        _result(context)


def _now(context: Context) -> Context:
    """The context as it is after what has just been done."""
    return replace(context, display=state.display(), result=state.result())


def _work(context: Context, status: DeltaGenerator, waiting: DeltaGenerator) -> None:
    """Carry out what was sent, with a bar over the last result, which stays until there is another."""
    pending = session.pending()
    if pending is None:
        return
    bar = status.progress(0.0, context.say("work.network"))
    if state.result() is None:
        waiting.skeleton(height=WAITING_HEIGHT)

    def step(code: str) -> None:
        bar.progress(_SHARES[code], context.say(f"work.{code}"))

    _attempt(pending, step)
    bar.empty()
    waiting.empty()


def _attempt(pending: Request, step: work.Step) -> None:
    try:
        request, replaced = work.fitted(pending)
        session.keep(work.analyse(request, session.upload(), step), replaced)
    except WorkError as error:
        session.fail(error.failure)
    except Exception:
        session.settled()
        raise
    session.settled()


def _messages(context: Context) -> None:
    for notice in session.notices():
        st.info(context.say(f"notice.{notice.code}", **dict(notice.values)), icon=":material/info:")
    failure = session.failure()
    if failure is not None:
        _failed(context, failure)
    elif context.result is not None and session.is_stale(context.result):
        st.warning(context.say("stale"), icon=":material/sync_problem:")
    if context.result is None:
        st.button(
            context.say("button.analyse"),
            key="analyse.main",
            type="primary",
            on_click=unbroken(session.submit),
        )


def _failed(context: Context, failure: Failure) -> None:
    kept = "" if context.result is None else " " + context.say("failed.kept")
    st.error(failure.sentence(context.lang) + kept, icon=":material/error:")
    if failure.of_network:
        with st.container(horizontal=True):
            st.button(
                context.say("button.embedded"), key="use.embedded", on_click=unbroken(session.use_embedded)
            )
            if failure.code != "network_unknown":
                st.button(
                    context.say("button.random"), key="use.random", on_click=unbroken(session.use_random)
                )


@st.fragment
def _result(context: Context) -> None:
    """The six tabs; what is chosen in them runs this part alone, without the sidebar."""
    context = _now(context)
    result = context.result
    if result is None:
        return
    head(context, _headline(context, result), PAGE.key)
    views = {name: partial(draw, context) for name, draw in TABS.items()}
    lazy_tabs(context, "tab", views, context.display.tab, lambda name: state.change_display(tab=name))
    st.caption(context.say("again.command"))
    held = session.upload()
    command = inspect_command(result.request, None if held is None else held.name)
    st.code(command, language="bash", wrap_lines=True)
    session.publish(PAGE.key)


def _headline(context: Context, result: Result) -> str:
    """What is shown, in one line: network, site as measured, picture."""
    found = result.analysis
    point = context.say(f"point.{found.point or 'site'}")
    network = plain(found.provenance.model)
    if result.request.weights == "random":
        network += f" ({context.say('side.random').lower()})"
    return f"**{network}** · `{found.site.name}` · {point} · {plain(found.provenance.image)}"
