"""Which units of a layer are shown, by a rule that looks at no picture."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from neurolupa.synthesis import Levels
from neurolupa.synthesis.levelling import HIGH_LEVEL, MIXED

SEED = 0


def choose(found: Levels) -> Iterator[tuple[str, int]]:
    """(reason, row of `found`) of the three units of a layer.

    The unit that the factors explain most; of the highest level that the layer has (HIGH_LEVEL, else MIXED,
    else any), the unit that the classes explain most; and one drawn from the others. Units that are the same
    on all pictures are left out.
    """
    factors, classes = (np.nan_to_num(one.share, nan=-np.inf) for one in (found.stimuli, found.labels))
    first = int(factors.argmax())
    yield "lowest", first
    second = int(np.where(_highest(found, first), classes, -np.inf).argmax())
    yield "highest", second
    alive = np.flatnonzero(np.isfinite(factors) & np.isfinite(classes))
    yield "drawn", int(np.random.default_rng(SEED).choice(np.setdiff1d(alive, [first, second])))


def _highest(found: Levels, taken: int) -> NDArray[np.bool_]:
    """Which units have the highest level that there is, the one that is taken left out."""
    codes, free = np.array(found.codes), np.arange(len(found)) != taken
    ranks = np.where(codes == HIGH_LEVEL, 2, np.where(codes == MIXED, 1, 0))
    return free & (ranks == ranks[free].max())
