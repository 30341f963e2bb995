"""Accumulators: monoids over blocks of images, one idea to a file."""

from neurolupa.scanning.accumulators.classes import ByClass, ClassMoments, ClassUnits
from neurolupa.scanning.accumulators.exemplars import Bottom, Top
from neurolupa.scanning.accumulators.state import Accumulator, Block, Extent
from neurolupa.scanning.accumulators.units import Halves, MeanMaps, Moments, Sketches

ACCUMULATORS: dict[str, type[Accumulator]] = {
    "moments": Moments,
    "halves": Halves,
    "maps": MeanMaps,
    "sketches": Sketches,
    "class_moments": ClassMoments,
    "class_units": ClassUnits,
    "top": Top,
    "bottom": Bottom,
}
"""Everything that a scan accumulates at a site, by name; the law suite runs over all of them."""

__all__ = [
    "ACCUMULATORS",
    "Accumulator",
    "Block",
    "Bottom",
    "ByClass",
    "ClassMoments",
    "ClassUnits",
    "Extent",
    "Halves",
    "MeanMaps",
    "Moments",
    "Sketches",
    "Top",
]
