"""What an analysis of relations can find or lack, as codes; `neurolupa.locales` has the words."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.schema import DEAD_THRESHOLD

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

EQUAL = 1e-6
"""A unit whose values differ by less than this share of their size is constant."""

FEWEST = 4
"""Pictures below which a correlation has no interval and is not given."""


class RelationCode(StrEnum):
    """Why a number is what it is, or is not there.

    OK, nothing to say; SILENT, the unit is 0 (at most 1e-6 either way) on every sampled picture; CONSTANT, it
    has the same value on each; NOT_FINITE, it has no finite value on more than half of them; FEW_IMAGES,
    fewer than 4 pictures; ALONE, no other unit to compare with; NO_UNITS, no unit that varies;
    FEWER_IMAGES_THAN_UNITS, there cannot be more dimensions than pictures less one; NOT_POSITIVE, the
    debiased estimate of a variance is not above 0.
    """

    OK = "OK"
    SILENT = "SILENT"
    CONSTANT = "CONSTANT"
    NOT_FINITE = "NOT_FINITE"
    FEW_IMAGES = "FEW_IMAGES"
    ALONE = "ALONE"
    NO_UNITS = "NO_UNITS"
    FEWER_IMAGES_THAN_UNITS = "FEWER_IMAGES_THAN_UNITS"
    NOT_POSITIVE = "NOT_POSITIVE"


def unit_codes(values: Floats, finite: NDArray[np.bool_]) -> Words:
    """Whether each unit varies over the pictures, else why not.

    Args:
        values: (N, C), finite wherever `finite` is true for the column.
        finite: (C,), whether the unit has values that can be used.

    >>> unit_codes(np.array([[0.0, 2.0, 1.0], [0.0, 2.0, 3.0]]), np.ones(3, bool)).tolist()
    ['SILENT', 'CONSTANT', 'OK']
    """
    if not len(values):
        return np.full(len(finite), RelationCode.FEW_IMAGES.value)
    known = np.where(finite, values, 0.0)
    low, high = known.min(axis=0), known.max(axis=0)
    size = np.maximum(np.abs(low), np.abs(high))
    conditions = [~finite, size <= DEAD_THRESHOLD, high - low <= EQUAL * size]
    codes = (RelationCode.NOT_FINITE, RelationCode.SILENT, RelationCode.CONSTANT)
    return np.select(conditions, [code.value for code in codes], RelationCode.OK.value)
