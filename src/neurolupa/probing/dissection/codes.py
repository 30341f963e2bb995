"""What a dissection can say of a unit or a site, as codes; `neurolupa.locales` has the words."""

from enum import StrEnum


class UnitCode(StrEnum):
    """What is to be said of a unit before its concepts.

    OK, nothing; NOTHING_ABOVE, no value lies above its own threshold, because all are the same or too many
    share the greatest: it overlaps with nothing.
    """

    OK = "OK"
    NOTHING_ABOVE = "NOTHING_ABOVE"


class SkipCode(StrEnum):
    """Why a site was left out: NO_MAPS, its units have no rows and columns to lay over a mask."""

    NO_MAPS = "NO_MAPS"
