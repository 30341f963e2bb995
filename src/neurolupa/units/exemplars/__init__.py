"""The pictures that drive a unit high, in the middle and low."""

from neurolupa.units.exemplars.finding import unit_exemplars
from neurolupa.units.exemplars.maps import ExemplarMaps, exemplar_maps
from neurolupa.units.exemplars.result import Exemplar, Exemplars

__all__ = ["Exemplar", "ExemplarMaps", "Exemplars", "exemplar_maps", "unit_exemplars"]
