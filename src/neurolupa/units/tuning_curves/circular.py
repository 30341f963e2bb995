"""Averages on a circle: where the responses to angles point, and how closely they keep together.

After K. V. Mardia and P. E. Jupp, *Directional Statistics* (Wiley, 2000), chapter 2: angles that recur sooner
than a full turn, such as orientations, are multiplied up to one. For orientation tuning D. L. Ringach,
R. M. Shapley and M. J. Hawken, *Orientation Selectivity in Macaque V1*, Journal of Neuroscience 22 (2002).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def resultant(weights: Floats, degrees: ArrayLike, period: float) -> NDArray[np.complex128]:
    """The mean resultant vector of angles that recur after `period` degrees, weighted.

    With `m = 360 / period` and weights `r` (..., V) it is `sum(r * exp(i m angle)) / sum(r)`, of shape (...);
    NaN where the weights sum to 0. Weights must not be negative for its length to lie in 0..1.

    >>> resultant(np.array([1.0, 0.0, 0.0, 0.0]), [0, 45, 90, 135], 180.0)
    array(1.+0.j)
    """
    turns = 2 * np.pi * np.asarray(degrees, np.float64) / period
    total = weights.sum(-1)
    # Two real products: NumPy would make the weights complex first, at twice the memory and time.
    summed = np.asarray(weights @ np.cos(turns), np.complex128)
    summed.imag = weights @ np.sin(turns)
    return np.where(total == 0, np.nan, summed / np.where(total == 0, 1.0, total))


def concentration(weights: Floats, degrees: ArrayLike, period: float) -> Floats:
    """One minus the circular variance: the length of the mean resultant vector.

    1 where one angle alone is answered, 0 where all are answered alike or opposites in pairs.

    >>> concentration(np.array([[1.0, 0, 0, 0], [1.0, 0, 1, 0]]), [0, 90, 180, 270], 360.0).round(9)
    array([1., 0.])
    """
    return np.abs(resultant(weights, degrees, period))


def mean_angle(weights: Floats, degrees: ArrayLike, period: float) -> Floats:
    """The direction of the mean resultant vector, in degrees from 0 up to `period`.

    >>> mean_angle(np.array([1.0, 1.0, 0.0, 0.0]), [0, 45, 90, 135], 180.0).round(6)
    np.float64(22.5)
    """
    turned = np.angle(resultant(weights, degrees, period)) * period / (2 * np.pi)
    return np.mod(np.round(turned, 9), period)


def distance(first: ArrayLike, second: ArrayLike, period: float) -> Floats:
    """The shorter way between two angles on the circle, in degrees.

    >>> distance(175.0, 5.0, 180.0)
    array(10.)
    """
    apart = np.mod(np.asarray(first, np.float64) - np.asarray(second, np.float64), period)
    return np.asarray(np.minimum(apart, period - apart))
