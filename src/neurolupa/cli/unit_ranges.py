"""Units as they are typed: 0-15 or 3,5-9."""

from neurolupa.errors import UsageError

_MOST = 1_000_000


def units_named(text: str | None) -> tuple[int, ...] | None:
    """The units of a text, in its order; None where nothing was typed. UsageError for anything else.

    >>> units_named("3,5-7"), units_named(None)
    ((3, 5, 6, 7), None)
    """
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise UsageError(f"--units takes numbers and ranges, as 3,5-9, not {text!r}")
        start, end = int(first), int(last) if dash else int(first)
        if not start <= end < start + _MOST:
            raise UsageError(
                f"--units takes ranges from the lower number to the higher, not {part.strip()!r}"
            )
        found.extend(range(start, end + 1))
    return tuple(found)
