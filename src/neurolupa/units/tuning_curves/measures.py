"""What a tuning curve (..., V), the mean answers to V values, amounts to: its index and its width."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.tuning_curves.circular import Floats, concentration
from neurolupa.units.tuning_curves.factors import Factor


def lifted(curve: Floats) -> Floats:
    """The curve, raised so far that nothing of it is negative; as it is where nothing is.

    An index over responses means shares of a whole, which negative parts do not have. Before a rectifier they
    occur, and the curve's own minimum then counts as silence.

    >>> lifted(np.array([[1.0, 3.0], [-1.0, 3.0]])).tolist()
    [[1.0, 3.0], [0.0, 4.0]]
    """
    return curve - np.minimum(curve.min(-1, keepdims=True), 0.0)


def selectivity(curve: Floats) -> Floats:
    """(max - mean of the others) / (max + mean of the others), of the lifted curve.

    1 where one value alone is answered, 0 where all are answered alike; NaN where nothing is answered.

    >>> selectivity(np.array([[0.0, 2.0, 0.0], [3.0, 1.0, 1.0]])).tolist()
    [1.0, 0.5]
    """
    raised = lifted(curve)
    best = raised.max(-1)
    others = (raised.sum(-1) - best) / (curve.shape[-1] - 1)
    total = best + others
    return (best - others) / np.where(total == 0, np.nan, total)


def index_of(factor: Factor, values: Sequence, curve: Floats) -> Floats:
    """The tuning index (...) of curves (..., V): one minus circular variance on circles, else selectivity.

    Both are of the lifted curve, and 0 where that is 0 throughout: it answers all values alike.

    >>> from neurolupa.units.tuning_curves.factors import FACTORS
    >>> index_of(FACTORS["shape"], ["star", "ring"], np.array([0.0, 1.0]))
    np.float64(1.0)
    """
    circular = factor.scale == "circular"
    found = concentration(lifted(curve), values, factor.period) if circular else selectivity(curve)
    return np.nan_to_num(found)


def width_of(factor: Factor, values: Sequence, curve: Floats) -> Floats:
    """The tuning width (U,) of curves (U, V) at half height between the curve's minimum and maximum.

    NaN for a flat curve. On circles half the width, in degrees; for numbers on a logarithmic scale the whole
    width in octaves, NaN where the curve does not come down to half height on both sides; for names the share
    of the values that reach half height. Between values the curve is taken to be straight.

    >>> from neurolupa.units.tuning_curves.factors import FACTORS
    >>> width_of(FACTORS["orientation"], [0, 45, 90, 135], np.array([[0.0, 4.0, 0.0, 0.0]])).tolist()
    [22.5]
    """
    if factor.scale == "named":
        return ((curve - _half_height(curve)[:, None]) >= 0).mean(-1)
    circular = factor.scale == "circular"
    places = np.asarray(values, np.float64) if circular else np.log2(np.asarray(values, np.float64))
    peak, last = curve.argmax(-1), curve.shape[1] - 1
    onwards = _way_down(curve, places, peak, factor.period)
    backwards = _way_down(curve[:, ::-1], -places[::-1], last - peak, factor.period)
    return (onwards + backwards) * (0.5 if circular else 1.0)


def _half_height(curve: Floats) -> Floats:
    return np.asarray(0.5 * (curve.max(-1) + curve.min(-1)))


def _way_down(curve: Floats, places: Floats, peak: NDArray[np.int64], period: float) -> Floats:
    """From the peak to the right, how far it is to half height; NaN where the curve ends before.

    Without a period (0) it ends with its last value.
    """
    count = curve.shape[1]
    onwards = peak[:, None] + np.arange(count + 1)
    steps = onwards % count
    values = np.take_along_axis(curve, steps, 1)
    far = places[steps] - places[steps[:, :1]] + (onwards >= count) * period
    if not period:
        values = np.where(onwards < count, values, np.inf)
    half = _half_height(curve)[:, None]
    below: NDArray[np.bool_] = np.array(values <= half)
    below[:, 0] = False
    ends = np.any(below, axis=-1, keepdims=True)
    first = below.argmax(-1)[:, None]
    values = np.where(ends, values, 0.0)
    before, after = (np.take_along_axis(values, first - back, 1) for back in (1, 0))
    near, away = (np.take_along_axis(far, first - back, 1) for back in (1, 0))
    drop = np.where(ends & (before > after), before - after, np.nan)
    return (near + (away - near) * (before - half) / drop)[:, 0]
