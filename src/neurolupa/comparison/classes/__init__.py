"""Class against class: units that differ, pictures that look like the other class, mean maps."""

from neurolupa.comparison.classes.adjusting import CORRECTIONS
from neurolupa.comparison.classes.codes import LookCode, UnitCode
from neurolupa.comparison.classes.comparing import MAPPED, compare_classes
from neurolupa.comparison.classes.effects import Effects
from neurolupa.comparison.classes.looking import Lookalike, Lookalikes
from neurolupa.comparison.classes.maps import ClassMaps, MapDifference
from neurolupa.comparison.classes.result import ClassComparison, ClassPair, ComparedClass
from neurolupa.comparison.classes.sampled import SampledPair
from neurolupa.comparison.classes.variance import ClassVariance

__all__ = [
    "CORRECTIONS",
    "MAPPED",
    "ClassComparison",
    "ClassMaps",
    "ClassPair",
    "ClassVariance",
    "ComparedClass",
    "Effects",
    "LookCode",
    "Lookalike",
    "Lookalikes",
    "MapDifference",
    "SampledPair",
    "UnitCode",
    "compare_classes",
]
