"""Whether a map deserves trust: does it change with the weights, and do its pixels matter?"""

from neurolupa.attribution.checking.deleting import DeletionInsertion, deletion_insertion
from neurolupa.attribution.checking.sanity import SanityCheck, Verdict, sanity_check
from neurolupa.attribution.checking.similarity import MEASURES

__all__ = ["MEASURES", "DeletionInsertion", "SanityCheck", "Verdict", "deletion_insertion", "sanity_check"]
