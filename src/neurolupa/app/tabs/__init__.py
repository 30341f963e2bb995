"""The tabs of one analysis: each is a file with `render(context)`, drawn only while it is open."""

from collections.abc import Callable

from neurolupa.app.context import Context
from neurolupa.app.request import TAB_KEYS
from neurolupa.app.tabs import general

TABS: dict[str, Callable[[Context], None]] = dict.fromkeys(TAB_KEYS, general.render)
"""By the words of links, in order."""
