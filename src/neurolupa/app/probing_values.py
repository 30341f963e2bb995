"""The values of probes in links and fields: each reads one text or raises ValueError."""

import re
from collections.abc import Sequence

from neurolupa.app.link_values import number, one_of
from neurolupa.app.request import PROBING_KEYS

MOST_PICTURES = 20_000
FEWEST_PICTURES = 20
POOLINGS = ("mean", "max", "grid:3")
"""The offered ones."""
KINDS = ("kind:relu", "kind:relu-calls", "kind:conv", "kind:norm", "kind:block", "kind:all")
"""The selections of sites that are offered beside single sites."""
_POOLING = re.compile(r"[a-z]{1,12}(?::[0-9]{1,2})?")
_MOST_NAMES = 64
_LONGEST_NAME = 200
_LONGEST_SPEC = 2000


def probing_tabs() -> Sequence[str]:
    """The tabs of the probes."""
    return PROBING_KEYS


def spec(text: str) -> str:
    """The text of an image set; whether there is one shows when it is opened.

    >>> spec("folder:photos")
    'folder:photos'
    """
    if not text.strip() or len(text) > _LONGEST_SPEC or "\0" in text:
        raise ValueError(text)
    return text


def most(text: str) -> int:
    """How many pictures, 20 to 20,000."""
    found = number(text)
    if not FEWEST_PICTURES <= found <= MOST_PICTURES:
        raise ValueError(text)
    return found


def pooling(text: str) -> str:
    """A word, perhaps with a number: whether it is a pooling shows when it is used.

    >>> pooling("grid:3")
    'grid:3'
    """
    if not _POOLING.fullmatch(text):
        raise ValueError(text)
    return text


def switch(text: str) -> bool:
    """Whether a switch is on."""
    return one_of(lambda: ("on", "off"))(text) == "on"


def switch_text(found: bool) -> str:
    """The inverse of `switch`."""
    return "on" if found else "off"


def names(given: Sequence[str]) -> tuple[str, ...]:
    """Names of concepts or of sites, each once, empty ones left out; whether there are such shows later.

    >>> names(["hue", "shape", "", "hue"])
    ('hue', 'shape')
    """
    found = tuple(dict.fromkeys(filter(None, given)))
    if len(found) > _MOST_NAMES or max(map(len, found), default=0) > _LONGEST_NAME:
        raise ValueError("names")
    return found
