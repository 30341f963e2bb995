"""Intervals of what is no mean: by leaving out one group of pictures after the other."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.relations.codes import Floats

GROUPS = 10


def without_each(images: int, groups: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """The places of the images that stay, one of `groups` random groups being left out each time.

    >>> [len(kept) for kept in without_each(5, 2, seed=0)]
    [2, 3]
    """
    order = np.random.default_rng(seed).permutation(images)
    for left_out in np.array_split(order, groups):
        yield np.setdiff1d(np.arange(images), left_out)


def jackknife(measure: Callable[[NDArray[np.int64]], Floats], images: int, groups: int, seed: int) -> Floats:
    """The standard error of a measure (...) of the places of some images, by the delete-a-group jackknife.

    B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 11. Drawing with
    replacement instead would repeat images, and what is repeated has fewer dimensions.

    >>> values = np.array([1.0, 2.0, 3.0, 6.0])
    >>> float(jackknife(lambda kept: values[kept].mean(), 4, 4, seed=0).round(6))
    1.080123
    """
    found = np.stack([measure(kept) for kept in without_each(images, groups, seed)])
    return np.sqrt((groups - 1) / groups * ((found - found.mean(axis=0)) ** 2).sum(axis=0))


def reach(groups: int) -> float:
    """How many standard errors a 95 % interval reaches: Student's t with one degree less than groups.

    >>> round(reach(10), 3)
    2.262
    """
    from scipy.special import stdtrit

    return float(stdtrit(groups - 1, 0.975))
