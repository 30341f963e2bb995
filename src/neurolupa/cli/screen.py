"""Output as text alone: what a terminal would obey is written out, whoever printed it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from neurolupa.locales.visible import visible


class Guarded:
    r"""A text stream that writes nothing which a terminal obeys; `bare` is the stream itself.

    >>> from io import StringIO
    >>> Guarded(held := StringIO()).write("\x1b[2Jcat"); held.getvalue()
    12
    '\\u001b[2Jcat'
    """

    def __init__(self, bare: Any) -> None:
        self.bare = bare

    def write(self, words: str) -> int:
        """Write the words, made visible."""
        return int(self.bare.write(visible(words)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Within it, standard output and standard error are guarded."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Guarded(sys.stdout), Guarded(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def bare(stream: Any) -> Any:
    """The stream itself, for what draws: a bar moves the cursor.

    >>> bare(sys.stderr) is bare(Guarded(sys.stderr))
    True
    """
    return getattr(stream, "bare", stream)
