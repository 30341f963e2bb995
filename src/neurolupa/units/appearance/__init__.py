"""Texture, colour and shape of what a unit sees."""

from neurolupa.units.appearance.codes import (
    Complexity,
    CorrelationCode,
    Strength,
    TextureType,
)
from neurolupa.units.appearance.features import FEATURES, feature_maps
from neurolupa.units.appearance.profiling import texture_profile
from neurolupa.units.appearance.result import (
    Channel,
    Content,
    Correlation,
    Example,
    Intensity,
    TextureProfile,
)

__all__ = [
    "FEATURES",
    "Channel",
    "Complexity",
    "Content",
    "Correlation",
    "CorrelationCode",
    "Example",
    "Intensity",
    "Strength",
    "TextureProfile",
    "TextureType",
    "feature_maps",
    "texture_profile",
]
