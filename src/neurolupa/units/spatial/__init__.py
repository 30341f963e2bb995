"""Where in the picture units answer, and whether the content or the network puts it there."""

from neurolupa.units.spatial.measuring import spatial_bias, spatial_biases
from neurolupa.units.spatial.mirrored import MirroredBias, MirroredContrast, Part
from neurolupa.units.spatial.mirroring import mirrored_bias
from neurolupa.units.spatial.result import Border, Contrast, Half, SpatialBias

__all__ = [
    "Border",
    "Contrast",
    "Half",
    "MirroredBias",
    "MirroredContrast",
    "Part",
    "SpatialBias",
    "mirrored_bias",
    "spatial_bias",
    "spatial_biases",
]
