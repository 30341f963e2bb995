"""Pearson correlations between units, their intervals, and what chance gives the best of many."""

import numpy as np

from neurolupa.units.relations.codes import FEWEST, Floats

Z95 = 1.959963984540054
"""97.5 % of a normal distribution lie below."""

ROOM = 4_000_000
"""Numbers in memory at a time."""

SAME = 1e-9
"""What differs by less is the same up to rounding."""


def standardised(values: Floats) -> Floats:
    """The columns of (N, U) with mean 0 and length 1, so that products of columns are correlations.

    >>> standardised(np.array([[1.0, 5.0], [3.0, 1.0]])).round(3).tolist()
    [[-0.707, 0.707], [0.707, -0.707]]
    """
    centred = values - values.mean(axis=0)
    return centred / np.sqrt((centred * centred).sum(axis=0))


def correlation_matrix(values: Floats) -> Floats:
    """(U, U): the correlations between the columns of (N, U), none of which is constant.

    >>> correlation_matrix(np.array([[1.0, 5.0], [3.0, 1.0]])).round(3).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    columns = standardised(values)
    found = np.clip(columns.T @ columns, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def fisher_interval(correlation: Floats, images: int) -> tuple[Floats, Floats]:
    r"""95 % intervals of correlations (...): $\tanh(\operatorname{artanh} r \pm 1.96 / \sqrt{N - 3})$.

    R. A. Fisher, *On the "Probable Error" of a Coefficient of Correlation*, Metron 1 (1921). It takes values
    to be normal; of sparse units it is a guide. NaN below four images.

    >>> low, high = fisher_interval(np.array([0.5, 1.0]), 28)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.156, 1.0], [0.736, 1.0])
    """
    reach = Z95 / np.sqrt(images - 3) if images >= FEWEST else np.nan
    with np.errstate(divide="ignore"):
        angle = np.arctanh(np.asarray(correlation, np.float64))
    return np.tanh(angle - reach), np.tanh(angle + reach)


def shuffled_extremes(own: Floats, others: Floats, shuffles: int, seed: int) -> tuple[Floats, Floats]:
    """The highest and the lowest of a unit's correlations with all others, its pictures shuffled: (S,) each.

    The others keep their pictures and so what they share. The highest over all of them is what the best of
    so many reaches by chance (P. H. Westfall and S. S. Young, *Resampling-Based Multiple Testing*, 1993).

    Args:
        own: (N,), the unit, standardised.
        others: (N, U), standardised.
        shuffles: S.
        seed: of the shuffling.

    >>> columns = standardised(np.array([[0.0, 1.0], [1.0, 3.0], [5.0, 3.5]]))
    >>> high, low = shuffled_extremes(columns[:, 0], columns[:, 1:], 5, seed=0)
    >>> high.shape, bool((high == low).all())
    ((5,), True)
    """
    rng = np.random.default_rng(seed)
    highest, lowest = [], []
    step = max(1, ROOM // max(others.shape))
    for start in range(0, shuffles, step):
        count = min(step, shuffles - start)
        found = rng.permuted(np.tile(own, (count, 1)), axis=1) @ others
        highest.append(found.max(axis=1))
        lowest.append(found.min(axis=1))
    return np.concatenate([np.zeros(0), *highest]), np.concatenate([np.zeros(0), *lowest])


def share_as_large(observed: Floats, found: Floats) -> Floats:
    """p-values (...) of observed values among those of S shuffles: (1 + as large) / (1 + S).

    B. Phipson and G. K. Smyth, *Permutation P-values Should Never Be Zero*, Statistical Applications in
    Genetics and Molecular Biology 9 (2010).

    >>> share_as_large(np.array([2.0, 0.0]), np.array([1.0, 3.0, 2.0])).tolist()
    [0.75, 1.0]
    """
    as_large = len(found) - np.searchsorted(np.sort(found), np.asarray(observed) - SAME)
    return (1 + as_large) / (1 + len(found))
