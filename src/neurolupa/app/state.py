"""What a session remembers between two runs of the script: the only place that knows the keys.

Streamlit forgets a widget's value when the widget is not drawn, or when its texts change with the language.
So the widgets are copies, and what counts is here.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from neurolupa.app.request import CompareView, DataView, Display, GalleryView, ProbingView

if TYPE_CHECKING:
    from neurolupa.app.request import Result

_PREFIX = "neurolupa."
_MISSING = object()


def remembered(name: str, default: Any = None) -> Any:
    """What this session remembers under a name."""
    return st.session_state.get(_PREFIX + name, default)


def remember(name: str, value: Any) -> None:
    """Remember a value for this session alone."""
    st.session_state[_PREFIX + name] = value


def display() -> Display:
    """How results are shown in this session."""
    return remembered("display") or Display()


def change_display(**changes: Any) -> None:
    """Change some fields of `display`."""
    remember("display", replace(display(), **changes))


def data_view() -> DataView:
    """What this session looks at of a data set."""
    return remembered("data_view") or DataView()


def change_data_view(**changes: Any) -> None:
    """Change some fields of `data_view`."""
    remember("data_view", replace(data_view(), **changes))


def gallery() -> GalleryView:
    """What this session looks at in the gallery, and would make."""
    return remembered("gallery") or GalleryView()


def change_gallery(**changes: Any) -> None:
    """Change some fields of `gallery`."""
    remember("gallery", replace(gallery(), **changes))


def probing() -> ProbingView:
    """What this session would probe, and looks at of the probes."""
    return remembered("probing") or ProbingView()


def change_probing(**changes: Any) -> None:
    """Change some fields of `probing`."""
    remember("probing", replace(probing(), **changes))


def comparing() -> CompareView:
    """What this session compares."""
    return remembered("comparing") or CompareView()


def change_comparing(**changes: Any) -> None:
    """Change some fields of `comparing`."""
    remember("comparing", replace(comparing(), **changes))


def result() -> "Result | None":
    """The last analysis that worked."""
    return remembered("result")


def bind(key: str, value: Any) -> str:
    """The key itself, once its widget, drawn next, shows `value`; see the module for why this is needed."""
    if st.session_state.get(key, _MISSING) != value:
        st.session_state[key] = value
    return key
