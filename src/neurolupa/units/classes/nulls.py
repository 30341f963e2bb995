"""What chance alone gives: class means with the labels shuffled across the images."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import Floats

Sizes = NDArray[np.int64]

_ROOM = 500_000
"""Numbers in memory at a time."""

_EQUAL = 1e-9
"""A shuffle that gives the same up to rounding is as large as the observed."""

HIGH = 0.95


@dataclass(frozen=True)
class Null:
    """The distribution of a statistic under shuffled labels, and where the observed one lies in it.

    Attributes:
        observed: the statistic of the true labels, on the same images.
        mean: of the shuffled; infinite where one of them is.
        median: of the shuffled.
        high: their 95th percentile.
        p: (1 + as large) / (1 + shuffles), the observed counted in. B. Phipson and G. K. Smyth, *Permutation
            P-values Should Never Be Zero*, Stat. Applications in Genetics and Molecular Biology 9 (2010).
        shuffles: how many.
        images: N of the observed and of every shuffle.
    """

    observed: float
    mean: float
    median: float
    high: float
    p: float
    shuffles: int
    images: int

    @property
    def above(self) -> float:
        """How far the observed is above what chance gives on average."""
        return self.observed - self.mean

    def to_dict(self) -> dict[str, Any]:
        """The fields that are not stated elsewhere in a row.

        >>> null_of(2.0, np.array([1.0, 3.0, 1.0]), images=9).to_dict()["p"]
        0.5
        """
        return {"mean": self.mean, "median": self.median, "high": self.high, "p": self.p}


def null_of(observed: float, found: Floats, images: int) -> Null:
    """The null of a statistic from its values (S,) under S shuffles; quantiles are values that occurred.

    >>> null_of(2.0, np.array([1.0, 3.0, 1.0]), images=9).median
    1.0
    """
    median, high = np.quantile(found, [0.5, HIGH], method="inverted_cdf")
    return Null(
        observed=float(observed),
        mean=float(found.mean()),
        median=float(median),
        high=float(high),
        p=float(p_values(np.asarray(observed), found)),
        shuffles=len(found),
        images=images,
    )


def p_values(observed: Floats, found: Floats) -> Floats:
    """The p-values (...) of observed statistics (...) among those of S shuffles (S, ...).

    >>> p_values(np.array([2.0, 0.0]), np.array([[1.0, 1.0], [3.0, 1.0]])).round(3).tolist()
    [0.667, 1.0]
    """
    return (1 + (found >= observed - _EQUAL).sum(0)) / (1 + len(found))


def shuffled_means(values: Floats, sizes: Sizes, shuffles: int, seed: int) -> Iterator[Floats]:
    """Class means under shuffled labels, some shuffles at a time: (s, K, C).

    The labels are shuffled once for all columns, so that what belongs together stays together.

    Args:
        values: (N, C), any number of columns over N images.
        sizes: (K,), how many of the images each class has; at least one each, N in all.
        shuffles: how many.
        seed: of the shuffling.

    >>> (means,) = shuffled_means(np.array([[1.0], [1.0], [4.0]]), np.array([2, 1]), 3, seed=0)
    >>> means.shape, (means * [[2], [1]]).sum(1).ravel().tolist()
    ((3, 2, 1), [6.0, 6.0, 6.0])
    """
    from scipy.sparse import csr_array

    images, columns = values.shape
    rng = np.random.default_rng(seed)
    step = max(1, _ROOM // max(images, len(sizes) * columns))
    for start in range(0, shuffles, step):
        count = min(step, shuffles - start)
        ends = np.cumsum(np.tile(sizes, count))
        shape = (count * len(sizes), images)
        places = (np.ones(count * images), random_orders(images, count, rng).ravel(), np.append(0, ends))
        sums = csr_array(places, shape=shape) @ values
        yield sums.reshape(count, len(sizes), columns) / sizes[:, None]


def random_orders(length: int, count: int, rng: np.random.Generator) -> NDArray[np.integer]:
    """(count, length): random orders of 0 .. length - 1.

    Random keys that end in the number itself are sorted, which is several times as fast as swapping. At least
    20 random bits make ties, which keep their order, so rare that no p-value can tell.

    >>> random_orders(3, 2, np.random.default_rng(0)).sum(1).tolist()
    [3, 3]
    """
    kind = np.uint32 if length <= 2**12 else np.uint64
    mask = kind(2 ** max(1, (length - 1).bit_length()) - 1)
    keys = rng.integers(0, np.iinfo(kind).max, (count, length), kind, endpoint=True)
    keys &= ~mask
    keys |= np.arange(length, dtype=kind)
    keys.sort(axis=1)
    return (keys & mask).astype(np.int32)
