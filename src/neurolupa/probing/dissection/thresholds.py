"""Each unit's own threshold and levels, from one pass over the pictures, in bounded memory."""

from dataclasses import dataclass, field
from math import floor, gcd

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SHARES = np.geomspace(0.9, 0.0005, 40)
"""Of a unit's values, how many are at each of its levels or above."""

SAMPLED = 2**14
"""About so many values of a unit are kept for its levels."""


@dataclass(frozen=True)
class Extent:
    """How many values a unit of a site has over all pictures: `pictures` times `positions`."""

    pictures: int
    positions: int

    @property
    def values(self) -> int:
        """All values of a unit."""
        return self.pictures * self.positions

    @property
    def step(self) -> int:
        """Every how manieth value is sampled: without a common divisor with `positions`, to hit them all.

        >>> Extent(2000, 1024).step
        125
        """
        step = max(1, self.values // SAMPLED)
        while gcd(step, self.positions) > 1:
            step += 1
        return step

    def kept(self, quantile: float) -> int:
        """How many of the greatest values decide on a quantile.

        >>> Extent(1, 1000).kept(0.995)
        6
        """
        return floor((1 - quantile) * self.values + 1e-6) + 1


@dataclass(frozen=True, eq=False)
class Tails:
    """What is known of the values of U units after some pictures.

    Attributes:
        extent: of all pictures.
        kept: how many of the greatest values are.
        greatest: (U, at most `kept`), in no order.
        sample: one tensor (U, m) for each block.
    """

    extent: Extent
    kept: int
    greatest: Tensor = field(repr=False)
    sample: tuple[Tensor, ...] = field(default=(), repr=False)

    def seen(self, planes: Tensor, first: int) -> "Tails":
        """With the maps (B, U, h, w) of the pictures from number `first` on."""
        flat = planes.flatten(2).transpose(0, 1).flatten(1)
        number = torch.arange(flat.shape[1]) + first * self.extent.positions
        together = torch.cat([self.greatest, flat], 1)
        greatest = together.topk(min(self.kept, together.shape[1]), 1, sorted=False).values
        sampled = flat[:, number % self.extent.step == 0]
        return Tails(self.extent, self.kept, greatest, (*self.sample, sampled))

    def thresholds(self) -> NDArray[np.float32]:
        """(U,) the least value that at most the share 1 - quantile of a unit's values exceeds: exact.

        It is NumPy's quantile by `inverted_cdf`.
        """
        return self.greatest.min(1).values.numpy()

    def levels(self) -> NDArray[np.float32]:
        """(U, 40) ascending values that about `SHARES` of a unit's values reach, by the sample."""
        values = torch.cat(self.sample, 1).numpy()
        found = np.quantile(values, 1 - SHARES, axis=1, method="inverted_cdf")
        return np.ascontiguousarray(found.T, np.float32)


def nothing_seen(units: int, extent: Extent, quantile: float) -> Tails:
    """What is known of U units before the first picture.

    >>> maps = torch.arange(400.0).reshape(1, 1, 20, 20)
    >>> nothing_seen(1, Extent(1, 400), 0.995).seen(maps, 0).thresholds().tolist()
    [397.0]
    """
    return Tails(extent, extent.kept(quantile), torch.empty(units, 0))
