"""One picture through one or several sites of a network: what fired, how much, and where."""

from neurolupa.inspection.analysing import inspect, inspect_layers
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.inspection.dossier import Dossier
from neurolupa.inspection.patterns import ColourPattern, colour_patterns
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.ranking import CRITERIA, Ranking, RankingNote, rank_units
from neurolupa.inspection.seen import SeenPicture
from neurolupa.inspection.statistics import unit_table
from neurolupa.inspection.switching import SwitchedOff, switch_off

__all__ = [
    "CRITERIA",
    "ColourPattern",
    "Dossier",
    "ImageAnalysis",
    "Provenance",
    "Ranking",
    "RankingNote",
    "SeenPicture",
    "SwitchedOff",
    "colour_patterns",
    "inspect",
    "inspect_layers",
    "rank_units",
    "switch_off",
    "unit_table",
]
