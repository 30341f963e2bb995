"""What extracting features gives, and what it will take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.capture import Site
from neurolupa.probing.features.pooling import Pooling


@dataclass(frozen=True, eq=False)
class Features:
    """Pooled activations of all pictures of a set; row i is picture i, of zeros where it could not be read.

    Attributes:
        sites: in forward order.
        pooling: from a map to numbers.
        trained: by the site's name (N, F), read from disk as it is used.
        random: the same of the untrained network; {} where it was not asked for.
        pixels: (N, F) the pictures as they enter the network; None where they were not asked for.
        skipped: index and reason of each picture that could not be read.
        broken: how many values of a site were not finite and count as 0, where there are any.
    """

    sites: tuple[Site, ...]
    pooling: Pooling
    trained: Mapping[str, NDArray[np.float32]] = field(repr=False)
    random: Mapping[str, NDArray[np.float32]] = field(repr=False)
    pixels: NDArray[np.float32] | None = field(repr=False)
    skipped: tuple[tuple[int, str], ...]
    broken: Mapping[str, int]

    def units(self, site: Site) -> NDArray[np.int64]:
        """(F,) the unit that each feature of a site belongs to."""
        return np.repeat(np.arange(site.units), self.pooling.cells_of(site))

    def __len__(self) -> int:
        return len(next(iter(self.trained.values())))


@dataclass(frozen=True)
class Estimate:
    """What extracting features will take.

    Attributes:
        pictures: how many.
        features: by site.
        disk: bytes that will be written.
        memory: bytes beside the network: one block of pictures, and one site's features while it is probed.
        seconds: for all pictures, by one block that was run; 0 where everything is there already.
    """

    pictures: int
    features: Mapping[str, int]
    disk: int
    memory: int
    seconds: float
