"""What a table of units by pictures can show, as codes, and the thresholds."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]
Interval = tuple[float, float]

SILENT = 1e-6
"""What is at most this far from zero is silent."""

ALPHA = 0.05
"""Redundancy with a larger p-value is taken for chance."""

LEAST_SHUFFLES = 19
"""With fewer, no p-value could be as small as ALPHA."""

ALWAYS_SHARE = 0.95
"""A unit that is above the mean of all cells on at least this share of the pictures is always on."""

SILENT_SHARE = 0.05
"""A picture whose units add up to at most this share of the pictures' median is silent."""

SAME = 0.95
"""Units whose values over the pictures correlate at least this much do the same."""

LEAST_ACTIVE = 10
"""Values beyond a unit's tenth highest (tenth lowest) count as that one before units are compared.

So no fewer pictures decide: units that are silent but for one and the same picture would correlate at 1.
"""

LOW_CELL = 0.1
"""A cell of at most this share of the scale (the 99.5 % quantile of all cells) is low."""

SPARSE_SHARE = 0.5
"""Where fewer than this share of the cells is low the layer is not sparse."""

LEAST_IMAGES = 10
"""With fewer pictures nothing is read."""

ABOVE, TOP = 1.0, 50
"""Units above the first on a picture are counted; the best so many are "in the top"."""


class ReadingCode(StrEnum):
    """ALWAYS_ON, units above the mean of all cells on nearly every picture; SILENT_IMAGE, pictures on which
    the units add up to next to nothing; REDUNDANT, units that do what another one does; NOT_SPARSE, few cells
    are low; HEALTHY, none of these; NOT_RECTIFIED, the site has values below zero, so that being on and being
    sparse mean nothing; FEW_IMAGES, too few pictures to read anything.
    """

    ALWAYS_ON = "always_on"
    SILENT_IMAGE = "silent_image"
    REDUNDANT = "redundant"
    NOT_SPARSE = "not_sparse"
    HEALTHY = "healthy"
    NOT_RECTIFIED = "not_rectified"
    FEW_IMAGES = "few_images"


def share_interval(count: int, of: int) -> Interval:
    """95 % of a share of pictures, by Wilson's score; NaN of none.

    E. B. Wilson, *Probable Inference, the Law of Succession, and Statistical Inference*, Journal of the
    American Statistical Association 22 (1927).

    >>> [round(end, 3) for end in share_interval(5, 10)]
    [0.237, 0.763]
    """
    if not of:
        return float("nan"), float("nan")
    z2, share = float(norm.ppf(0.975)) ** 2, count / of
    middle, spread = share + z2 / (2 * of), (share * (1 - share) / of + z2 / (4 * of * of)) * z2
    low, high = ((middle + sign * spread**0.5) / (1 + z2 / of) for sign in (-1, 1))
    return max(low, 0.0), min(high, 1.0)
