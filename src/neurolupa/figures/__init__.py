"""Results in, matplotlib figures out: nothing is shown, and no state of pyplot is touched."""

from neurolupa.figures.classes import class_statistics
from neurolupa.figures.export import export_figures
from neurolupa.figures.layers import dead_units, evolution, layer_statistics, sentences
from neurolupa.figures.tuning_curves import export_tuning, tuning
from neurolupa.figures.units import unit_heat_map
from neurolupa.figures.values import distributions
from neurolupa.figures.weights import kernels

__all__ = [
    "class_statistics",
    "dead_units",
    "distributions",
    "evolution",
    "export_figures",
    "export_tuning",
    "kernels",
    "layer_statistics",
    "sentences",
    "tuning",
    "unit_heat_map",
]
