"""Feature visualisation: pictures made by optimisation to drive a unit, a direction, a layer or a class."""

from neurolupa.synthesis.cache import PictureCache
from neurolupa.synthesis.caricaturing import caricature
from neurolupa.synthesis.dreaming import dream
from neurolupa.synthesis.dreams import Dream
from neurolupa.synthesis.levelling import Levels, levels
from neurolupa.synthesis.objectives import (
    Caricature,
    Direction,
    Diversity,
    Layer,
    Logit,
    Objective,
    Unit,
)
from neurolupa.synthesis.penalties import L1, L2, Roughness, TotalVariation
from neurolupa.synthesis.prior import Prior, measure_prior, natural_prior
from neurolupa.synthesis.quality import Quality
from neurolupa.synthesis.recipe import METHODS, Recipe
from neurolupa.synthesis.result import Synthesis
from neurolupa.synthesis.synthesizing import synthesize

__all__ = [
    "L1",
    "L2",
    "METHODS",
    "Caricature",
    "Direction",
    "Diversity",
    "Dream",
    "Layer",
    "Levels",
    "Logit",
    "Objective",
    "PictureCache",
    "Prior",
    "Quality",
    "Recipe",
    "Roughness",
    "Synthesis",
    "TotalVariation",
    "Unit",
    "caricature",
    "dream",
    "levels",
    "measure_prior",
    "natural_prior",
    "synthesize",
]
