"""What a network answers without some of its units: on one picture, and over labelled ones."""

from neurolupa.attribution.ablation.ablating import ablate
from neurolupa.attribution.ablation.effects import UnitEffects, unit_effects
from neurolupa.attribution.ablation.result import Ablation, AblationSource
from neurolupa.attribution.ablation.truth import TRUTHS

__all__ = ["TRUTHS", "Ablation", "AblationSource", "UnitEffects", "ablate", "unit_effects"]
