"""The gallery's values in links and fields: each reads one text or raises ValueError."""

import re
from collections.abc import Sequence

from neurolupa.app.link_values import number
from neurolupa.app.request import GALLERY_KEYS, ORDERS

MOST_PICTURES = 64
"""Of one click: a minute or so for a network of the menu."""
MOST_STEPS = 2048
MOST_OCTAVES = 8
_UNITS = re.compile(r"[0-9,\- ]{0,120}")
_RANGE = re.compile(r"([0-9]{1,7})(?:\s*-\s*([0-9]{1,7}))?")
_OWN, _WHOLE = "usual", "layer"


def gallery_tabs() -> Sequence[str]:
    """The tabs of the gallery."""
    return GALLERY_KEYS


def orders() -> Sequence[str]:
    """What pictures are ordered by."""
    return ORDERS


def methods() -> Sequence[str]:
    """How pictures are made, the usual way first."""
    from neurolupa.synthesis import METHODS

    return METHODS.names()


def steps(text: str) -> int | None:
    """How many steps; None for as many as the method takes.

    >>> steps("64"), steps("usual")
    (64, None)
    """
    return None if text == _OWN else _within(text, MOST_STEPS)


def steps_text(found: int | None) -> str:
    """The inverse of `steps`."""
    return _OWN if found is None else str(found)


def octaves(text: str) -> int:
    """How many sizes, 1 to 8."""
    return _within(text, MOST_OCTAVES)


def whole_or_unit(text: str) -> int | None:
    """A unit; None for the whole layer.

    >>> whole_or_unit("3"), whole_or_unit("layer")
    (3, None)
    """
    return None if text == _WHOLE else number(text)


def whole_text(found: int | None) -> str:
    """The inverse of `whole_or_unit`."""
    return _WHOLE if found is None else str(found)


def units_typed(text: str) -> str:
    """Digits, commas, dashes and spaces; whether they name units shows later."""
    if not _UNITS.fullmatch(text):
        raise ValueError(text)
    return text


def units_of(text: str) -> tuple[int, ...]:
    """Units and ranges of them, each unit once, at most 64.

    >>> units_of("3, 5-7, 6")
    (3, 5, 6, 7)
    """
    found: dict[int, None] = {}
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise ValueError(text)
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + MOST_PICTURES:
            raise ValueError(text)
        found |= dict.fromkeys(range(first, last + 1))
    if len(found) > MOST_PICTURES:
        raise ValueError(text)
    return tuple(found)


def _within(text: str, most: int) -> int:
    found = number(text)
    if not 1 <= found <= most:
        raise ValueError(text)
    return found
