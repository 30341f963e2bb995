"""Which pixels and which units matter for what a network answers, and whether a map deserves trust."""

from neurolupa.attribution.ablation import Ablation, UnitEffects, ablate, unit_effects
from neurolupa.attribution.attributing import attribute
from neurolupa.attribution.checking import (
    DeletionInsertion,
    SanityCheck,
    Verdict,
    deletion_insertion,
    sanity_check,
)
from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods import METHODS, Method
from neurolupa.attribution.result import Attribution
from neurolupa.attribution.settings import BASELINES, Settings

__all__ = [
    "BASELINES",
    "METHODS",
    "Ablation",
    "Attribution",
    "DeletionInsertion",
    "MapCode",
    "Method",
    "SanityCheck",
    "Settings",
    "UnitEffects",
    "Verdict",
    "ablate",
    "attribute",
    "deletion_insertion",
    "sanity_check",
    "unit_effects",
]
