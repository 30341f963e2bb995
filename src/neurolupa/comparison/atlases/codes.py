"""What two atlases can have in common or lack, as codes; `neurolupa.locales` has the words."""

from enum import StrEnum

LEVEL = 0.05
"""What a p is at most for a finding to be more than chance."""


class NetworkCode(StrEnum):
    """How the networks of two atlases differ.

    SAME_WEIGHTS, it is one network; SAME_SHAPE, other weights in sites of the same names and as many units,
    such as two checkpoints; OTHER_NETWORK, anything else.
    """

    SAME_WEIGHTS = "SAME_WEIGHTS"
    SAME_SHAPE = "SAME_SHAPE"
    OTHER_NETWORK = "OTHER_NETWORK"


class PictureCode(StrEnum):
    """Whether two atlases were scanned with the same set of images (the same digest)."""

    SAME_PICTURES = "SAME_PICTURES"
    OTHER_PICTURES = "OTHER_PICTURES"


class NoteCode(StrEnum):
    """What a reader of the comparison must know.

    IDENTICAL, weights and pictures are the same; NO_COMMON_SITES, no site has the same name in both;
    NO_COMMON_PICTURES, no sampled picture is in both, so that nothing can be matched; FEW_PICTURES, fewer
    than 4 are; DEAD_ON_OTHER_PICTURES, dead on one set is no answer for another; BOTH_DIFFER, a difference
    can come from the weights or from the pictures; OTHER_PREPROCESSING, pictures reach the networks in other
    sizes or colours; UNITS_KEEP_PLACES, it is one network, or units match their own number more often than
    chance gives; UNITS_MOVED, they do not: the networks were trained apart, and a unit's number means nothing
    across them; PLACES_UNKNOWN, too few matches are above chance to tell.
    """

    IDENTICAL = "IDENTICAL"
    NO_COMMON_SITES = "NO_COMMON_SITES"
    NO_COMMON_PICTURES = "NO_COMMON_PICTURES"
    FEW_PICTURES = "FEW_PICTURES"
    DEAD_ON_OTHER_PICTURES = "DEAD_ON_OTHER_PICTURES"
    BOTH_DIFFER = "BOTH_DIFFER"
    OTHER_PREPROCESSING = "OTHER_PREPROCESSING"
    UNITS_KEEP_PLACES = "UNITS_KEEP_PLACES"
    UNITS_MOVED = "UNITS_MOVED"
    PLACES_UNKNOWN = "PLACES_UNKNOWN"


class ChangeCode(StrEnum):
    """Why the numbers of a unit in two atlases are what they are, or are not there.

    OK; EQUAL, the same value on every picture of both (up to a millionth of its size); SILENT, 0 on every
    one; CONSTANT, one value on all pictures of A and one on all of B, so that there is no spread to measure
    in; FEW_IMAGES, fewer than 4 finite values in one of them.
    """

    OK = "OK"
    EQUAL = "EQUAL"
    SILENT = "SILENT"
    CONSTANT = "CONSTANT"
    FEW_IMAGES = "FEW_IMAGES"
