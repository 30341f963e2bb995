"""What a unit is tuned to: its answers to generated pictures, by the factors that vary them."""

from neurolupa.units.tuning_curves.curves import TuningCurves
from neurolupa.units.tuning_curves.factors import FACTORS, KINDS, Factor, StimulusKind
from neurolupa.units.tuning_curves.measuring import tuning
from neurolupa.units.tuning_curves.result import Tuning, TuningSource
from neurolupa.units.tuning_curves.scanned import has_tuning, scanned_pictures, scanned_tuning

__all__ = [
    "FACTORS",
    "KINDS",
    "Factor",
    "StimulusKind",
    "Tuning",
    "TuningCurves",
    "TuningSource",
    "has_tuning",
    "scanned_pictures",
    "scanned_tuning",
    "tuning",
]
