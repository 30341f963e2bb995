"""Which pictures a probe learns from, and which it is judged on."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import DataError
from neurolupa.probing.targets import Targets

_SPLIT, _FOLDS = 0, 1

_LEAST = 10
"""Pictures in each part of a number's range."""


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of the features, ascending: those to learn from, with the fold of each, and those to be judged on.

    Attributes:
        train: (n,) int64.
        test: (T,) int64.
        folds: (n,) int64, in which fold of the cross-validation a training row is left out.
    """

    train: NDArray[np.int64] = field(repr=False)
    test: NDArray[np.int64] = field(repr=False)
    folds: NDArray[np.int64] = field(repr=False)


def split(targets: Targets, share: float, folds: int, seed: int) -> Split:
    """A split of the pictures that the concept applies to, stratified by class, the same for every site.

    Of each class the share `share`, rounded, at least one picture and never all, is for the test; the others
    are dealt out evenly to the folds. Numbers are stratified by the tenths of
    their order, or by fewer parts of ten pictures each.

    Raises:
        DataError: Too few pictures for a test part and the folds.

    >>> found = split(Targets("sign", ("+", "-"), np.arange(20) % 2), 0.2, 4, seed=0)
    >>> len(found.train), len(found.test), np.bincount(found.folds).tolist()
    (16, 4, [4, 4, 4, 4])
    """
    rows = np.flatnonzero(targets.applies)
    strata = _strata(targets.values[rows], targets.numeric)
    ranks, sizes = _dealt(strata, np.random.default_rng([seed, _SPLIT]))
    wanted = np.clip(np.rint(share * sizes), 1, np.maximum(sizes - 1, 0))
    tested = ranks < wanted[strata]
    train = rows[~tested]
    if not tested.any() or len(train) < folds:
        raise DataError(f"{targets.concept}: {len(rows)} pictures are too few for a test and {folds} folds")
    return Split(train, rows[tested], folds_of(strata[~tested], folds, seed))


def folds_of(strata: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """(n,) a fold for each row, every class dealt out evenly, the classes one after the other.

    >>> np.bincount(folds_of(np.zeros(7, np.int64), 3, 0)).tolist()
    [3, 2, 2]
    """
    order = np.random.default_rng([seed, _FOLDS]).permutation(len(strata))
    found = np.empty(len(strata), np.int64)
    found[order[np.argsort(strata[order], kind="stable")]] = np.arange(len(strata)) % folds
    return found


def _strata(values: NDArray, numeric: bool) -> NDArray[np.int64]:
    if not numeric:
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    parts = min(10, max(1, len(values) // _LEAST))
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return ranks * parts // max(len(values), 1)


def _dealt(strata: NDArray[np.int64], random: np.random.Generator) -> tuple[NDArray, NDArray]:
    """A random rank for each row among those of its stratum, and the sizes of the strata."""
    sizes = np.bincount(strata)
    order = random.permutation(len(strata))
    grouped = order[np.argsort(strata[order], kind="stable")]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    ranks = np.empty(len(strata), np.int64)
    ranks[grouped] = np.arange(len(strata)) - starts
    return ranks, sizes
