"""The atlas: a folder with one page for every unit, and all that is read from it."""

from neurolupa.atlas.arrays import Samples, Sketch
from neurolupa.atlas.codes import Code
from neurolupa.atlas.evolution import Evolution, Trend
from neurolupa.atlas.export import export_tables
from neurolupa.atlas.manifest import Source
from neurolupa.atlas.reader import Atlas, open_atlas
from neurolupa.atlas.records import UnitRecord
from neurolupa.atlas.summary import Finding, Summary

__all__ = [
    "Atlas",
    "Code",
    "Evolution",
    "Finding",
    "Samples",
    "Sketch",
    "Source",
    "Summary",
    "Trend",
    "UnitRecord",
    "export_tables",
    "open_atlas",
]
