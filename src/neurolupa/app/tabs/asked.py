"""What needs the network again: units outside the ranking, and the prediction with a unit switched off.

It runs when it is first asked for and is kept, by content, for all sessions.
"""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from neurolupa.app import work
from neurolupa.app.context import Context
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.request import Request, Result
from neurolupa.errors import NeurolupaError
from neurolupa.inspection import ImageAnalysis, SwitchedOff, switch_off
from neurolupa.inspection.dossier import Dossier, dossier

MOST_KEPT = 64

Place = tuple[str, ...]
_Found = TypeVar("_Found")


def dossier_of(context: Context, unit: int) -> Dossier | None:
    """A dossier that holds the unit; None, and the reason on the page, where none can be had."""
    result = context.result
    if result is None:
        return None
    if unit in result.dossier:
        return result.dossier
    return _tried(context, lambda: _dossier(*_key(result), unit, result.request, result.analysis))


def switched_off(context: Context, unit: int) -> SwitchedOff | None:
    """The prediction without the unit; None, and the reason on the page, where it cannot be had."""
    result = context.result
    if result is None:
        return None
    return _tried(context, lambda: _switched_off(*_key(result), unit, result.request, result.analysis))


def _key(result: Result) -> tuple[str, str, str]:
    facts = result.analysis.provenance
    return facts.weights_digest, facts.image_digest, facts.site


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
def _dossier(
    weights: str, image: str, site: str, unit: int, _request: Request, _analysis: ImageAnalysis
) -> Dossier:
    return dossier(work.open_network(_request.model, _request.weights), _analysis, [unit])


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _switched_off(
    weights: str, image: str, site: str, unit: int, _request: Request, _analysis: ImageAnalysis
) -> SwitchedOff:
    return switch_off(work.open_network(_request.model, _request.weights), _analysis, [unit])[0]
