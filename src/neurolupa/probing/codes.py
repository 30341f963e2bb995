"""What a probe can be, find or lack, as codes; `neurolupa.locales` has the words (`probing.`)."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PIXELS = "pixels"
"""What stands for a site where the picture itself is probed."""


class Control(StrEnum):
    """What a probe is told and shown.

    NONE, the network and the labels as they are; RANDOM_WEIGHTS, the same network with random weights;
    SHUFFLED_LABELS, the network as it is and the labels dealt out anew over the pictures (a control task,
    Hewitt and Liang 2019); PIXELS, the pictures as they enter the network.
    """

    NONE = "none"
    RANDOM_WEIGHTS = "random_weights"
    SHUFFLED_LABELS = "shuffled_labels"
    PIXELS = "pixels"


class ProbeCode(StrEnum):
    """What a reader should know of one probe.

    FEW_SAMPLES, fewer than two training pictures a feature: half of all labellings of so few points can be
    told apart by a plane, whatever they mean (Cover 1965); CONSTANT_FEATURES, some features are the same on
    every training picture and were left out; NO_FEATURES, all of them are; NOT_CONVERGED, the optimisation
    was ended by its number of steps; NOT_FINITE, some values of the site were not finite and count as 0.
    """

    FEW_SAMPLES = "FEW_SAMPLES"
    CONSTANT_FEATURES = "CONSTANT_FEATURES"
    NO_FEATURES = "NO_FEATURES"
    NOT_CONVERGED = "NOT_CONVERGED"
    NOT_FINITE = "NOT_FINITE"


class Emergence(StrEnum):
    """How a concept comes up with depth.

    ABSENT, no site reads it above chance; UNTRAINED, the site that reads it best reads it no better than
    the same site of a random network; IN_PIXELS, the pixels already give 90 % of the best; AT_ONCE, the
    first site does; EMERGES, a later one.
    """

    ABSENT = "ABSENT"
    UNTRAINED = "UNTRAINED"
    IN_PIXELS = "IN_PIXELS"
    AT_ONCE = "AT_ONCE"
    EMERGES = "EMERGES"


class Spread(StrEnum):
    """In how many units a concept is, by the fewest that give 90 % of what all of them give above chance.

    ONE_UNIT; FEW_UNITS, at most 8 and at most a quarter of the site's; MANY_UNITS, more; NONE, all of them
    together are at chance.
    """

    ONE_UNIT = "ONE_UNIT"
    FEW_UNITS = "FEW_UNITS"
    MANY_UNITS = "MANY_UNITS"
    NONE = "NONE"
