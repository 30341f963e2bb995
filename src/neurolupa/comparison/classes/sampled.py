"""Two classes on the sampled images: AUROC of each unit, and the largest effect under shuffled labels."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.codes import LEAST, Floats
from neurolupa.units.classes import Null
from neurolupa.units.classes.intervals import delong_interval
from neurolupa.units.classes.nulls import null_of, p_values, shuffled_means

_FLAT = 1e-12
"""A variance below this share of the whole is none."""


@dataclass(frozen=True, eq=False)
class SampledPair:
    """What single images are needed for. NaN for a unit without a finite value on each of them.

    Attributes:
        first: N, sampled images of the first class.
        second: N, of the second.
        auroc: (C,) the chance that an image of the first class has a higher value than one of the second,
            ties half.
        low: (C,) lower end of its 95 % interval (DeLong).
        high: (C,) upper end.
        p: (C,) how often the largest effect of all units is at least this unit's when the labels of the
            images are shuffled: adjusted for the number of units, without any assumption about the values.
        largest: the largest size of g of all units on these images (before its small-sample factor), and its
            null; None below 3 images of a class and without a unit that varies within a class.
    """

    first: int
    second: int
    auroc: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    p: Floats = field(repr=False)
    largest: Null | None


def sampled_pair(first: Floats, second: Floats, shuffles: int, seed: int) -> SampledPair:
    """AUROC and the null of the largest effect, from values (N1, C) and (N2, C).

    The labels are shuffled for all units together, so that what units share stays shared (P. H. Westfall and
    S. S. Young, *Resampling-Based Multiple Testing*, 1993).

    >>> values = np.arange(12.0).reshape(12, 1)
    >>> found = sampled_pair(values[6:], values[:6], shuffles=99, seed=0)
    >>> found.auroc.tolist(), found.largest.p
    ([1.0], 0.01)
    """
    values = np.concatenate([first, second])
    finite = np.isfinite(values).all(0)
    sizes = np.array([len(first), len(second)])
    columns = np.full((4, values.shape[1]), np.nan)
    largest = None
    if sizes.min() > 0 and finite.any():
        columns[:3, finite] = pair_auroc(first[:, finite], second[:, finite])
    usable = finite & _varying(first, second)
    if sizes.min() >= LEAST and usable.any():
        largest, columns[3, usable] = _null(values[:, usable], sizes, shuffles, seed)
    auroc, low, high, p = columns
    return SampledPair(len(first), len(second), auroc, low, high, p, largest)


def pair_auroc(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """AUROC of each column of (N1, C) against (N2, C), all finite, and the ends of its 95 % interval.

    The variance is DeLong's, from midranks (X. Sun and W. Xu, *Fast Implementation of DeLong's Algorithm*,
    IEEE Signal Processing Letters 21, 2014); where it is 0 or unknown, Newcombe's score interval stands in.

    >>> auroc, low, high = pair_auroc(np.array([[3.0], [2.0]]), np.array([[2.0], [1.0]]))
    >>> auroc.tolist(), bool(low[0] < auroc[0] < high[0])
    ([0.875], True)
    """
    from scipy.stats import rankdata

    n, m = len(first), len(second)
    ranks = rankdata(np.concatenate([first, second]), axis=0)
    above = (ranks[:n] - rankdata(first, axis=0)) / m
    below = 1 - (ranks[n:] - rankdata(second, axis=0)) / n
    auroc = above.mean(0)
    variance = sum(part.var(0, ddof=1) / len(part) if len(part) > 1 else np.nan for part in (above, below))
    counts = (np.full(len(auroc), count) for count in (n, m))
    return (auroc, *delong_interval(auroc, np.broadcast_to(variance, auroc.shape), *counts))


def _varying(first: Floats, second: Floats) -> NDArray[np.bool_]:
    """(C,): whether some class has two different values."""
    return np.logical_or.reduce([np.ptp(each, 0) > 0 for each in (first, second) if len(each)])


def _null(
    values: Floats, sizes: NDArray[np.int64], shuffles: int, seed: int
) -> tuple[Null, NDArray[np.float64]]:
    """The largest of all columns under shuffled labels, and p of each column among these."""
    spread = values.std(0)
    standard = (values - values.mean(0)) / spread
    squares = np.concatenate([standard, standard**2], axis=1)
    true = np.add.reduceat(squares, [0, sizes[0]], axis=0)[None] / sizes[:, None]
    observed = _effects(true, sizes)[0]
    parts = shuffled_means(squares, sizes, shuffles, seed)
    largest = np.concatenate([_effects(means, sizes).max(1) for means in parts])
    return null_of(float(observed.max()), largest, int(sizes.sum())), p_values(observed, largest[:, None])


def _effects(means: Floats, sizes: NDArray[np.int64]) -> Floats:
    r"""(s, C): \|difference\| over the standard deviation, from means of values and squares (s, 2, 2 C)."""
    values, squares = np.split(means, 2, axis=2)
    variances = np.maximum(squares - values**2, 0) * (sizes / (sizes - 1))[:, None]
    spread = variances.mean(1)
    difference = np.abs(values[:, 0] - values[:, 1])
    return np.where(spread > _FLAT, difference / np.sqrt(np.maximum(spread, _FLAT)), 0.0)
