"""Accumulators of numbers that every unit has one of."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.core import threads
from neurolupa.core.measurement import Measurement
from neurolupa.core.planes import COARSE_ROOM, FINE_PATTERNS
from neurolupa.core.sketch import COARSE, FINE, fine_order
from neurolupa.scanning.accumulators import folding
from neurolupa.scanning.accumulators.state import (
    Accumulator,
    Block,
    Extent,
    largest,
    pool,
    pooled,
    share_of,
    smallest,
    summed,
)


@dataclass(frozen=True)
class Fold:
    """Counts, means, spreads, zeros and extremes of a measurement over its images, or over its units."""

    finite: NDArray[np.int64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    zeros: NDArray[np.int64]
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]

    @classmethod
    def over_images(cls, measurement: Measurement) -> Self:
        """Of every unit: (C,) arrays."""
        whole, wide, single = np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.float32)
        kinds: list[np.dtype[Any]] = [whole, wide, wide, whole, single, single]
        m, size = measurement, measurement.size[1]
        fresh = cls(*[np.empty(size, kind) for kind in kinds])
        known = (m.finite, m.means, m.spreads, m.places, m.extremes)
        threads.run(folding.fold_units, size, *known, *vars(fresh).values(), workers=torch.get_num_threads())
        return fresh

    @classmethod
    def over_units(cls, measurement: Measurement) -> Self:
        """Of every image: (B,) arrays."""
        m = measurement
        finite, mean, spread = pool_units(m.finite, m.means, m.spreads)
        zeros = m.places[2].sum(0, dtype=np.int64)
        return cls(finite, mean, spread, zeros, m.extremes[0].min(0), m.extremes[1].max(0))


@dataclass(frozen=True)
class Moments(Accumulator):
    """Counts, means, spreads and extremes of every unit, over its finite values.

    `mean` is 0 where nothing is finite; `spread` is the sum of squared differences from it.
    """

    pools = (("finite", "mean", "spread"),)

    finite: NDArray[np.int64] = summed(np.int64, "units")
    not_a_number: NDArray[np.int64] = summed(np.int64, "units")
    infinite: NDArray[np.int64] = summed(np.int64, "units")
    zeros: NDArray[np.int64] = summed(np.int64, "units")
    mean: NDArray[np.float64] = pooled("units")
    spread: NDArray[np.float64] = pooled("units")
    magnitude: NDArray[np.float64] = summed(np.float64, "units")
    lowest: NDArray[np.float32] = smallest("units")
    highest: NDArray[np.float32] = largest("units")

    @classmethod
    def of(cls, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """The moments of one block."""
        fold = Fold.over_images(measurement)
        counts, magnitudes = measurement.counts, measurement.magnitudes
        nan = np.zeros_like(fold.finite) if counts is None else counts[1].sum(1, dtype=np.int64)
        return cls(
            fold.finite, nan, np.prod(measurement.size) // extent.units - fold.finite - nan,
            fold.zeros, fold.mean, fold.spread,
            fold.mean * fold.finite if magnitudes is None else magnitudes.sum(1), fold.lowest, fold.highest,
        )  # fmt: skip


@dataclass(frozen=True)
class Halves(Accumulator):
    """Over the images, the means of the left, right, upper and lower half: how they lie and vary together.

    `products` are the sums of products of the differences of left and right, of top and bottom.
    """

    counted: NDArray[np.int64] = summed(np.int64, 2, "units")
    dominance: NDArray[np.int64] = summed(np.int64, 4, "units")
    mean: NDArray[np.float64] = pooled(4, "units")
    spread: NDArray[np.float64] = pooled(4, "units")
    products: NDArray[np.float64] = pooled(2, "units")

    @classmethod
    def of(cls, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """The state of one block."""
        fresh = cls.empty(extent)
        if extent.height > 1 or extent.width > 1:
            threads.run(
                folding.fold_halves, extent.units, measurement.half_means, *fresh.arrays().values(),
                workers=torch.get_num_threads(),
            )  # fmt: skip
        return fresh

    def absorb(self, other: Self) -> Self:
        """Joins what the fields alone do not tell, then the fields."""
        delta = other.mean - self.mean
        weight = self.counted * share_of(self.counted, other.counted)
        self.products[:] += other.products + delta[::2] * delta[1::2] * weight
        mine, theirs = self.counted.repeat(2, axis=0), other.counted.repeat(2, axis=0)
        pool(mine, self.mean, self.spread, theirs, other.mean, other.spread)
        return super().absorb(other)


@dataclass(frozen=True)
class MeanMaps(Accumulator):
    """The sum of every unit's map over the images, and where a value was missing."""

    total: NDArray[np.float64] = summed(np.float64, "units", "height", "width")
    missing: NDArray[np.int32] = summed(np.int32, "units", "height", "width")

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Adds the block's sums."""
        np.add(self.total, measurement.map_sum, out=self.total)
        if measurement.missing is not None:
            np.add(self.missing, measurement.missing, out=self.missing)
        return self

    def mean(self, images: int) -> NDArray[np.float32]:
        """(C, H, W): the mean map over `images` images; NaN where none had a finite value."""
        return mean_of(self.total, images - self.missing).astype(np.float32)


@dataclass(frozen=True)
class Sketches(Accumulator):
    """Counts of values: of the whole site in fine bins, of every unit in coarse ones."""

    fine: NDArray[np.int64] = summed(np.int64, FINE_PATTERNS)
    units: NDArray[np.int64] = summed(np.int64, "units", COARSE_ROOM)

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Adds the block's counts."""
        np.add(self.fine, measurement.fine, out=self.fine)
        np.add(self.units, measurement.units, out=self.units)
        return self

    def fine_counts(self) -> NDArray[np.int64]:
        """(FINE.size,): the site's counts in order of value, without what is not finite."""
        counts = np.zeros(FINE.size, np.int64)
        counts[fine_order()] = self.fine
        counts[~(np.isfinite(FINE.low) & np.isfinite(FINE.high))] = 0
        return counts

    def unit_counts(self) -> NDArray[np.int64]:
        """(C, COARSE.size): every unit's counts, without what is not finite."""
        return self.units[:, : COARSE.size]


def mean_of(total: NDArray, count: NDArray | int) -> NDArray[np.float64]:
    """Sums over counts; NaN where the count is zero.

    >>> mean_of(np.array([6.0, 0.0]), np.array([3, 0]))
    array([ 2., nan])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.asarray(count)


def pool_units(
    count: NDArray[np.int64], mean: NDArray[np.float64], spread: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Counts, means and spreads (C, ...) joined over their first axis; means of nothing become 0.

    >>> pool_units(np.array([2, 2, 0]), np.array([1.0, 5.0, np.nan]), np.array([2.0, 2.0, 0.0]))
    (np.int64(4), np.float64(3.0), np.float64(20.0))
    """
    known = np.where(count > 0, mean, 0.0) if np.isnan(mean).any() else mean
    total = count.sum(0)
    joined = np.divide((count * known).sum(0), total, out=np.zeros(total.shape), where=total > 0)[()]
    difference = known - joined
    return total, joined, spread.sum(0) + (count * difference * difference).sum(0)
