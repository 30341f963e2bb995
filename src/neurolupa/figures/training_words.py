"""What is said of a training log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.monitoring import Change

_UNITS = 20


def change_line(change: Change, lang: str) -> str:
    """Which units of a site died or came back, and at which step; of many the first.

    >>> change_line((300, "conv1", "died", (3, 17)), "en")
    'step 300, conv1: 2 died: 3, 17'
    """
    step, site, code, units = change
    named = ", ".join(map(str, units[:_UNITS])) + (", ..." if len(units) > _UNITS else "")
    told = {"step": whole(step, lang), "site": site, "count": whole(len(units), lang)}
    return text(f"cli.show.{code}", lang, **told, units=named)
