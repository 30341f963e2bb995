"""Indices over the class means (..., K) of a unit: how far one class stands out."""

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import Floats, Words


def selectivity_index(means: Floats) -> Floats:
    """The selectivity index (...): (max - mean of the others) / (max + mean of the others).

    The mean of the others is the mean of the other classes' means, each class counting alike. 1 where one
    class alone is answered, 0 where all are answered alike; NaN where all means are 0. Means must not be
    negative, and K at least 2. A. S. Morcos, D. G. T. Barrett, N. C. Rabinowitz and M. Botvinick, *On the
    Importance of Single Directions for Generalization*, ICLR 2018 (arXiv:1803.06959).

    It is far from 0 for a unit without any preference, because the maximum of K noisy means is: read it
    beside its null (`nulls`).

    >>> selectivity_index(np.array([[3.0, 1.0, 1.0], [0.0, 2.0, 0.0]])).tolist()
    [0.5, 1.0]
    """
    return contrast(means, means.argmax(-1))


def contrast(means: Floats, chosen: NDArray[np.int64]) -> Floats:
    """The selectivity index (...) with the class `chosen` (...) in the place of the best one.

    Below 0 where the others are answered more.

    >>> contrast(np.array([3.0, 1.0, 5.0]), np.array(1)).tolist()
    -0.6
    """
    others = np.asarray(means, np.float64).copy()
    place = np.asarray(chosen)[..., None]
    own = np.take_along_axis(others, place, -1)[..., 0]
    np.put_along_axis(others, place, 0.0, -1)
    rest = others.sum(-1) / (means.shape[-1] - 1)
    total = own + rest
    return (own - rest) / np.where(total == 0, np.nan, total)


def best_two(means: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places (...) of the highest and of the second highest class mean; ties go to the first class.

    NaN is never chosen before a number. K must be at least 2.

    >>> best, second = best_two(np.array([1.0, 4.0, np.nan, 4.0]))
    >>> int(best), int(second)
    (1, 3)
    """
    ranked = np.where(np.isnan(means), -np.inf, means)
    best = ranked.argmax(-1)
    place = np.asarray(best)[..., None]
    known = np.isnan(np.take_along_axis(means, place, -1))
    np.put_along_axis(ranked, place, -np.inf, -1)
    second = ranked.argmax(-1)
    # With one number the rest is all -inf, of which argmax takes the first, which may be the best itself.
    clash = (second == best) & ~known[..., 0]
    return best, np.where(clash, (best + 1) % means.shape[-1], second)


def ratios(best: Floats, second: Floats) -> tuple[Floats, Words]:
    """The highest class mean over the second highest (...), and a code for each.

    EXCLUSIVE and infinite where the second is 0; NaN with SILENT where both are 0, with NEGATIVE where one
    is below 0, with SINGLE_CLASS where there is no second, with NO_VALUES where there is none.

    >>> ratio, code = ratios(np.array([3.0, 3.0]), np.array([1.5, 0.0]))
    >>> ratio.tolist(), code.tolist()
    ([2.0, inf], ['OK', 'EXCLUSIVE'])
    """
    negative = (second < 0) | (best < 0)
    conditions = [np.isnan(best), np.isnan(second), negative, (second == 0) & (best == 0), second == 0]
    codes = ("NO_VALUES", "SINGLE_CLASS", "NEGATIVE", "SILENT", "EXCLUSIVE")
    code = np.select(conditions, codes, "OK")
    quotient = best / np.where(code == "OK", second, np.nan)
    return np.where(code == "EXCLUSIVE", np.inf, quotient), code
