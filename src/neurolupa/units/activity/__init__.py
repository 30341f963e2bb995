"""How active a unit is, on which pictures, and how it ranks among the units of its site."""

from neurolupa.units.activity.codes import ReadingCode
from neurolupa.units.activity.mapping import ORDERS, ActivityMap, activity_map
from neurolupa.units.activity.profiling import ActivationProfile, StrongPicture, activation_profile
from neurolupa.units.activity.ranking import UnitRanks, rank_units
from neurolupa.units.activity.reading import Finding, Reading, read_activity

__all__ = [
    "ORDERS",
    "ActivationProfile",
    "ActivityMap",
    "Finding",
    "Reading",
    "ReadingCode",
    "StrongPicture",
    "UnitRanks",
    "activation_profile",
    "activity_map",
    "rank_units",
    "read_activity",
]
