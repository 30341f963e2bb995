"""What of a concept can be probed."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from neurolupa.probing.concepts.coding import kept
from neurolupa.probing.targets import Targets

LEAST = 5
"""Pictures of a class, or with a number: fewer leave none to test on or none to learn from."""

_EQUAL = 1e-9
"""Numbers that differ by less than this share of their size, or of a millionth, are the same."""


class ConceptCode(StrEnum):
    """What became of a concept.

    OK, all of it can be probed; TOO_FEW, classes with fewer than five pictures were left out, or fewer than
    five pictures have a number; ONE_CLASS, fewer than two classes are left; CONSTANT, the number is the same
    in every picture.
    """

    OK = "OK"
    TOO_FEW = "TOO_FEW"
    ONE_CLASS = "ONE_CLASS"
    CONSTANT = "CONSTANT"


@dataclass(frozen=True)
class Checked:
    """What of a concept can be probed.

    Attributes:
        targets: without the classes that were left out, the others renumbered; None where nothing is left.
        dropped: the classes with too few pictures, and how many they have.
        code: why.
    """

    targets: Targets | None
    dropped: tuple[tuple[str, int], ...]
    code: ConceptCode


def usable(targets: Targets) -> Checked:
    """A concept without what cannot be probed, and why.

    Classes with fewer than five pictures are left out, also where that is most of them because there are
    more classes than a fifth of the pictures; then two classes must be left. A number needs five pictures
    and must differ between them.

    >>> pets = Targets("pet", ("ant", "cat", "dog"), np.repeat([0, 1, 2], [5, 3, 6]))
    >>> found = usable(pets)
    >>> found.code.value, found.dropped, found.targets.classes, found.targets.values.max()
    ('TOO_FEW', (('cat', 3),), ('ant', 'dog'), np.int64(1))
    """
    return _usable_numbers(targets) if targets.numeric else _usable_classes(targets)


def _usable_numbers(targets: Targets) -> Checked:
    values = targets.values[targets.applies]
    if len(values) < LEAST:
        return Checked(None, (), ConceptCode.TOO_FEW)
    if np.ptp(values) <= _EQUAL * max(np.abs(values).max(), 1e-6):
        return Checked(None, (), ConceptCode.CONSTANT)
    return Checked(targets, (), ConceptCode.OK)


def _usable_classes(targets: Targets) -> Checked:
    counts = np.bincount(targets.values[targets.applies], minlength=len(targets.classes))
    enough = counts >= LEAST
    dropped = tuple((targets.classes[place], int(counts[place])) for place in np.flatnonzero(~enough))
    if enough.sum() < 2:
        return Checked(None, dropped, ConceptCode.ONE_CLASS)
    if not dropped:
        return Checked(targets, (), ConceptCode.OK)
    left = kept(targets.concept, targets.classes, targets.values, np.flatnonzero(enough))
    return Checked(left, dropped, ConceptCode.TOO_FEW)
