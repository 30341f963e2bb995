"""95 % intervals: of class means, of AUROC and average precision, and of indices by resampling."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import Floats

Interval = tuple[float, float]
Counts = NDArray[np.int64]

_Z = 1.959963984540054
"""97.5 % of a normal distribution lie below."""

_ROOM = 100_000
"""Numbers in memory at a time."""

_HALVINGS = 50
"""Halvings of an interval of length 1 that bring it below 1e-15."""


def mean_interval(mean: Floats, std: Floats, count: Counts) -> tuple[Floats, Floats]:
    """Student's interval of a mean from the population standard deviation; NaN below two images.

    Args:
        mean: (...), of `count` values.
        std: (...), with n below, as an atlas stores it.
        count: (...).

    >>> low, high = mean_interval(np.array([2.0]), np.array([1.0]), np.array([5]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.612], [3.388])
    """
    from scipy.special import stdtrit

    free = np.where(count > 1, count - 1.0, np.nan)
    reach = stdtrit(free, 0.975) * std / np.sqrt(free)
    return mean - reach, mean + reach


def wilson_interval(share: Floats, count: Counts) -> tuple[Floats, Floats]:
    """The score interval of E. B. Wilson (1927) of a share (...) of `count` (...) images.

    For average precision it is the binomial interval of K. Boyd, K. H. Eng and C. D. Page, *Area under the
    Precision-Recall Curve: Point Estimates and Confidence Intervals*, ECML PKDD 2013, with n the images of
    the class, in the form that is never empty at 0 and 1.

    >>> low, high = wilson_interval(np.array([1.0]), np.array([10]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.722], [1.0])
    """
    n = np.where(count > 0, count, np.nan)
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z * np.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2) / (1 + _Z**2 / n)
    return np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0)


def delong_interval(auroc: Floats, variance: Floats, own: Counts, others: Counts) -> tuple[Floats, Floats]:
    """The interval of AUROC (K,) from DeLong's variance (K,), symmetric on the logit scale.

    Where the variance is 0 or not known (perfect separation, a class of one image) it says nothing, and the
    score interval of `newcombe_interval` stands in.

    >>> low, high = delong_interval(np.array([0.75]), np.array([0.01]), np.array([9]), np.array([9]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.513], [0.895])
    """
    usable = (variance > 0) & (auroc > 0) & (auroc < 1)
    share = np.where(usable, auroc, 0.5)
    logit = np.log(share / (1 - share))
    reach = _Z * np.sqrt(np.where(usable, variance, 0.0)) / (share * (1 - share))
    ends = [1 / (1 + np.exp(-(logit + side * reach).clip(-700, 700))) for side in (-1, 1)]
    score = newcombe_interval(auroc[~usable], own[~usable], others[~usable])
    for end, stand_in in zip(ends, score, strict=True):
        end[~usable] = stand_in
    return ends[0], ends[1]


def newcombe_interval(auroc: Floats, own: Counts, others: Counts) -> tuple[Floats, Floats]:
    """The score interval of AUROC (K,): all values from which the found one is within 1.96 standard errors.

    Method 5 of R. G. Newcombe, *Confidence Intervals for an Effect Size Measure Based on the Mann-Whitney
    Statistic*, part 2, Statistics in Medicine 25 (2006), after the variance of J. A. Hanley and B. J. McNeil
    (1982). It takes answers to be without ties, and is wide where there are many.

    >>> low, high = newcombe_interval(np.array([1.0]), np.array([10]), np.array([10]))
    >>> low.round(2).tolist(), high.tolist()
    ([0.8], [1.0])
    """

    def too_far(value: Floats) -> NDArray[np.bool_]:
        half = (own + others) / 2 - 1
        tails = 1 + half * ((1 - value) / (2 - value) + value / (1 + value))
        spread = value * (1 - value) * tails / np.maximum(own * others, 1)
        return np.abs(value - auroc) > _Z * np.sqrt(spread)

    return _edge(auroc, np.zeros_like(auroc), too_far), _edge(auroc, np.ones_like(auroc), too_far)


def _edge(inside: Floats, outside: Floats, too_far: Callable[[Floats], NDArray[np.bool_]]) -> Floats:
    """Where `too_far` begins between a value that is not and the end of the scale, by halving."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        far = too_far(middle)
        inside, outside = np.where(far, inside, middle), np.where(far, middle, outside)
    return inside


def resampled(
    values: Floats,
    sizes: Counts,
    measures: Mapping[str, Callable[[Floats, Floats], Floats]],
    draws: int,
    seed: int,
) -> dict[str, Interval]:
    """Percentile intervals of measures of a unit, by drawing images with replacement within each class.

    B. Efron and R. J. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13, with the classes as
    strata. A class of one image is drawn as it is.

    Args:
        values: (N,), the unit's answers, the images of a class one after the other.
        sizes: (K,), how many images each class has; at least one each.
        measures: by name, from class means (B, K) and answers (B, N) to numbers (B,).
        draws: how often.
        seed: of the drawing.

    >>> spans = resampled(np.ones(4), np.array([2, 2]), {"mean": lambda means, _: means.mean(1)}, 9, seed=0)
    >>> spans["mean"]
    (1.0, 1.0)
    """
    rng = np.random.default_rng(seed)
    starts = np.cumsum(sizes) - sizes
    room, base = np.repeat(sizes, sizes).astype(np.float64), np.repeat(starts, sizes)
    found: dict[str, list[Floats]] = {name: [] for name in measures}
    step = max(1, _ROOM // len(values))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        drawn = values[(rng.random((count, len(values))) * room).astype(np.int64) + base]
        means = np.add.reduceat(drawn, starts, axis=1) / sizes
        for name, measure in measures.items():
            found[name].append(measure(means, drawn))
    return {name: _ends(np.concatenate(parts)) for name, parts in found.items()}


def _ends(found: Floats) -> Interval:
    """The middle 95 % of what is a number; draws on which the unit is silent throughout have none."""
    known = found[~np.isnan(found)]
    if not len(known):
        return (np.nan, np.nan)
    low, high = np.quantile(known, [0.025, 0.975], method="inverted_cdf")
    return float(low), float(high)
