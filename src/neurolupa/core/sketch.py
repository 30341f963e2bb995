"""Counts of values in fixed bins: mergeable by addition, exact in any order, and able to answer quantiles.

Two binnings of the float32 line, both in ascending order of value:

* `FINE` takes the top 17 bits (sign, exponent, eight bits of mantissa). A bin is at most 2^-8 of its value
  wide, so that a quantile that is interpolated inside a bin is never further off than that.
* `COARSE` has 563 bins: eight to an octave between 2^-20 and 2^12 for either sign, one to an octave for
  twelve octaves more on both sides, one for what is nearer to zero (taken as zero), one beyond each end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from jaxtyping import Float64, Int64, Integer, Shaped
from numpy import ndarray
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray | Sequence[float | int] | np.number | float | int
"""One number or many."""

_FINE_BITS = 17
_HALF = 1 << (_FINE_BITS - 1)
_FINE_OCTAVES = range(-20, 12)
_WHOLE_OCTAVES = 12
_PER_OCTAVE = 8


@dataclass(frozen=True)
class Binning:
    """Consecutive bins over the real line: bin i holds the values between `low[i]` and `high[i]`.

    Bins of either sign are closed at the end that is nearer to zero.
    """

    name: str
    low: Float64[ndarray, "bins"] = field(repr=False)
    high: Float64[ndarray, "bins"] = field(repr=False)

    @property
    def size(self) -> int:
        """How many bins there are."""
        return len(self.low)

    def edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lower and the upper edge of every bin, each of shape (size,)."""
        return self.low, self.high

    @cached_property
    def zero(self) -> int:
        """The bin that holds zero."""
        return int(np.flatnonzero((self.low <= 0) & (self.high >= 0))[-1])

    def index(self, values: ArrayLike) -> NDArray[np.int64]:
        """The bin of every finite value, in the shape of `values` (taken as float32).

        >>> COARSE.index([0.0, 1.0, 1.125, -1.0]) - COARSE.zero
        array([   0,  173,  174, -173])
        """
        bits = np.asarray(values, np.float32).view(np.uint32)
        return (fine_order if self is FINE else coarse_order)()[bits >> (32 - _FINE_BITS)]


@cache
def fine_order() -> Int64[ndarray, "131072"]:
    """For each pattern of the top 17 bits its place in `FINE`: shape (2^17,)."""
    pattern = np.arange(1 << _FINE_BITS)
    return np.where(pattern < _HALF, _HALF + pattern, 2 * _HALF - 1 - pattern)


@cache
def coarse_order() -> Int64[ndarray, "131072"]:
    """For each pattern of the top 17 bits its place in `COARSE`: shape (2^17,)."""
    pattern = np.arange(1 << _FINE_BITS)
    values = _value_of(pattern & (_HALF - 1))
    rank = np.searchsorted(_coarse_edges(), values, side="right")
    return np.where(pattern < _HALF, rank, -rank) + len(_coarse_edges())


def _value_of(magnitude: NDArray) -> NDArray[np.float64]:
    """The smallest value with these top bits, the sign left out."""
    bits = (magnitude.astype(np.uint64) << np.uint64(32 - _FINE_BITS)).astype(np.uint32)
    with np.errstate(invalid="ignore"):
        return bits.view(np.float32).astype(np.float64)


def _fine() -> Binning:
    edges = _value_of(np.arange(_HALF + 1))
    low, high = edges[:-1].copy(), edges[1:].copy()
    high[0] = 0.0  # what is nearer to zero than 2^-133 counts as zero, so that exact zeros stay exact
    return Binning("fine", np.concatenate([-high[::-1], low]), np.concatenate([-low[::-1], high]))


@cache
def _coarse_edges() -> NDArray[np.float64]:
    """The lower edges of the coarse bins above zero."""
    first, last = _FINE_OCTAVES.start, _FINE_OCTAVES.stop
    steps = 1 + np.arange(_PER_OCTAVE) / _PER_OCTAVE
    eighths = (2.0 ** np.array(_FINE_OCTAVES)[:, None] * steps).ravel()
    below = 2.0 ** np.arange(first - _WHOLE_OCTAVES, first)
    above = 2.0 ** np.arange(last, last + _WHOLE_OCTAVES + 1)
    return np.concatenate([below, eighths, above])


def _coarse() -> Binning:
    low = _coarse_edges()
    high = np.append(low[1:], np.inf)
    return Binning(
        "coarse",
        np.concatenate([-high[::-1], [0.0], low]),
        np.concatenate([-low[::-1], [0.0], high]),
    )


