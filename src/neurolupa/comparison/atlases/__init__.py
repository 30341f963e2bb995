"""Atlas against atlas: two checkpoints, two networks, or two sets of images."""

from neurolupa.comparison.atlases.changes import UnitChanges
from neurolupa.comparison.atlases.codes import ChangeCode, NetworkCode, NoteCode, PictureCode
from neurolupa.comparison.atlases.comparing import compare
from neurolupa.comparison.atlases.dying import SilentUnits
from neurolupa.comparison.atlases.layers import ComparedLayer, LayerNumbers
from neurolupa.comparison.atlases.matches import UnitMatches
from neurolupa.comparison.atlases.result import AtlasComparison
from neurolupa.comparison.atlases.shifts import Shift
from neurolupa.comparison.atlases.similarity import CrossSimilarity

__all__ = [
    "AtlasComparison",
    "ChangeCode",
    "ComparedLayer",
    "CrossSimilarity",
    "LayerNumbers",
    "NetworkCode",
    "NoteCode",
    "PictureCode",
    "Shift",
    "SilentUnits",
    "UnitChanges",
    "UnitMatches",
    "compare",
]
