"""What can be said of a unit and two classes, as codes; `neurolupa.locales` has the words."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.units.classes.table import ClassMeans

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

LEVEL = 0.05
"""What an adjusted p is at most for a difference to be more than chance."""

RELIABLE = 10
"""Numbers over fewer images of a class are marked."""

LEAST = 3
"""Images of each class below which there is no effect size."""

_EQUAL = 1e-6
"""Values that differ by less than this share of their size are the same."""


class UnitCode(StrEnum):
    """Why the numbers of a unit and two classes are what they are, or are not there.

    OK, nothing to say; FEW_IMAGES, there are fewer than 10 images of a class; TOO_FEW, fewer than 3, and no
    numbers; NO_SPREAD, one value on all images of a class and another one on all of the other, so that there
    is no standard deviation to measure in (of an analysis of variance: one value on all images of some
    class); CONSTANT, the same value on every image; SILENT, and it is 0 (at most 1e-6 either way);
    NOT_FINITE, no finite value on any image of a class; CLASSES_CUT, the atlas kept only the best classes of
    each unit, and not both of these.
    """

    OK = "OK"
    FEW_IMAGES = "FEW_IMAGES"
    TOO_FEW = "TOO_FEW"
    NO_SPREAD = "NO_SPREAD"
    CONSTANT = "CONSTANT"
    SILENT = "SILENT"
    NOT_FINITE = "NOT_FINITE"
    CLASSES_CUT = "CLASSES_CUT"


class LookCode(StrEnum):
    """Whether pictures can be said to look like another class to the network.

    OK; CHANCE, the lines do no better than with shuffled labels (p above 0.05), so that the side on which a
    picture lies says nothing; FEW_IMAGES, fewer than 10 sampled images of some class; NO_UNITS, no unit with
    finite values that differ between the sampled images.
    """

    OK = "OK"
    CHANCE = "CHANCE"
    FEW_IMAGES = "FEW_IMAGES"
    NO_UNITS = "NO_UNITS"


MEASURED = (UnitCode.OK.value, UnitCode.FEW_IMAGES.value)
"""The codes with numbers."""


def unit_codes(means: ClassMeans, cut: bool, every: bool = False) -> Words:
    """(C,): what can be said of each unit and the K classes of `means` (C, K), the gravest code alone.

    Args:
        means: Of these classes alone.
        cut: Whether the atlas kept some classes of a unit only.
        every: Whether each class needs a spread of its own, not just one of them.
    """
    low, high = means.range
    least = means.count.min(axis=1)
    flat = (means.highest - means.lowest) <= _EQUAL * _size(means.lowest, means.highest)
    conditions = {
        UnitCode.CLASSES_CUT: (least == 0) & cut,
        UnitCode.NOT_FINITE: least == 0,
        UnitCode.SILENT: _size(low, high) <= DEAD_THRESHOLD,
        UnitCode.CONSTANT: high - low <= _EQUAL * _size(low, high),
        UnitCode.TOO_FEW: least < LEAST,
        UnitCode.NO_SPREAD: flat.any(axis=1) if every else flat.all(axis=1),
        UnitCode.FEW_IMAGES: least < RELIABLE,
    }
    return np.select(list(conditions.values()), [code.value for code in conditions], UnitCode.OK.value)


def _size(low: Floats, high: Floats) -> Floats:
    return np.maximum(np.abs(low), np.abs(high))
