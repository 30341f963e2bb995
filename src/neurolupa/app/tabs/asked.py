"""What needs the network again: a unit's colour pattern, the prediction without a unit, and Grad-CAM.

It runs when it is first asked for and is kept, by content, for all sessions.
"""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from neurolupa.app import work
from neurolupa.app.context import Context
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.request import Result
from neurolupa.attribution import Attribution, attribute
from neurolupa.attribution.subject import has_map
from neurolupa.errors import NeurolupaError
from neurolupa.inspection import SwitchedOff, switch_off
from neurolupa.inspection.dossier import Dossier
from neurolupa.models import Model

MOST_KEPT = 64

_Found = TypeVar("_Found")


def dossier_of(context: Context, unit: int) -> Dossier | None:
    """A dossier that holds the unit; None, and the reason on the page, where none can be had.

    It need not hold the unit's colour pattern: see `whole_dossier_of`.
    """
    result = context.result
    if result is None:
        return None
    if unit in result.dossier:
        return result.dossier
    return _tried(context, lambda: work.dossier_of(_network(result), result.analysis, (unit,)))


def whole_dossier_of(context: Context, unit: int) -> Dossier | None:
    """The same with the unit's colour pattern."""
    result = context.result
    return None if result is None else _tried(context, lambda: whole_dossier(result, unit))


def whole_dossier(result: Result, unit: int) -> Dossier:
    """A dossier that holds the unit and its colour pattern.

    Raises:
        WorkError: The network cannot be had again.
        NeurolupaError: It does not run.
    """
    network, held = _network(result), result.dossier
    if unit not in held:
        held = work.dossier_of(network, result.analysis, (unit,))
    return work.with_pattern(network, result.analysis, held, unit)


def switched_off(context: Context, unit: int) -> SwitchedOff | None:
    """The prediction without the unit; None, and the reason on the page, where it cannot be had."""
    result = context.result
    if result is None:
        return None
    return _tried(context, lambda: _switched_off(*_key(result), unit, result))


def gradcam(context: Context, target: int) -> Attribution | None:
    """Grad-CAM of a network class, at the analysed site if it has a map, else at the last that has one."""
    result = context.result
    return None if result is None else _tried(context, lambda: _gradcam(*_key(result), target, result))


def _key(result: Result) -> tuple[str, str, str]:
    facts = result.analysis.provenance
    return facts.weights_digest, facts.image_digest, facts.site


def _network(result: Result) -> Model:
    return work.open_network(result.request.model, result.request.weights)


def _tried(context: Context, find: Callable[[], _Found]) -> _Found | None:
    try:
        with st.spinner(context.say("tab.working")):
            return find()
    except WorkError as error:
        st.error(error.failure.sentence(context.lang))
    except NeurolupaError as error:
        st.error(Failure("analysis", {"reason": str(error)}).sentence(context.lang))
    return None


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _switched_off(weights: str, image: str, site: str, unit: int, _result: Result) -> SwitchedOff:
    return switch_off(_network(_result), _result.analysis, [unit])[0]


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _gradcam(weights: str, image: str, site: str, target: int, _result: Result) -> Attribution:
    analysis = _result.analysis
    place = analysis.site.address if has_map(analysis.site) else None
    return attribute(_network(_result), analysis, "gradcam", target, place)
