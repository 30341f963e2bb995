"""What a class analysis can find or lack, as codes; `neurolupa.locales` has the words (`units.classes.`)."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.schema import DEAD_THRESHOLD

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

RELIABLE = 10
"""Numbers over fewer images of a class are marked as unreliable."""

_EQUAL = 1e-6
"""A unit whose values differ by less than this share of their size is constant."""


class ClassCode(StrEnum):
    """Why a number is what it is, or is not there.

    OK, nothing to say; SILENT, the mean is 0 (at most 1e-6 either way) on every image; CONSTANT, it is the
    same on every image; SINGLE_CLASS, images of one class only; SINGLE_UNIT, a site of one unit; NO_VALUES,
    no finite value; NEGATIVE, a mean below zero, of which there are no shares; EXCLUSIVE, one class alone is
    answered; CLASSES_CUT, the atlas kept some classes only; FEW_IMAGES, too few images of the class;
    NOT_SAMPLED, no sampled image of the class.
    """

    OK = "OK"
    SILENT = "SILENT"
    CONSTANT = "CONSTANT"
    SINGLE_CLASS = "SINGLE_CLASS"
    SINGLE_UNIT = "SINGLE_UNIT"
    NO_VALUES = "NO_VALUES"
    NEGATIVE = "NEGATIVE"
    EXCLUSIVE = "EXCLUSIVE"
    CLASSES_CUT = "CLASSES_CUT"
    FEW_IMAGES = "FEW_IMAGES"
    NOT_SAMPLED = "NOT_SAMPLED"


class Level(StrEnum):
    """How far the preferred class is above the second, by the ratio of their means.

    Above 2.0 very high, above 1.5 high, above 1.2 moderate, else low: conventions, which know no null.
    """

    VERY_HIGH = "very_high"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    NOT_APPLICABLE = "not_applicable"


def level_of(ratio: float) -> Level:
    """The level of a ratio; not applicable for NaN.

    >>> level_of(2.0).value, level_of(float("inf")).value, level_of(float("nan")).value
    ('high', 'very_high', 'not_applicable')
    """
    if np.isnan(ratio):
        return Level.NOT_APPLICABLE
    bounds = ((2.0, Level.VERY_HIGH), (1.5, Level.HIGH), (1.2, Level.MODERATE))
    return next((level for bound, level in bounds if ratio > bound), Level.LOW)


def states_of(lowest: Floats, highest: Floats, classes: NDArray[np.int64]) -> Words:
    """What can be said at all of each unit (...): OK, NO_VALUES, SILENT, SINGLE_CLASS or CONSTANT.

    Args:
        lowest: (...), the least of a unit's means on single images; NaN without a finite one.
        highest: (...), the greatest.
        classes: (...), how many classes have such images.

    >>> states_of(np.zeros(2), np.array([0.0, 1.0]), np.array([9, 1])).tolist()
    ['SILENT', 'SINGLE_CLASS']
    """
    size = np.maximum(np.abs(lowest), np.abs(highest))
    conditions = [classes == 0, size <= DEAD_THRESHOLD, classes == 1, highest - lowest <= _EQUAL * size]
    codes = (ClassCode.NO_VALUES, ClassCode.SILENT, ClassCode.SINGLE_CLASS, ClassCode.CONSTANT)
    return np.select(conditions, [code.value for code in codes], ClassCode.OK.value)


def index_codes(states: Words, lowest: Floats) -> Words:
    """Whether an index over class means exists (OK), else why not; that of a constant unit is 0.

    >>> index_codes(np.array(["OK", "SILENT", "CONSTANT"]), np.array([-0.1, 0.0, 0.3])).tolist()
    ['NEGATIVE', 'SILENT', 'OK']
    """
    usable = np.isin(states, ["OK", "CONSTANT"])
    return np.where(usable, np.where(lowest < 0, "NEGATIVE", "OK"), states)
