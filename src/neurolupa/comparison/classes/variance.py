"""More than two classes at once: Welch's analysis of variance, and the share that classes explain."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.adjusting import adjusted
from neurolupa.comparison.classes.codes import MEASURED, Floats, Words

_HALVINGS = 60
_TAIL = 0.025


@dataclass(frozen=True, eq=False)
class ClassVariance:
    """Whether each of C units tells any of K classes from another. NaN where a unit has no numbers.

    Attributes:
        codes: (C,) as in `UnitCode`.
        images: (C,) N, over the K classes.
        f: (C,) Welch's F, with K - 1 and `df` degrees of freedom.
        df: (C,).
        p: (C,) of this unit alone.
        p_adjusted: (C,) over the units.
        omega_squared: (C,) share of the variance over images that the classes explain; 0 where the estimate
            is below.
        low: (C,) lower end of its 95 % interval.
        high: (C,) upper end.
    """

    codes: Words
    images: NDArray[np.int64]
    f: Floats
    df: Floats
    p: Floats
    p_adjusted: Floats = field(repr=False)
    omega_squared: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)


def welch_anova(count: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Welch's F, its second degrees of freedom and p, each (C,), from (C, K) numbers.

    B. L. Welch, *On the Comparison of Several Mean Values: An Alternative Approach*, Biometrika 38 (1951).
    With two classes F is the square of Welch's t.

    >>> count, mean = np.array([[10.0, 10.0]]), np.array([[1.0, 0.0]])
    >>> f, df, _ = welch_anova(count, mean, np.ones((1, 2)))
    >>> f.round(3).tolist(), df.round(3).tolist()
    ([5.0], [18.0])
    """
    from scipy.special import fdtrc

    classes = mean.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = count / variance
        shares = weights / weights.sum(1, keepdims=True)
        centre = (shares * mean).sum(1, keepdims=True)
        between = (weights * (mean - centre) ** 2).sum(1) / (classes - 1)
        tail = ((1 - shares) ** 2 / (count - 1)).sum(1)
        f = between / (1 + 2 * (classes - 2) / (classes**2 - 1) * tail)
        df = (classes**2 - 1) / (3 * tail)
    return f, df, fdtrc(classes - 1, df, f)


def explained(count: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Omega squared and the ends of its 95 % interval, each (C,), from (C, K) numbers.

    $\omega^2 = (SS_b - (K-1) MS_w) / (SS_t + MS_w)$ (W. L. Hays, *Statistics for Psychologists*, 1963), which
    unlike eta squared is about 0 for classes that differ in nothing. The interval has the non-centralities
    $\lambda$ for which the F found lies at 97.5 and 2.5 %, as $\lambda / (\lambda + N)$ (J. H. Steiger,
    *Beyond the F Test*, Psychological Methods 9, 2004). It takes equal variances.

    >>> count, mean = np.array([[10.0, 10.0]]), np.array([[1.0, 0.0]])
    >>> [found.round(3).tolist() for found in explained(count, mean, np.ones((1, 2)))]
    [[0.167], [0.0], [0.48]]
    """
    classes, images = mean.shape[1], count.sum(1)
    centre = (count * mean).sum(1, keepdims=True) / images[:, None]
    between = (count * (mean - centre) ** 2).sum(1)
    within = ((count - 1) * variance).sum(1)
    error = within / (images - classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        omega = np.maximum((between - (classes - 1) * error) / (between + within + error), 0.0)
        f = between / (classes - 1) / error
    ends = (_noncentrality(f, classes - 1, images - classes, level) for level in (1 - _TAIL, _TAIL))
    low, high = (end / (end + images) for end in ends)
    return omega, low, high


def _noncentrality(f: Floats, first: int, second: Floats, level: float) -> Floats:
    """(C,): where the distribution of F up to `f` holds `level`, by halving; 0 where it never does."""
    from scipy.special import ncfdtr

    low, high = np.zeros_like(f), 4 * first * np.maximum(f, 1) + 100
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        beyond = ncfdtr(first, second, middle, f) > level
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return np.where(np.isnan(f), np.nan, np.where(low == 0, 0.0, (low + high) / 2))


def class_variance(
    codes: Words, count: NDArray[np.int64], mean: Floats, variance: Floats, correction: str
) -> ClassVariance:
    """The analysis of C units by K classes, NaN for those whose code has no numbers."""
    measured = np.isin(codes, MEASURED)
    numbers = np.full((6, len(codes)), np.nan)
    if measured.any():
        held = count[measured].astype(np.float64), mean[measured], variance[measured]
        numbers[:, measured] = [*welch_anova(*held), *explained(*held)]
    f, df, p, omega, low, high = numbers
    return ClassVariance(codes, count.sum(1), f, df, p, adjusted(p, correction), omega, low, high)
