"""One picture through one or several sites of a network: what fired, how much, and where."""

from neurolupa.inspection.analysing import inspect, inspect_layers
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.ranking import CRITERIA, Ranking, RankingNote, rank_units
from neurolupa.inspection.seen import SeenPicture
from neurolupa.inspection.statistics import unit_table

__all__ = [
    "CRITERIA",
    "ImageAnalysis",
    "Provenance",
    "Ranking",
    "RankingNote",
    "SeenPicture",
    "inspect",
    "inspect_layers",
    "rank_units",
    "unit_table",
]
