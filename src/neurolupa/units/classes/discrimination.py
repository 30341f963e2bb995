"""One class against the rest: AUROC, average precision, and their intervals, for all classes at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import Floats
from neurolupa.units.classes.intervals import delong_interval, wilson_interval


@dataclass(frozen=True, eq=False)
class Discrimination:
    """How well a unit's answer tells each of K classes from the rest. NaN for a class without images, and for
    a class that has them all.

    Attributes:
        auroc: (K,), the chance that an image of the class is answered more than one of the rest, ties half.
        auroc_low: (K,), lower end of its 95 % interval.
        auroc_high: (K,), upper end.
        average_precision: (K,), see `discriminate`.
        ap_low: (K,), lower end of its 95 % interval.
        ap_high: (K,), upper end.
    """

    auroc: Floats
    auroc_low: Floats
    auroc_high: Floats
    average_precision: Floats
    ap_low: Floats
    ap_high: Floats


def discriminate(values: Floats, labels: NDArray[np.int64], classes: int) -> Discrimination:
    """One-vs-rest AUROC and average precision of a unit's answers (N,) for every label 0 .. classes - 1.

    AUROC is the Mann-Whitney statistic over pairs, ties counting half. Average precision is the sum over
    thresholds of (recall gained) x precision, without interpolation; images with equal answers pass a
    threshold together. Its chance level is the class's share of the images. Intervals: `intervals`.

    >>> found = discriminate(np.array([3.0, 2.0, 1.0, 2.0]), np.array([0, 0, 1, 1]), 2)
    >>> found.auroc.tolist(), found.average_precision.round(3).tolist()
    ([0.875, 0.125], [0.833, 0.417])
    """
    counts = np.bincount(labels, minlength=classes)
    auroc, variance, precision = _one_against_rest(_steps(values, labels, counts))
    low, high = delong_interval(auroc, variance, counts, len(values) - counts)
    ap_low, ap_high = wilson_interval(precision, counts)
    return Discrimination(auroc, low, high, precision, ap_low, ap_high)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The P distinct pairs of class and value that occur, class by class, values ascending.

    Attributes:
        label: (P,), the class.
        held: (P,), its images at this value.
        below: (P,), its images below it.
        others_below: (P,), images of the other classes below it.
        others_tied: (P,), at it.
        others_above: (P,), above it and below the class's next value.
        own: (K,), images of each class; NaN where there is none.
        others: (K,), images of the other classes; NaN where there is none.
    """

    label: NDArray[np.int64]
    held: NDArray[np.int64]
    below: NDArray[np.int64]
    others_below: NDArray[np.int64]
    others_tied: NDArray[np.int64]
    others_above: NDArray[np.int64]
    own: Floats
    others: Floats

    def sums(self, weights: NDArray) -> Floats:
        """(K,): sums over the pairs of each class."""
        return np.asarray(np.bincount(self.label, weights, len(self.own)), np.float64)


def _steps(values: Floats, labels: NDArray[np.int64], counts: NDArray[np.int64]) -> _Steps:
    _, place, totals = np.unique(values, return_inverse=True, return_counts=True)
    pairs, held = np.unique(labels * len(totals) + place, return_counts=True)
    label, value = np.divmod(pairs, len(totals))
    below = held.cumsum() - held - (counts.cumsum() - counts)[label]
    others_below = (totals.cumsum() - totals)[value] - below
    others_tied = totals[value] - held
    others = len(values) - counts
    last = np.append(label[1:] != label[:-1], True)[: len(label)]
    following = np.where(last, others[label], np.append(others_below[1:], 0)[: len(label)])
    return _Steps(
        label=label,
        held=held,
        below=below,
        others_below=others_below,
        others_tied=others_tied,
        others_above=following - others_below - others_tied,
        own=np.where(counts > 0, counts, np.nan),
        others=np.where(others > 0, others, np.nan),
    )


def _one_against_rest(steps: _Steps) -> Floats:
    """AUROC, its variance and average precision (3, K).

    The variance is that of E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, *Comparing the Areas under
    Two or More Correlated Receiver Operating Characteristic Curves*, Biometrics 44 (1988): of the share of
    the others below each image of the class, and of the share of the class above each of the others.
    """
    own, others, label = steps.own, steps.others, steps.label
    beaten = (steps.others_below + 0.5 * steps.others_tied) / others[label]
    auroc = steps.sums(steps.held * beaten) / own
    above = 1 - (steps.below + steps.held) / own[label]
    tied = above + 0.5 * steps.held / own[label]
    lowest = others - steps.sums(steps.others_tied + steps.others_above)
    by_own = steps.sums(steps.held * (beaten - auroc[label]) ** 2)
    by_others = steps.sums(
        steps.others_tied * (tied - auroc[label]) ** 2 + steps.others_above * (above - auroc[label]) ** 2
    )
    variance = _of_mean(by_own, own) + _of_mean(by_others + lowest * (1 - auroc) ** 2, others)
    at_least, rest = own[label] - steps.below, others[label] - steps.others_below
    precision = steps.sums(steps.held * at_least / (at_least + rest)) / own
    return np.stack([auroc, variance, np.where(np.isnan(auroc), np.nan, precision)])


def _of_mean(spread: Floats, count: Floats) -> Floats:
    """(K,): the variance of means from sums of squared differences; NaN for a single image."""
    return spread / np.where(count > 1, count * (count - 1), np.nan)


def auroc_of(values: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """The AUROC (C,) of each column of values (N, C) for the `chosen` (N,) images against the rest.

    The same number as `discriminate` gives, without the other classes: NaN for a column that is not finite.

    >>> auroc_of(np.array([[3.0, 1.0], [2.0, 1.0]]), np.array([True, False])).tolist()
    [1.0, 0.5]
    """
    rest, own = np.sort(values[~chosen].T, axis=1), np.sort(values[chosen].T, axis=1)
    pairs = rest.shape[1] * own.shape[1]
    found = np.full(values.shape[1], np.nan)
    for column in np.flatnonzero(np.isfinite(values).all(0)) if pairs else ():
        sides = (np.searchsorted(rest[column], own[column], side).sum() for side in ("left", "right"))
        found[column] = sum(sides) / (2 * pairs)
    return found
