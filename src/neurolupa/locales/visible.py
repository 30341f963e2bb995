"""Words from outside as text alone: a terminal obeys some characters, and names of files hold any."""

import re

_LINES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but the line's end and the tab, breaks of lines, turns of direction, halves of pairs."""


def visible(words: str) -> str:
    r"""The words with everything that a terminal obeys written out, as JSON writes it.

    >>> print(visible("cat\x1b[2J.png"))
    cat\u001b[2J.png
    >>> visible("two\nlines"), visible("señal")
    ('two\nlines', 'señal')
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", words)


def one_line(words: str) -> str:
    r"""The same in one line.

    >>> print(one_line("two\nlines"))
    two\nlines
    """
    return visible("".join(_LINES.get(letter, letter) for letter in words))
