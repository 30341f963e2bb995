"""Callbacks of widgets that are carried out even where the next click is already waiting."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner import RerunException

_TIMES = 3


def unbroken(callback: Callable[..., object]) -> Callable[..., None]:
    """The callback, done again from its start where a waiting run cuts it short, and only then giving way.

    Each look into `st.session_state` hands over to a run that waits, by an exception. In a callback that is
    one click too early: Streamlit holds the new value for told, and never calls it again. What was typed just
    before a button was pressed would stand in its field and count for nothing. So a callback must be able to
    begin again: it sets, and never adds.

    >>> written, waiting = [], [True]
    >>> def commit():
    ...     if waiting and waiting.pop():
    ...         raise RerunException(None)
    ...     written.append(601)
    >>> try:
    ...     unbroken(commit)()
    ... except RerunException:
    ...     print(written)
    [601]
    """

    @wraps(callback)
    def whole(*args: Any, **kwargs: Any) -> None:
        cut: RerunException | None = None
        for _ in range(_TIMES):
            try:
                callback(*args, **kwargs)
                break
            except RerunException as waiting:
                cut = waiting
        if cut is not None:
            raise cut

    return whole
