"""How far a scan has come: a bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from neurolupa.cli.screen import bare

_EVERY_SECONDS = 10.0

OnBlock = Callable[[int, int], None]


@contextmanager
def progress(
    total: int | None = None,
    doing: str = "scanning",
    ending: str = "writing the atlas",
    things: str = "images",
) -> Iterator[OnBlock]:
    """Within it, the yielded function takes the images (or other things) done and in all, for stderr.

    `doing` and `ending` say what goes on until, and once, all of them are done.
    """
    if sys.stderr.isatty():
        with _bar() as bar:
            yield _Bar(bar, total, doing, ending, things)
    else:
        yield _Lines(things)


class Pace:
    """Images in a second since the first report, whatever was done before it (a resumed scan begins late).

    >>> pace = Pace()
    >>> pace.rate(100, now=0.0), pace.rate(150, now=2.0)
    (None, 25.0)
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None

    def rate(self, done: int, now: float) -> float | None:
        """None until there are two reports."""
        if self._first is None:
            self._first = (done, now)
        images, seconds = done - self._first[0], now - self._first[1]
        return images / seconds if images and seconds else None


def pace_text(done: int, total: int, rate: float | None, things: str = "images") -> str:
    """The rate and the time left, in words; nothing while they are not known.

    >>> pace_text(100, 1600, 50.0), pace_text(64, 100, None)
    ('50.0 images/s, 0:30 left', '')
    """
    if rate is None:
        return ""
    minutes, seconds = divmod(round((total - done) / rate), 60)
    return f"{rate:.1f} {things}/s, {minutes}:{seconds:02d} left"


class _Bar:
    """Feeds a rich progress bar."""

    def __init__(self, bar: Any, total: int | None, doing: str, ending: str, things: str = "images") -> None:
        self._bar, self._pace, self._doing, self._ending, self._things = bar, Pace(), doing, ending, things
        self._task = bar.add_task(doing, total=total, pace="")

    def __call__(self, done: int, total: int) -> None:
        words = pace_text(done, total, self._pace.rate(done, time.monotonic()), self._things)
        told = self._doing if done < total else self._ending
        self._bar.update(self._task, completed=done, total=total, pace=words, description=told)


class _Lines:
    """Prints a line at most every few seconds."""

    def __init__(self, things: str = "images") -> None:
        self._pace, self._due, self._things = Pace(), time.monotonic() + _EVERY_SECONDS, things

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        rate = self._pace.rate(done, now)
        if now >= self._due:
            self._due = now + _EVERY_SECONDS
            words = pace_text(done, total, rate, self._things)
            print(
                f"{done} of {total} {self._things}{', ' if words else ''}{words}", file=sys.stderr, flush=True
            )


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        console=Console(file=bare(sys.stderr)),
    )
