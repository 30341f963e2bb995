"""What chance gives a mean of differences, and how well it is known: from moments alone, for many units."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, stdtrit

Floats = NDArray[np.float64]
Interval = tuple[Floats, Floats]

ALPHA = 0.05
"""Below this a difference is taken as more than chance; intervals hold 1 - ALPHA."""

WORST = 1 / (2 * math.erfc(1.0))
"""How often more than a normal variable a sum with random signs can pass a bound: 1 / (4 P(Z >= sqrt 2))."""


@dataclass(frozen=True, eq=False)
class SignFlip:
    """A mean difference among those with the sign of every image's difference drawn anew.

    Attributes:
        z: the mean over its standard deviation under random signs.
        p: two-sided, normal, and never below 2 / 2^m of m images whose difference is not zero, which is the
            smallest that flipping signs can give.
        p_bound: never too small, whatever the differences are: `p` of the normal times `WORST`, with the same
            least value.
    """

    z: Floats
    p: Floats
    p_bound: Floats


def sign_flip(mean: Floats, variance: Floats, images: NDArray, untied: NDArray) -> SignFlip:
    r"""Whether a mean of differences could come from an even chance of either sign.

    Given $d_1 \dots d_N$, the mean of $\pm d_i$ with independent even signs has mean 0 and variance
    $\sum d_i^2 / N^2$, exactly; $\sum d_i^2 / N$ is variance + mean$^2$. Its distribution is taken as normal.
    `p_bound` uses V. K. Bentkus and D. Dzindzalieta, *A Tight Gaussian Bound for Weighted Sums of Rademacher
    Random Variables*, Bernoulli 21 (2015), which holds for any differences and any N.

    Args:
        mean: (U,) mean differences.
        variance: (U,) population variances of the differences.
        images: (U,) N.
        untied: (U,) how many differences are not zero.

    >>> found = sign_flip(np.array([1.0]), np.array([0.0]), np.array([16]), np.array([16]))
    >>> found.z.tolist(), found.p.round(6).tolist(), found.p_bound.round(6).tolist()
    ([4.0], [6.3e-05], [0.000201])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.sqrt(images) * mean / np.sqrt(variance + mean * mean)
    z = np.where(np.isfinite(mean), np.where(untied > 0, z, 0.0), np.nan)
    normal, least = erfc(np.abs(z) / math.sqrt(2)), 2.0 ** (1 - np.asarray(untied, np.float64))
    return SignFlip(
        z, np.minimum(np.maximum(normal, least), 1), np.minimum(np.maximum(WORST * normal, least), 1)
    )


def reach_of(images: NDArray) -> Floats:
    """(U,): how many standard errors a 95 % interval of a mean reaches (Student's t); NaN below two images.

    >>> reach_of(np.array([1, 2, 100])).round(3).tolist()
    [nan, 12.706, 1.984]
    """
    freedom = np.asarray(images, np.float64) - 1
    return np.where(freedom > 0, stdtrit(np.maximum(freedom, 1), 1 - ALPHA / 2), np.nan)


def mean_interval(mean: Floats, variance: Floats, images: NDArray) -> Interval:
    """95 % intervals of means, by Student's t; `variance` is the population's.

    >>> low, high = mean_interval(np.array([2.0]), np.array([1.0]), np.array([5]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.612], [3.388])
    """
    half = reach_of(images) * _error(variance, images)
    return mean - half, mean + half


def ratio_interval(means: Interval, variances: Interval, covariance: Floats, images: NDArray) -> Interval:
    """95 % intervals of the ratio of two means of pairs, between 0 and infinity.

    E. C. Fieller, *Some Problems in Interval Estimation*, Journal of the Royal Statistical Society B 16
    (1954). Where the second mean may be zero there is no upper end: infinity; where nothing can be said, 0 to
    infinity.

    Args:
        means: (U,) of the first and of the second.
        variances: (U,) population variances of both.
        covariance: (U,) population covariance.
        images: (U,) N.

    >>> one, known = np.array([1.0]), np.array([0.04])
    >>> ends = ratio_interval((2 * one, one), (known, known), 0 * one, np.array([101]))
    >>> [end.round(3).tolist() for end in ends]
    [[1.914], [2.092]]
    """
    squared = reach_of(images) ** 2
    share = squared / np.maximum(np.asarray(images, np.float64) - 1, 1)
    above = means[0] ** 2 - share * variances[0]
    below = means[1] ** 2 - share * variances[1]
    middle = means[0] * means[1] - share * covariance
    root = np.sqrt(np.maximum(middle**2 - above * below, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (middle - root) / below, (middle + root) / below
        least = above / (middle + root)  # one over the upper end of the inverse ratio's interval
    known = np.where(np.isfinite(share), 0.0, np.nan)
    return (
        known + np.select([below > 0, above > 0], [np.maximum(low, 0), least], 0.0),
        known + np.where(below > 0, np.maximum(high, 0), np.inf),
    )


def _error(variance: Floats, images: NDArray) -> Floats:
    """(U,): the standard errors of means."""
    return np.sqrt(np.maximum(variance, 0) / np.maximum(np.asarray(images, np.float64) - 1, 1))
