"""One unit over many pictures: what it is tuned to."""

from neurolupa.units.curves import TuningCurves
from neurolupa.units.factors import FACTORS, KINDS, Factor, StimulusKind
from neurolupa.units.measuring import tuning
from neurolupa.units.result import Tuning, TuningSource

__all__ = [
    "FACTORS",
    "KINDS",
    "Factor",
    "StimulusKind",
    "Tuning",
    "TuningCurves",
    "TuningSource",
    "tuning",
]
