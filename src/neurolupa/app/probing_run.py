"""What the buttons of the page of probes do: the work under its bar, which runs only after a click."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from neurolupa.app import probing_work, state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.probing_work import Held
from neurolupa.app.request import ProbingView

if TYPE_CHECKING:
    from neurolupa.probing.sparse import UnitProbes

_SENT, _FAILED, _STOPPED = "probing.sent", "probing.failed", "probing.stopped"
_HELD, _NARROWED = "probing.held", "probing.narrowed"
_PASS = 0.6
"""Of the bar, for the pictures."""


def send(kind: str) -> None:
    """What a button does: the run that follows makes what the controls say then."""
    state.remember(_SENT, kind)
    state.remember(_FAILED, None)
    state.remember(_STOPPED, False)


def open_folder(typed: str) -> None:
    """Show the probes of a folder; those before stay where there are none."""
    try:
        _keep(probing_work.read(typed))
        state.remember(_FAILED, None)
    except WorkError as error:
        state.remember(_FAILED, error.failure)


def held_now() -> Held | None:
    """The probes that are shown."""
    return state.remembered(_HELD)


def narrowed_now(concept: str, site: str) -> "UnitProbes | None":
    """The sparse probes of a concept at a site, where they have been made."""
    return state.remembered(_NARROWED, {}).get((concept, site))


def all_narrowed() -> "tuple[UnitProbes, ...]":
    """Of each concept the sparse probes that were made last."""
    last = {concept: found for (concept, _), found in state.remembered(_NARROWED, {}).items()}
    return tuple(last.values())


def work_off(context: Context) -> None:
    """Carry out what was sent, under a bar with a button that stops it; say what came of it."""
    kind, wanted = state.remembered(_SENT), state.probing()
    state.remember(_SENT, None)
    with st.container(key="status"):
        place = st.empty()  # even where nothing is told: an empty container takes no room
        if kind is not None:
            _attempt(context, place, _WORK[kind], wanted)
        failure: Failure | None = state.remembered(_FAILED)
        if failure is not None:
            place.error(failure.sentence(context.lang), icon=":material/error:")
        elif state.remembered(_STOPPED):
            place.info(context.say("probing.stopped"), icon=":material/stop_circle:")


def _attempt(context: Context, place: DeltaGenerator, kind: Callable[..., None], wanted: ProbingView) -> None:
    with place.container(horizontal=True, vertical_alignment="bottom"):
        bar = st.progress(0.0, context.say("work.network"))
        # The click ends this run at its next sign of life, and the run that follows has nothing to do.
        st.button(
            context.say("probing.stop"), key="probing.stop", icon=":material/stop_circle:",
            on_click=unbroken(lambda: state.remember(_STOPPED, True)),
        )  # fmt: skip
    try:
        kind(wanted, _Steps(context, bar))
    except WorkError as error:
        state.remember(_FAILED, error.failure)
    place.empty()


class _Steps:
    """Moves a bar; each move is a sign of life, at which a run that was stopped ends."""

    def __init__(self, context: Context, bar: DeltaGenerator) -> None:
        self._context, self._bar = context, bar

    def pictures(self, done: int, total: int) -> None:
        """The first part of the bar."""
        self._move("pictures", _PASS * done / total, done, total)

    def concepts(self, done: int, total: int) -> None:
        """The rest of it."""
        self._move("concepts", _PASS + (1 - _PASS) * done / total, done, total)

    def _move(self, code: str, share: float, done: int, total: int) -> None:
        counts = {"done": self._context.count(done), "all": self._context.count(total)}
        self._bar.progress(min(1.0, share), self._context.say(f"probing.progress.{code}", **counts))


def _probe(wanted: ProbingView, steps: _Steps) -> None:
    _keep(probing_work.probed(wanted, steps))


def _narrow(wanted: ProbingView, steps: _Steps) -> None:
    held = held_now()
    if held is None:
        return
    concept = chosen_concept(held, wanted)
    site = chosen_site(held, concept, wanted)
    steps.concepts(0, 1)
    found = probing_work.narrowed(held, concept, site, steps)
    steps.concepts(1, 1)  # what was stopped is not shown
    state.remember(_NARROWED, state.remembered(_NARROWED, {}) | {(concept, site): found})


_WORK: dict[str, Callable[[ProbingView, _Steps], Any]] = {"probe": _probe, "narrow": _narrow}


def chosen_concept(held: Held, shown: ProbingView) -> str:
    """The concept that is looked at: the chosen one, where it was probed."""
    names = [each.concept for each in held.report.concepts]
    return shown.concept if shown.concept in names else names[0]


def chosen_site(held: Held, concept: str, shown: ProbingView) -> str:
    """The site that is looked at: the chosen one, where it was probed, else that which tells the most."""
    probes = held.report.concept(concept)
    if shown.site in probes.sites:
        return shown.site
    return max(probes.sites, key=lambda site: probes.of(site).score)


def _keep(held: Held) -> None:
    state.remember(_HELD, held)
    state.remember(_NARROWED, {})
