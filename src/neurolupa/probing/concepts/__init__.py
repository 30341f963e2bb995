"""What there is to read from a network: labels, factors of stimuli, and properties of any picture."""

from neurolupa.probing.concepts import properties  # noqa: F401 (it registers what is computed from pictures)
from neurolupa.probing.concepts.checking import Checked, ConceptCode, usable
from neurolupa.probing.concepts.choosing import ALL, GROUP, available, targets_of
from neurolupa.probing.concepts.labels import parse_groups
from neurolupa.probing.concepts.measuring import Property
from neurolupa.probing.concepts.registry import CONCEPTS, Concept
from neurolupa.probing.concepts.views import View, view_of

__all__ = [
    "ALL",
    "CONCEPTS",
    "GROUP",
    "Checked",
    "Concept",
    "ConceptCode",
    "Property",
    "View",
    "available",
    "parse_groups",
    "targets_of",
    "usable",
    "view_of",
]