FINE = _fine()
COARSE = _coarse()


def quantiles(
    counts: Integer[ndarray, "*rows bins"],
    binning: Binning,
    q: Numbers,
    minimum: Numbers,
    maximum: Numbers,
) -> Float64[ndarray, "..."]:
    """Quantiles of the counted values, interpolated inside a bin and kept within [minimum, maximum].

    The definition is the linear one (Hyndman and Fan 1996, type 7) on estimated order statistics: the r-th
    of c values in a bin is taken to lie at (r + 1/2)/c of its width; in a bin without a bound, in equal
    ratios.

    Args:
        counts: (..., size) counts.
        binning: the binning that the counts were made with.
        q: (Q,) or a scalar, in 0..1.
        minimum: (...) the smallest counted value of each row.
        maximum: (...) the largest.

    Returns:
        (..., Q), or (...) for a scalar q; NaN for rows that count nothing.

    >>> counts = np.bincount(FINE.index([0, 0, 1, 2, 4]), minlength=FINE.size)
    >>> quantiles(counts, FINE, [0, 0.25, 1], 0, 4)
    array([0., 0., 4.])
    """
    table = np.asarray(counts)
    rows = table.reshape(-1, binning.size)
    levels = np.atleast_1d(np.asarray(q, np.float64))
    low = np.broadcast_to(np.asarray(minimum, np.float64), table.shape[:-1]).reshape(-1)
    high = np.broadcast_to(np.asarray(maximum, np.float64), table.shape[:-1]).reshape(-1)
    out = np.empty((len(rows), len(levels)))
    for place, row in enumerate(zip(rows, low, high, strict=True)):
        out[place] = _row_quantiles(*row, binning, levels)
    return out.reshape(table.shape[:-1] + np.shape(q))


def _row_quantiles(
    counts: NDArray, minimum: float, maximum: float, binning: Binning, q: NDArray
) -> NDArray[np.float64]:
    total = int(counts.sum())
    if total == 0:
        return np.full(len(q), np.nan)
    rank = (total - 1) * q
    below = np.floor(rank)
    filled = np.flatnonzero(counts)
    cumulative = np.cumsum(counts[filled])

    def statistic(r: NDArray) -> NDArray:
        place = np.searchsorted(cumulative, r, side="right")
        held = counts[filled[place]]
        within = (r - (cumulative[place] - held) + 0.5) / held
        low, high = binning.low[filled[place]], binning.high[filled[place]]
        start, end = np.clip(low, minimum, maximum), np.clip(high, minimum, maximum)
        unbounded = np.isinf(low) | np.isinf(high)
        return np.where(unbounded, _geometric(start, end, within), start + within * (end - start))

    first, second = statistic(below), statistic(np.minimum(below + 1, total - 1))
    return first + (rank - below) * (second - first)


def _geometric(start: NDArray, end: NDArray, within: NDArray) -> NDArray[np.float64]:
    """Between two values of one sign in equal ratios, for bins that are open to infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return start * (end / start) ** within


def histogram(counts: Shaped[ndarray, "bins"], binning: Binning, edges: Numbers) -> Float64[ndarray, "cells"]:
    """Counts re-binned to the given ascending edges, a bin's count spread evenly over its width.

    Args:
        counts: (size,) counts.
        binning: the binning that they were made with.
        edges: (B + 1,) ascending.

    Returns:
        (B,) counts, not whole where an edge cuts a bin. Zeros fall into the bin that begins at zero, and what
        lies in an unbounded bin into the first or last one.

    >>> counts = np.bincount(COARSE.index([0, 1, 1, 3]), minlength=COARSE.size)
    >>> histogram(counts, COARSE, [0, 2, 4])
    array([3., 1.])
    """
    table, borders = np.asarray(counts, np.float64), np.asarray(edges, np.float64)
    filled = np.flatnonzero(table)
    out = np.zeros(len(borders) - 1)
    for bin_index in filled:
        low = np.clip(binning.low[bin_index], borders[0], borders[-1])
        high = np.clip(binning.high[bin_index], borders[0], borders[-1])
        if bin_index == binning.zero or high <= low:
            place = np.searchsorted(borders, 0.0 if bin_index == binning.zero else low, side="right") - 1
            out[np.clip(place, 0, len(out) - 1)] += table[bin_index]
            continue
        first, last = (
            np.searchsorted(borders, low, side="right") - 1,
            np.searchsorted(borders, high, side="left"),
        )
        cut = np.clip(borders[first : last + 1], low, high)
        out[first:last] += table[bin_index] * np.diff(cut) / (high - low)
    return out
