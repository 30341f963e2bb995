"""What chance alone gives: the same curves and indices with the labels shuffled across the pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.tuning_curves.circular import Floats

Labels = NDArray[np.int64]
Index = Callable[[Floats], Floats]

_ROOM = 2_000_000
"""Numbers in memory at a time."""

_EQUAL = 1e-9
"""A shuffle that gives the same index up to rounding is as large as the observed one."""

HIGH = 0.95


@dataclass(frozen=True, eq=False)
class Null:
    """The distribution of an index under shuffled labels, for each of U units.

    Attributes:
        mean: (U,), its mean.
        high: (U,), its 95th percentile.
        p: (U,), the share of indices at least as large as the observed, which is counted in as one of them:
            (1 + as large) / (1 + shuffles). B. Phipson and G. K. Smyth, *Permutation P-values Should Never Be
            Zero*, Statistical Applications in Genetics and Molecular Biology 9 (2010).
    """

    mean: Floats
    high: Floats
    p: Floats


def label_means(grouped: Floats, labels: Labels, count: int) -> Floats:
    """Mean responses by label, for many labellings at once.

    Args:
        grouped: (B, n, U), the responses at B levels.
        labels: (S, n), S labellings of the n pictures of every level, numbers below `count`.
        count: V, how many labels there are; each must occur.

    Returns:
        (S, V, B, U).

    >>> label_means(np.array([[[1.0], [3.0], [10.0]]]), np.array([[0, 0, 1]]), 2).ravel().tolist()
    [2.0, 10.0]
    """
    levels, pictures, units = grouped.shape
    member = (labels[:, None, :] == np.arange(count)[:, None]).astype(np.float64)
    member /= member.sum(-1, keepdims=True)
    flat = grouped.transpose(1, 0, 2).reshape(pictures, levels * units)
    return (member.reshape(-1, pictures) @ flat).reshape(len(labels), count, levels, units)


def at_best_level(means: Floats) -> tuple[Floats, Labels]:
    """The curves at the level that holds a unit's highest mean, and which level that is.

    Args:
        means: (S, V, B, U), as `label_means` gives them.

    Returns:
        (S, U, V) and (S, U).

    >>> curves, levels = at_best_level(np.array([[[[1.0], [5.0]], [[2.0], [0.0]]]]))
    >>> curves.tolist(), levels.tolist()
    ([[[5.0, 0.0]]], [[1]])
    """
    level = means.max(1).argmax(1)
    curves = np.take_along_axis(means, level[:, None, None], 2)[:, :, 0]
    return curves.swapaxes(1, 2), level


def shuffled(labels: Labels, shuffles: int, seed: int) -> Labels:
    """(S, n): the labels (n,) in S random orders.

    >>> shuffled(np.array([0, 0, 1]), 2, seed=0).sum(1).tolist()
    [1, 1]
    """
    return np.random.default_rng(seed).permuted(np.tile(labels, (shuffles, 1)), axis=1)


def null_of(
    grouped: Floats, labels: Labels, index: Index, observed: Floats, shuffles: int, seed: int
) -> Null:
    """The null of an index, all steps repeated with shuffled labels: means, choice of the level, index.

    Labels are shuffled within the levels, in the same way at each. So what the crossed factor does stays, and
    the choice of the best level gives chance the same advantage as it gave the data.

    Args:
        grouped: (B, n, U), the responses.
        labels: (n,), what the pictures show.
        index: from curves (..., V) to indices (...).
        observed: (U,), the indices of the true labels.
        shuffles: how many.
        seed: of the shuffling.
    """
    count = int(labels.max()) + 1
    step = max(1, _ROOM // (count * grouped.shape[0] * max(1, grouped.shape[2])))
    orders = shuffled(labels, shuffles, seed)
    parts = [
        index(at_best_level(label_means(grouped, orders[start : start + step], count))[0])
        for start in range(0, shuffles, step)
    ]
    found = np.concatenate(parts)
    as_large = (found >= observed - _EQUAL).sum(0)
    return Null(found.mean(0), np.quantile(found, HIGH, axis=0), (1 + as_large) / (1 + shuffles))


def shuffled_error(chosen: Floats, counts: Labels) -> Floats:
    """The standard deviation (U, V) of a mean response under shuffled labels, about the mean of all.

    Drawing `m` of `n` without replacement, the mean varies by `s**2 / m * (1 - m / n)`, `s**2` being the
    variance over the n pictures with n - 1 below (W. G. Cochran, *Sampling Techniques*, 1977, theorem 2.2).

    Args:
        chosen: (n, U), the responses.
        counts: (V,), how many pictures have each label.

    >>> shuffled_error(np.array([[0.0], [2.0]]), np.array([1, 1])).tolist()
    [[1.0, 1.0]]
    """
    total = len(chosen)
    spread = chosen.var(0, ddof=1)[:, None] / counts * (1 - counts / total)
    return np.sqrt(spread)
