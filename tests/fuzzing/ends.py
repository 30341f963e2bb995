"""How reading a damaged input may end: with a result, or with one line; in time, and in little memory."""

import resource
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from neurolupa.errors import NeurolupaError, Notice

SECONDS = 20
MOST_MEMORY = 300 * 2**20


class Hung(BaseException):
    """Reading did not come to an end; no `except Exception` of the program hides it."""


def outcome(read: Callable[[], Any]) -> tuple[Any, str | None]:
    """What reading gives and None, or None and the one line that it ends with.

    Fails for another exception, a line that is empty, long or several, a warning that escapes, a hang, and
    for memory beyond the cap.
    """
    with warnings.catch_warnings(record=True) as escaped, _within(SECONDS), _little_memory():
        warnings.simplefilter("always")
        try:
            found, line = read(), None
        except NeurolupaError as error:
            found, line = None, str(error)
    odd = [one for one in escaped if not (one.category is Notice and is_one_line(str(one.message)))]
    assert not odd, f"a warning escaped: {odd[0].message}"
    assert line is None or is_one_line(line), f"no clear line: {line!r}"
    return found, line


def is_one_line(line: str) -> bool:
    """Whether a person can read it: printable, neither empty nor endless."""
    return line.isprintable() and 3 < len(line) < 1000


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hung(f"no end after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _little_memory() -> Iterator[None]:
    """The most that the process ever took does not grow by much: a high mark, so that a leap is seen once."""
    before = _most_bytes()
    yield
    grown = _most_bytes() - before
    assert grown < MOST_MEMORY, f"{grown >> 20} MiB for a small file"


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
