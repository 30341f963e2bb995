"""What chance alone gives: the same scores with the concepts dealt out anew over the pictures.

The masks stay where they are. So a unit that answers any object overlaps with the masks of every shape, and
with those of shuffled shapes just as much: its best IoU is no better than chance, however high it is.

True concepts are balanced over the sizes of objects and dealt out ones are not, so that a larger mask by luck
is part of chance: p errs to the safe side. Where all objects have one size (`scale=small`), that is gone, and
the few pixels that a star has less than a disc of the same area can pass for more than chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.dissection.labelling import Labelling
from neurolupa.units.classes.nulls import HIGH, p_values

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_ROOM = 4_000_000
"""Numbers in memory at a time."""

_EQUAL = 1e-6
"""Values that are no further apart are alike: counts are kept in float32."""


@dataclass(frozen=True, eq=False)
class Scores:
    """One measure of U units for the C concepts of F categories, and what chance gives.

    Attributes:
        value: (U, C), category after category.
        null_high: (U, F), the 95th percentile of the best value in a category under shuffled concepts.
        p: (U, F), of the best value: (1 + as large) / (1 + shuffles), Phipson and Smyth 2010.
    """

    value: Floats = field(repr=False)
    null_high: Floats = field(repr=False)
    p: Floats = field(repr=False)


def orders(labelling: Labelling, shuffles: int, seed: int | Sequence[int]) -> Codes:
    """(1 + shuffles, n) the concepts of the pictures that show one: first as they are, then dealt out anew.

    >>> found = orders(Labelling("hue", ("red", "blue"), np.array([0, -1, 1, 1])), 2, seed=0)
    >>> found[0].tolist(), np.sort(found[1:]).tolist()
    ([0, 1, 1], [[0, 1, 1], [0, 1, 1]])
    """
    true = labelling.codes[labelling.applies]
    dealt = np.random.default_rng(seed).permuted(np.tile(true, (shuffles, 1)), axis=1)
    return np.concatenate([true[None], dealt])


def sums(codes: Codes, concepts: int, numbers: Floats) -> Iterator[Floats]:
    """Sums by concept for many orders, some at a time: (s, V, M).

    Args:
        codes: (S, n), below `concepts`.
        concepts: V.
        numbers: (n, M).

    >>> np.concatenate(list(sums(np.array([[0, 1, 1]]), 2, np.array([[1.0], [2.0], [4.0]])))).ravel().tolist()
    [1.0, 6.0]
    """
    pictures, columns = numbers.shape
    step = max(1, _ROOM // (concepts * max(pictures, columns)))
    for start in range(0, len(codes), step):
        part = codes[start : start + step]
        member = (part[:, None, :] == np.arange(concepts)[:, None]).astype(np.float64)
        yield (member.reshape(-1, pictures) @ numbers).reshape(len(part), concepts, columns)


def judged(by_category: list[Floats]) -> Scores:
    """Values (1 + S, V, U) for each category, those of the true concepts first, against the others.

    >>> found = judged([np.array([[[3.0], [1.0]], [[2.0], [1.0]], [[0.0], [3.0]], [[1.0], [1.0]]])])
    >>> found.value.tolist(), found.null_high.tolist(), found.p.tolist()
    ([[3.0, 1.0]], [[3.0]], [[0.5]])
    """
    best = [values.max(1) for values in by_category]
    highs = [np.quantile(each[1:], HIGH, axis=0, method="inverted_cdf") for each in best]
    ps = [p_values(each[0] - _EQUAL, each[1:]) for each in best]
    value = np.concatenate([values[0] for values in by_category])
    return Scores(value.T.copy(), np.stack(highs, 1), np.stack(ps, 1))
