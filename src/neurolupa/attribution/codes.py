"""What can be the matter with a map, and with a method."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


class MapCode(StrEnum):
    """Why a map should be read with care.

    ALL_ZERO: it is zero everywhere: nothing speaks for the class. FLAT: it has one value everywhere.
    NOT_FINITE: it holds NaN or infinite values. FAILS_SANITY: the method is known to show much the same for a
    network with random weights (Adebayo et al. 2018). NO_EXPLANATION: a control, which never looks at the
    network. OTHER_NONLINEARITIES: some of the network's non-linearities are no ReLUs, and were not guided.
    INCOMPLETE: integrated gradients add up to more than 5 % less or more than they should.
    """

    ALL_ZERO = "all_zero"
    FLAT = "flat"
    NOT_FINITE = "not_finite"
    FAILS_SANITY = "fails_sanity"
    NO_EXPLANATION = "no_explanation"
    OTHER_NONLINEARITIES = "other_nonlinearities"
    INCOMPLETE = "incomplete"


def codes_of(values: Floats) -> tuple[MapCode, ...]:
    """What the values of a map (H, W) show by themselves.

    >>> [codes_of(np.array([[a, 0.0]])) for a in (0.0, 1.0)]
    [(<MapCode.ALL_ZERO: 'all_zero'>,), ()]
    """
    if not np.isfinite(values).all():
        return (MapCode.NOT_FINITE,)
    if not values.any():
        return (MapCode.ALL_ZERO,)
    return (MapCode.FLAT,) if values.size > 1 and np.ptp(values) == 0 else ()
