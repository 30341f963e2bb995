"""What each layer encodes: concepts, linear probes with controls, and where with depth a concept comes up."""

from neurolupa.probing.codes import Control, Emergence, ProbeCode, Spread
from neurolupa.probing.concepts import CONCEPTS, Concept
from neurolupa.probing.dissection import Dissection, count_detectors, dissect, read_published
from neurolupa.probing.emerging import Depth
from neurolupa.probing.features import FeatureCache, Pooling, estimate, random_twin
from neurolupa.probing.network import probe, probe_units
from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport
from neurolupa.probing.settings import Settings
from neurolupa.probing.sparse import UnitProbes

__all__ = [
    "CONCEPTS",
    "Concept",
    "ConceptProbes",
    "Control",
    "Depth",
    "Dissection",
    "Emergence",
    "FeatureCache",
    "Pooling",
    "Probe",
    "ProbeCode",
    "ProbeReport",
    "Settings",
    "Spread",
    "UnitProbes",
    "count_detectors",
    "dissect",
    "estimate",
    "probe",
    "probe_units",
    "random_twin",
    "read_published",
]
