"""How units relate to each other: partners, groups that say the same, dimensions, layers that are alike."""

from neurolupa.units.relations.codes import RelationCode
from neurolupa.units.relations.dimensions import Dimensionality, Index, dimensionality
from neurolupa.units.relations.grouping import Group, RedundantGroups, redundant_groups
from neurolupa.units.relations.layers import Doubling, LayerSimilarity, layer_similarity
from neurolupa.units.relations.relating import Chance, Partner, Relations, relations

__all__ = [
    "Chance",
    "Dimensionality",
    "Doubling",
    "Group",
    "Index",
    "LayerSimilarity",
    "Partner",
    "RedundantGroups",
    "RelationCode",
    "Relations",
    "dimensionality",
    "layer_similarity",
    "redundant_groups",
    "relations",
]
