"""How far units are apart in two atlases: over the same pictures pair by pair, else Welch's test."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.comparison.atlases.codes import ChangeCode
from neurolupa.comparison.classes.effects import Moments, effects, small_sample_factor
from neurolupa.units.relations.codes import EQUAL, FEWEST, Floats, Words
from neurolupa.units.relations.correlating import Z95


@dataclass(frozen=True, eq=False)
class Shift:
    """B less A for each of C units, each picture being one number; NaN where a unit has none.

    Attributes:
        sampled_a: (C,) N, pictures of A with a finite value.
        sampled_b: (C,) of B; paired, it is one number for both.
        value_a: (C,) the mean over the pictures in A.
        value_b: (C,) in B.
        difference: (C,) of these.
        error: (C,) its standard error.
        t: (C,) the one over the other.
        df: (C,) degrees of freedom.
        p: (C,) two-sided, of this unit alone.
        g: (C,) the difference in standard deviations over pictures.
        low: (C,) lower end of its 95 % interval.
        high: (C,) upper end.
    """

    sampled_a: NDArray[np.int64] = field(repr=False)
    sampled_b: NDArray[np.int64] = field(repr=False)
    value_a: Floats = field(repr=False)
    value_b: Floats = field(repr=False)
    difference: Floats = field(repr=False)
    error: Floats = field(repr=False)
    t: Floats = field(repr=False)
    df: Floats = field(repr=False)
    p: Floats = field(repr=False)
    g: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)

    @classmethod
    def joined(cls, parts: Sequence["Shift"]) -> "Shift":
        """The units of several, one after the other."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))


@dataclass(frozen=True, eq=False)
class _Side:
    """One atlas's values (N, C), 0 where they are not to be used, and where they are."""

    values: Floats
    used: NDArray[np.bool_]

    @classmethod
    def of(cls, values: Floats, used: NDArray[np.bool_]) -> "_Side":
        return cls(np.where(used, values, 0.0), used)

    @property
    def count(self) -> NDArray[np.int64]:
        return self.used.sum(axis=0)

    @property
    def mean(self) -> Floats:
        return _over(self.values.sum(axis=0), self.count)

    @property
    def range(self) -> tuple[Floats, Floats]:
        low = np.where(self.used, self.values, np.inf).min(axis=0, initial=np.inf)
        return low, np.where(self.used, self.values, -np.inf).max(axis=0, initial=-np.inf)

    @property
    def centred(self) -> Floats:
        return np.where(self.used, self.values - self.mean, 0.0)

    @property
    def variance(self) -> Floats:
        return _over((self.centred**2).sum(axis=0), self.count - 1)

    @property
    def moments(self) -> Moments:
        return Moments(self.count, self.mean, self.variance)


def paired_shift(a: Floats, b: Floats) -> tuple[Words, Shift]:
    r"""Codes and shift of C units from their values (N, C) on the same pictures.

    With $d = b - a$ on each picture: Student's $t = \bar d / (s_d / \sqrt N)$ with N - 1 degrees of freedom,
    and $g = J(N-1)\,\bar d / s$ with $s^2 = (s_a^2 + s_b^2)/2$ (G. Cumming, *Understanding the New
    Statistics*, 2012, chapter 11). The interval is $g \pm 1.96\,J\,\mathrm{SE}$ with
    $\mathrm{SE}^2 = \delta^2 (s_a^4 + s_b^4 + 2 s_{ab}^2) / (8 (N-1) s^4) + s_d^2 / ((N-1) s^2)$,
    $\delta = g/J$ (D. G. Bonett, *Confidence Intervals for Standardized Linear Contrasts of Means*,
    Psychological Methods 13, 2008). It takes the values to be normal.

    >>> a = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> codes, found = paired_shift(a, a + [[1.0], [1.0], [1.0], [2.0]])
    >>> codes.tolist(), found.difference.tolist(), found.t.round(3).tolist()
    (['OK'], [1.25], [5.0])
    """
    finite = np.isfinite(a) & np.isfinite(b)
    one, two = _Side.of(a, finite), _Side.of(b, finite)
    codes = _codes(one, two, paired=True)
    count, ok = one.count, codes == ChangeCode.OK
    both = _over((one.centred * two.centred).sum(axis=0), count - 1)
    spread = (one.variance + two.variance) / 2
    apart = np.maximum(one.variance + two.variance - 2 * both, 0.0)
    free, difference = np.maximum(count - 1.0, 1.0), two.mean - one.mean
    squares = one.variance**2 + two.variance**2 + 2 * both**2
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = difference / np.sqrt(spread)
        reach = Z95 * np.sqrt(delta**2 * squares / (8 * free * spread**2) + apart / (free * spread))
    error = np.sqrt(_over(apart, count))
    g = [small_sample_factor(free) * each for each in (delta, delta - reach, delta + reach)]
    return codes, _shift(one, two, ok, error, free, g)


def unpaired_shift(a: Floats, b: Floats) -> tuple[Words, Shift]:
    """Codes and shift of C units from their values (N_a, C) and (N_b, C) on different pictures.

    Welch's t, and Hedges' g with Bonett's interval: `neurolupa.comparison.classes.effects`.

    >>> a = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> codes, found = unpaired_shift(a, a + 1)
    >>> codes.tolist(), found.difference.tolist(), found.df.round(1).tolist()
    (['OK'], [1.0], [6.0])
    """
    one, two = (_Side.of(each, np.isfinite(each)) for each in (a, b))
    codes = _codes(one, two, paired=False)
    ok = codes == ChangeCode.OK
    found = effects(two.moments, one.moments, ok)
    error = np.sqrt(_over(one.variance, one.count) + _over(two.variance, two.count))
    return codes, _shift(one, two, ok, error, found.df, [found.g, found.low, found.high])


def _shift(
    one: _Side, two: _Side, ok: NDArray[np.bool_], error: Floats, df: Floats, g: Sequence[Floats]
) -> Shift:
    """Everything together; NaN for units whose code is not OK, but the means and their difference."""
    from scipy.special import stdtr

    difference = two.mean - one.mean
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / error
    tested = (np.where(ok, each, np.nan) for each in (error, t, df, 2 * stdtr(df, -np.abs(t)), *g))
    return Shift(one.count, two.count, one.mean, two.mean, difference, *tested)


def _codes(one: _Side, two: _Side, paired: bool) -> Words:
    """(C,): the gravest code of each unit."""
    ranges = (one.range, two.range)
    sizes = [np.maximum(np.abs(low), np.abs(high)) for low, high in ranges]
    size = np.maximum(*sizes)
    flat = [high - low <= EQUAL * each for (low, high), each in zip(ranges, sizes, strict=True)]
    equal = np.zeros(len(size), bool)
    if paired:
        equal = np.abs(two.values - one.values).max(axis=0, initial=0.0) <= EQUAL * size
    conditions = {
        ChangeCode.FEW_IMAGES: np.minimum(one.count, two.count) < FEWEST,
        ChangeCode.SILENT: size <= DEAD_THRESHOLD,
        ChangeCode.EQUAL: equal,
        ChangeCode.CONSTANT: flat[0] & flat[1],
    }
    return np.select(list(conditions.values()), [code.value for code in conditions], ChangeCode.OK.value)


def _over(above: Floats, below: NDArray) -> Floats:
    """A quotient, NaN where there is nothing below."""
    return above / np.where(below > 0, below, np.nan)
