"""What an appearance can be, as codes, and the thresholds; `neurolupa.locales` has the words."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUGH, MODERATE = 0.15, 0.08
"""Means above which a picture is rough (complex), moderate; of quantities that grow with contrast, 0 to 1."""

STRONG, WEAK = 0.7, 0.4
"""|r| above the first is strong, not above the second weak."""

ALPHA = 0.05
"""A correlation with a p-value of at most this is more than chance; intervals hold 1 - ALPHA."""

LEAST_POSITIONS = 4
"""A map with fewer positions has no correlation: of two or three it says nothing."""

LEAST_SHIFTS = round(1 / ALPHA)
"""With fewer ways to shift, no p-value could be as small as ALPHA."""


class TextureType(StrEnum):
    """By the mean deviation inside 3 x 3 pixels."""

    ROUGH = "rough"
    MODERATE = "moderate"
    SMOOTH = "smooth"

    @classmethod
    def of(cls, mean: float) -> "TextureType":
        """The type for a mean.

        >>> [TextureType.of(mean).value for mean in (0.151, 0.15, 0.08)]
        ['rough', 'moderate', 'smooth']
        """
        return cls.ROUGH if mean > ROUGH else cls.MODERATE if mean > MODERATE else cls.SMOOTH


class Complexity(StrEnum):
    """By the mean edge intensity."""

    COMPLEX = "complex"
    MODERATE = "moderate"
    SIMPLE = "simple"

    @classmethod
    def of(cls, mean: float) -> "Complexity":
        """The complexity for a mean.

        >>> [Complexity.of(mean).value for mean in (0.151, 0.15, 0.08)]
        ['complex', 'moderate', 'simple']
        """
        return cls.COMPLEX if mean > ROUGH else cls.MODERATE if mean > MODERATE else cls.SIMPLE


class Strength(StrEnum):
    """Of a correlation, by its size alone; whether it is more than chance is another question."""

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    NONE = "none"

    @classmethod
    def of(cls, r: float) -> "Strength":
        """The strength of a correlation; `none` where there is no correlation.

        >>> [Strength.of(r).value for r in (-0.71, 0.7, 0.4, float("nan"))]
        ['strong', 'moderate', 'weak', 'none']
        """
        if np.isnan(r):
            return cls.NONE
        return cls.STRONG if abs(r) > STRONG else cls.MODERATE if abs(r) > WEAK else cls.WEAK


class CorrelationCode(StrEnum):
    """Why a correlation is what it is, or is not there.

    OK, nothing to say; SILENT, the unit's map is zero everywhere; CONSTANT, it is the same everywhere;
    NOT_FINITE, it has NaN or infinity; FLAT, the feature is the same everywhere in the picture; TOO_SMALL,
    the map has too few positions for a null (or, below four, for a correlation).
    """

    OK = "ok"
    SILENT = "silent"
    CONSTANT = "constant"
    NOT_FINITE = "not_finite"
    FLAT = "flat"
    TOO_SMALL = "too_small"
