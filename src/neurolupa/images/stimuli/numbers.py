"""Whole numbers, fractions and words of a stimulus set, checked."""

from collections.abc import Sequence

from neurolupa.errors import UsageError, unknown
from neurolupa.images.selection import whole_number
from neurolupa.images.stimuli.factors import listed

MOST = 1_000_000
"""Pictures in a set."""


def whole(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """A whole number within bounds, from text or a number, else UsageError.

    >>> whole("size", "64", 32, 4096)
    64
    """
    found = whole_number(name, value, minimum)
    if maximum is not None and found > maximum:
        raise UsageError(f"{name}={found} is more than {maximum}")
    return found


def number(name: str, value: object, minimum: float, maximum: float) -> float:
    """A number within bounds, from text or a number, else UsageError.

    >>> number("lowest", "2.5", 0.5, 16.0)
    2.5
    """
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}={value} is not a number") from error
    if not minimum <= found <= maximum:
        raise UsageError(f"{name}={found:g} is not between {minimum:g} and {maximum:g}")
    return found


def fractions(name: str, value: object) -> tuple[float, ...]:
    """Distinct numbers in 0..1, ascending, from a text with commas, a list or a number, else UsageError.

    >>> fractions("value", "1,0.5")
    (0.5, 1.0)
    """
    found = tuple(sorted({number(name, part, 0.0, 1.0) for part in listed(value)}))
    if not found:
        raise UsageError(f"{name} needs at least one number between 0 and 1")
    return found


def checked_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """UsageError where `value` is none of the choices.

    >>> checked_choice("design", "crossed", ("balanced", "crossed"))
    """
    if value not in choices:
        raise unknown(name, value, choices)


def no_path(kind: str, where: str) -> None:
    """UsageError where a kind that reads no file is given one.

    >>> no_path("hues", "")
    """
    if where:
        raise UsageError(f"{kind} takes no path, and got {where!r}")
