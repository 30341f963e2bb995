"""Which concepts single units detect, by the overlap of their maps with exact masks (network dissection)."""

from neurolupa.probing.dissection.codes import SkipCode, UnitCode
from neurolupa.probing.dissection.counting import (
    LEAST_IOU,
    DetectorCounts,
    count_detectors,
    read_published,
)
from neurolupa.probing.dissection.dissecting import dissect
from neurolupa.probing.dissection.nulls import Scores
from neurolupa.probing.dissection.result import Category, Dissection, DissectionSource, SiteDissection

__all__ = [
    "LEAST_IOU",
    "Category",
    "DetectorCounts",
    "Dissection",
    "DissectionSource",
    "Scores",
    "SiteDissection",
    "SkipCode",
    "UnitCode",
    "count_detectors",
    "dissect",
    "read_published",
]
