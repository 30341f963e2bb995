"""How far two classes are apart in each unit: Hedges' g with its interval, and Welch's t."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.codes import Floats

_Z = 1.959963984540054
"""97.5 % of a normal distribution lie below."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Of one class and each of C units, over the images' values.

    Attributes:
        count: (C,) images.
        mean: (C,).
        variance: (C,), with n - 1 below.
    """

    count: NDArray[np.int64]
    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, count: NDArray[np.int64], mean: Floats, std: Floats) -> "Moments":
        """From the population's standard deviation, as an atlas stores it; NaN below two images.

        >>> Moments.of(np.array([2]), np.array([1.0]), np.array([1.0])).variance.tolist()
        [2.0]
        """
        free = np.where(count > 1, count - 1.0, np.nan)
        return cls(count, mean, std**2 * count / free)


@dataclass(frozen=True, eq=False)
class Effects:
    """The first class less the second, for each of C units; NaN where a unit has none.

    Attributes:
        difference: (C,) of the means, in the unit's own unit.
        g: (C,) Hedges' g.
        low: (C,) lower end of its 95 % interval.
        high: (C,) upper end.
        t: (C,) Welch's.
        df: (C,) its degrees of freedom.
        p: (C,) two-sided, of this unit alone.
    """

    difference: Floats
    g: Floats
    low: Floats
    high: Floats
    t: Floats
    df: Floats
    p: Floats


def effects(first: Moments, second: Moments, measured: NDArray[np.bool_]) -> Effects:
    r"""Effect sizes and Welch's test of C units.

    Hedges' g in the form for unequal variances,
    $g = J(f)\,(\bar a_1 - \bar a_2)/s$ with $s^2 = (s_1^2 + s_2^2)/2$, where
    $J(f) = \Gamma(f/2) / (\sqrt{f/2}\,\Gamma((f-1)/2))$ (L. V. Hedges, *Distribution Theory for Glass's
    Estimator of Effect Size*, J. Educational Statistics 6, 1981) and
    $f = (s_1^2 + s_2^2)^2 / (s_1^4/(n_1-1) + s_2^4/(n_2-1))$ (M. Delacre, D. Lakens, C. Ley, L. Liu and
    C. Leys, *Why Hedges' g\*s based on the non-pooled standard deviation should be reported with Welch's
    t-test*, 2021). With classes of equal size s is the pooled standard deviation. The interval is
    $g \pm 1.96\,J(f)\,\mathrm{SE}$ with
    $\mathrm{SE}^2 = d^2 (s_1^4/(n_1-1) + s_2^4/(n_2-1)) / (8 s^4) + (s_1^2/(n_1-1) + s_2^2/(n_2-1)) / s^2$,
    $d = g/J(f)$ (D. G. Bonett, *Confidence Intervals for Standardized Linear Contrasts of Means*,
    Psychological Methods 13, 2008). It takes the images' values to be normal.

    Welch's t is $(\bar a_1 - \bar a_2) / \sqrt{s_1^2/n_1 + s_2^2/n_2}$ (B. L. Welch, Biometrika 34, 1947).

    Args:
        first: Of one class.
        second: Of the other.
        measured: (C,) which units have numbers.

    >>> one = Moments(np.array([10]), np.array([1.0]), np.array([1.0]))
    >>> two = Moments(np.array([10]), np.array([0.0]), np.array([1.0]))
    >>> found = effects(one, two, np.array([True]))
    >>> found.g.round(3).tolist(), found.t.round(3).tolist(), found.df.round(1).tolist()
    ([0.958], [2.236], [18.0])
    """
    from scipy.special import stdtr

    one, two = (_where(measured, each) for each in (first, second))
    difference = one.mean - two.mean
    error = one.variance / one.count + two.variance / two.count
    d, low, high = _standardised(difference, one, two)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / np.sqrt(error)
        df = error**2 / sum((each.variance / each.count) ** 2 / (each.count - 1) for each in (one, two))
    return Effects(difference, d, low, high, t, df, 2 * stdtr(df, -np.abs(t)))


def _where(measured: NDArray[np.bool_], moments: Moments) -> Moments:
    """The same, NaN where a unit has no numbers."""
    known = [np.where(measured, each, np.nan) for each in (moments.mean, moments.variance)]
    return Moments(np.where(measured, moments.count, 2), *known)


def _standardised(difference: Floats, one: Moments, two: Moments) -> tuple[Floats, Floats, Floats]:
    """Hedges' g and the ends of its interval."""
    spread = (one.variance + two.variance) / 2
    squares = sum(each.variance**2 / (each.count - 1) for each in (one, two))
    linear = sum(each.variance / (each.count - 1) for each in (one, two))
    with np.errstate(divide="ignore", invalid="ignore"):
        d = difference / np.sqrt(spread)
        error = np.sqrt(d**2 * squares / (8 * spread**2) + linear / spread)
        factor = small_sample_factor(4 * spread**2 / squares)
    return factor * d, factor * (d - _Z * error), factor * (d + _Z * error)


def small_sample_factor(df: Floats) -> Floats:
    """Hedges' exact J, by which a standardised difference overestimates on average.

    >>> small_sample_factor(np.array([18.0])).round(4).tolist()
    [0.9576]
    """
    from scipy.special import gammaln

    return np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
