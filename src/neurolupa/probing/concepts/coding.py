"""Classes of a concept, renumbered so that every one of them is meant."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.targets import Targets


def coded(concept: str, classes: Sequence[str], places: Iterable[int]) -> Targets:
    """Targets of the classes that occur among `places` (N,), -1 where the concept does not apply.

    Where it applies to no picture, all classes stay.

    >>> found = coded("pet", ("ant", "cat", "dog"), [2, -1, 1, 2])
    >>> found.classes, found.values.tolist()
    (('cat', 'dog'), [1, -1, 0, 1])
    """
    values = np.asarray(list(places), np.int64)
    occurring = np.unique(values[values >= 0])
    return kept(concept, classes, values, occurring if len(occurring) else np.arange(len(classes)))


def kept(concept: str, classes: Sequence[str], values: NDArray[np.int64], wanted: NDArray) -> Targets:
    """Targets of the classes at the ascending places `wanted` alone; the concept applies to no others.

    >>> found = kept("pet", ("ant", "cat", "dog"), np.array([2, 0, 1]), np.array([0, 2]))
    >>> found.classes, found.values.tolist()
    (('ant', 'dog'), [1, 0, -1])
    """
    renumbered = np.full(len(classes) + 1, -1)  # the last is for -1
    renumbered[wanted] = np.arange(len(wanted))
    return Targets(concept, tuple(classes[place] for place in wanted), renumbered[values])
