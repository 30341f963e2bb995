"""How much of a unit's variance over pictures goes with what is known of them, without what chance gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

GROUPS = 20
"""Into so many groups pictures are dealt for the interval."""

_STUDENT = 2.093  # 97.5th percentile of Student's t with GROUPS - 1 degrees of freedom
_RANK = 1e-9  # of the largest eigenvalue: directions below are none
_EQUAL = 1e-9  # a shuffle that gives the same up to rounding is as large as the observed


@dataclass(frozen=True, eq=False)
class Explained:
    """The share of variance that goes with one or several groupings of the pictures; a number for each unit.

    The share is the adjusted R squared of the linear model with a constant for each value of each grouping,
    1 - (1 - R^2) (n - 1) / (n - 1 - p). Of one grouping it is Kelley's epsilon squared (T. L. Kelley, *An
    Unbiased Correlation Ratio Measure*, PNAS 21, 1935). It is 0 on average where nothing is explained, and
    so can be below 0. NaN for a unit that is the same on all pictures.

    Attributes:
        share: (U,) of the variance, at most 1.
        low: (U,) lower end of its 95 % interval, from a jackknife that leaves out a twentieth of the pictures
            at a time.
        high: (U,) upper end.
        null: (U,) mean share with the pictures' values shuffled.
        p: (U,) how often a shuffle explains as much: (1 + as much) / (1 + shuffles).
        pictures: n, over how many pictures.
        parameters: p, how many numbers were fitted besides the mean.
    """

    share: Floats
    low: Floats
    high: Floats
    null: Floats
    p: Floats
    pictures: int
    parameters: int


def explained(
    groupings: Sequence[Sequence[object]], values: NDArray, shuffles: int = 199, seed: int = 0
) -> Explained:
    """The share of the variance of `values` that goes with the sum of all groupings, without their products.

    Args:
        groupings: For each the value that every picture has, anything that can be told apart.
        values: (N, U), every unit on every picture.
        shuffles: For the null.
        seed: Of shuffles and of the groups of the jackknife.

    Raises:
        DataError: Too few pictures for so many values, or nothing that varies.

    >>> found = explained([["a", "a", "b", "b"] * 5], np.array([[0.0], [2.0], [4.0], [6.0]] * 5))
    >>> float(found.share[0].round(4)), found.p.tolist(), found.pictures, found.parameters
    (0.7889, [0.005], 20, 1)
    """
    design, table = _design(groupings), np.asarray(values, np.float64)
    count = len(table)
    draws = np.random.default_rng(seed)
    basis, centred = _basis(design), table - table.mean(0)
    free = count - 1 - basis.shape[1]
    if basis.shape[1] == 0 or free < 1:
        means = basis.shape[1] + 1
        raise DataError(f"{count} pictures are too few, or too much alike, for {means} means to explain them")
    total = (centred**2).sum(0)
    total[np.ptp(table, axis=0) == 0] = nan
    fitted = ((basis.T @ centred) ** 2).sum(0) / total
    shuffled = np.stack(
        [((basis[draws.permutation(count)].T @ centred) ** 2).sum(0) / total for _ in range(shuffles)]
    )
    share = _adjusted(fitted, count, basis.shape[1])
    error = _standard_error(design, table, draws)
    return Explained(
        share,
        share - _STUDENT * error,
        np.minimum(1.0, share + _STUDENT * error),
        _adjusted(shuffled, count, basis.shape[1]).mean(0),
        np.where(np.isnan(fitted), nan, (1 + (shuffled >= fitted - _EQUAL).sum(0)) / (1 + shuffles)),
        count,
        basis.shape[1],
    )


def _design(groupings: Sequence[Sequence[object]]) -> Floats:
    """(N, values): for every value of every grouping whether a picture has it."""
    columns = []
    for grouping in groupings:
        numbers = {value: number for number, value in enumerate(dict.fromkeys(grouping))}
        columns.append(np.eye(len(numbers))[[numbers[value] for value in grouping]])
    return np.concatenate(columns, axis=1)


def _basis(design: Floats) -> Floats:
    """(N, p): orthonormal, spanning what the design can explain besides the mean."""
    centred = design - design.mean(0)
    sizes, directions = np.linalg.eigh(centred.T @ centred)
    kept = sizes > max(_RANK * sizes[-1], _RANK)
    return centred @ (directions[:, kept] / np.sqrt(sizes[kept]))


def _adjusted(fitted: Floats, count: int, parameters: int) -> Floats:
    return 1 - (1 - fitted) * (count - 1) / (count - 1 - parameters)


def _standard_error(design: Floats, table: Floats, draws: np.random.Generator) -> Floats:
    """Of the share, by the jackknife over groups of pictures; NaN where a part has too few."""
    shares = np.stack(list(_parts(design, table, draws)))
    return np.sqrt((GROUPS - 1) / GROUPS * ((shares - shares.mean(0)) ** 2).sum(0))


def _parts(design: Floats, table: Floats, draws: np.random.Generator) -> Iterator[Floats]:
    group = draws.permutation(len(table)) % GROUPS
    for left_out in range(GROUPS):
        kept = group != left_out
        basis, centred = _basis(design[kept]), table[kept] - table[kept].mean(0)
        total = (centred**2).sum(0)
        total[np.ptp(table[kept], axis=0) == 0] = nan
        if kept.sum() - 1 - basis.shape[1] < 1:
            yield np.full(table.shape[1], nan)
            continue
        yield _adjusted(((basis.T @ centred) ** 2).sum(0) / total, int(kept.sum()), basis.shape[1])
