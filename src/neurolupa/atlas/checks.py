"""Values that a caller hands in, taken as what they must be or refused in one line."""

import math
import operator
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import UsageError

_LONGEST_LINE = 200


def whole_number(name: str, value: Any, least: int | None = None) -> int:
    """An integer, NumPy's too; UsageError for anything else and for what is below `least`.

    >>> whole_number("batch size", np.int64(3), 1)
    3
    >>> whole_number("batch size", 2.5, 1)
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: batch size must be a whole number, not 2.5
    """
    try:
        found = operator.index(value)
    except TypeError:
        found = None
    if found is None or isinstance(value, bool | np.bool_):
        raise UsageError(f"{name} must be a whole number, not {shown(value)}")
    if least is not None and found < least:
        raise UsageError(f"{name} must be at least {least}, not {found}")
    return found


def real_number(name: str, value: Any) -> float:
    """A number that is not NaN; UsageError for anything else.

    >>> real_number("threshold", 1), real_number("threshold", float("inf"))
    (1.0, inf)
    """
    kinds = int | float | np.integer | np.floating
    if not isinstance(value, kinds) or isinstance(value, bool) or math.isnan(value):
        raise UsageError(f"{name} must be a number, not {shown(value)}")
    return float(value)


def fractions(name: str, values: Any) -> NDArray[np.float64]:
    """Numbers between 0 and 1, in the shape of `values`; UsageError for anything else.

    >>> fractions("quantiles", [0, 0.5]).tolist()
    [0.0, 0.5]
    """
    table = _numbers(name, values)
    if not ((table >= 0) & (table <= 1)).all():
        raise UsageError(f"{name} must lie between 0 and 1, not {shown(values)}")
    return table


def ascending(name: str, values: Any) -> NDArray[np.float64]:
    """Two or more finite numbers, each above the one before; UsageError for anything else.

    >>> ascending("edges", [1, 3]).tolist()
    [1.0, 3.0]
    """
    table = _numbers(name, values)
    if table.ndim != 1 or len(table) < 2 or not np.isfinite(table).all() or (np.diff(table) <= 0).any():
        raise UsageError(f"{name} must be two or more ascending numbers, not {shown(values)}")
    return table


def path_of(name: str, value: Any) -> Path:
    """A path that a file system can be asked about; UsageError for anything else.

    >>> path_of("out", "")
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: out is empty: give the path of a file or folder
    """
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise UsageError(f"{name} must be a path, not {shown(value)}")
    text = os.fspath(value)
    if not text:
        raise UsageError(f"{name} is empty: give the path of a file or folder")
    if "\0" in text:
        raise UsageError(f"{name} holds a NUL character, which no path may: {shown(text)}")
    return Path(text)


def shown(value: Any) -> str:
    """A value as a short piece of one line.

    >>> shown([1.5] * 40)
    '[1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1...'
    """
    words = " ".join(repr(value).split())
    return words if len(words) <= 40 else f"{words[:37]}..."


def first_line(error: Exception) -> str:
    """The beginning of what an error of a library says; its kind where it says nothing.

    >>> first_line(ValueError("no such type")), first_line(EOFError())
    ('no such type', 'EOFError')
    """
    return str(error).partition("\n")[0][:_LONGEST_LINE] or type(error).__name__


def _numbers(name: str, values: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{name} must be numbers, not {shown(values)}") from None
