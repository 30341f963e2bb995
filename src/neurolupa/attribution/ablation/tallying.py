"""Counts of right answers before and after, and what they amount to with intervals and tests."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, false_discovery_control, norm
from scipy.stats import t as student

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_LEVEL = 0.975


@dataclass(eq=False)
class Tally:
    """Sums over pictures for G groups of units and C classes, filled block by block."""

    groups: int
    classes: int
    n: Counts = field(init=False)
    right: Counts = field(init=False)
    broken: Counts = field(init=False)
    mended: Counts = field(init=False)
    sums: Floats = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.groups, self.classes)
        self.n, self.right = np.zeros(self.classes, np.int64), np.zeros(self.classes, np.int64)
        self.broken, self.mended = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.sums = np.zeros((4, *shape))

    def whole(self, rows: Counts, right: NDArray[np.bool_]) -> None:
        """What the whole network answers on pictures that are counted under `rows`."""
        np.add.at(self.n, rows, 1)
        np.add.at(self.right, rows, right)

    def without(self, first: int, rows: Counts, was: NDArray[np.bool_], now: NDArray, moved: Floats) -> None:
        """What it answers without some groups, from number `first` on.

        Args:
            first: Number of the first of these groups.
            rows: (N,) the class under which each picture is counted.
            was: (N,) whether the whole network was right.
            now: (groups, N) whether it is right without each group.
            moved: (2, groups, N) change of the right class's logit, and of its probability.
        """
        chosen = slice(first, first + len(now))
        for into, what in ((self.broken, was & ~now), (self.mended, ~was & now)):
            np.add.at(into[chosen].T, rows, what.T)
        for place, values in enumerate((*moved, *moved**2)):
            np.add.at(self.sums[place, chosen].T, rows, values.T)


def paired_interval(broken: Counts, mended: Counts, n: Counts) -> tuple[Floats, Floats]:
    r"""95 % of the difference of two paired proportions, $(c - b) / n$.

    The adjusted Wald interval of Bonett and Price 2012 for paired proportions: one more of each kind among
    two more pictures.

    >>> low, high = paired_interval(np.array([10]), np.array([0]), np.array([100]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (-0.162, -0.034)
    """
    down, up = (broken + 1) / (n + 2), (mended + 1) / (n + 2)
    middle = up - down
    reach = norm.ppf(_LEVEL) * np.sqrt((up + down - middle**2) / (n + 2))
    known = n > 0
    low, high = np.maximum(middle - reach, -1), np.minimum(middle + reach, 1)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def mcnemar(broken: Counts, mended: Counts) -> Floats:
    """McNemar's exact test: how often a fair coin splits the changed answers at least as unevenly.

    >>> mcnemar(np.array([5, 0]), np.array([0, 0])).tolist()
    [0.0625, 1.0]
    """
    return np.minimum(1.0, 2 * binom.cdf(np.minimum(broken, mended), broken + mended, 0.5))


def adjusted(p: Floats) -> Floats:
    """Benjamini and Hochberg's adjustment over all of them, whatever their shape.

    >>> adjusted(np.array([[0.01, 0.04]])).tolist()
    [[0.02, 0.04]]
    """
    return false_discovery_control(p.ravel()).reshape(p.shape) if p.size else p


def mean_interval(total: Floats, squares: Floats, n: Counts) -> tuple[Floats, Floats, Floats]:
    """Mean and 95 % of it by Student's t, from sums; NaN ends below two pictures.

    >>> [round(float(each[0]), 3) for each in mean_interval(*(np.array([v]) for v in (4.0, 10.0, 2)))]
    [2.0, -10.706, 14.706]
    """
    count = np.where(n > 0, n, np.nan)
    mean = total / count
    freedom = np.where(n > 1, n - 1.0, np.nan)
    spread = np.sqrt(np.maximum(squares - count * mean**2, 0) / freedom)
    reach = student.ppf(_LEVEL, freedom) * spread / np.sqrt(count)
    return mean, mean - reach, mean + reach
