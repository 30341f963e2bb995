"""Which classes of the image set a unit answers, and what chance would give."""

from neurolupa.units.classes.codes import ClassCode, Level
from neurolupa.units.classes.discrimination import Discrimination
from neurolupa.units.classes.measuring import class_selectivity
from neurolupa.units.classes.nulls import Null
from neurolupa.units.classes.population import PopulationSparseness, population_sparseness
from neurolupa.units.classes.result import ClassSelectivity, SampledSelectivity
from neurolupa.units.classes.searching import most_selective
from neurolupa.units.classes.surveying import class_selectivities
from neurolupa.units.classes.table import ClassTable

__all__ = [
    "ClassCode",
    "ClassSelectivity",
    "ClassTable",
    "Discrimination",
    "Level",
    "Null",
    "PopulationSparseness",
    "SampledSelectivity",
    "class_selectivities",
    "class_selectivity",
    "most_selective",
    "population_sparseness",
]
