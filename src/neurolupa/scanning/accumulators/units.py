"""Accumulators of numbers that every unit has one of."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.core import threads
from neurolupa.core.measurement import Measurement
from neurolupa.core.planes import COARSE_ROOM, FINE_PATTERNS
from neurolupa.core.sketch import COARSE, FINE, fine_order
from neurolupa.scanning.accumulators import folding
from neurolupa.scanning.accumulators.state import Accumulator, Block, Extent, largest, smallest, summed


@dataclass(frozen=True)
class Moments(Accumulator):
    """Counts, sums and extremes of every unit, over its finite values."""

    finite: NDArray[np.int64] = summed(np.int64, "units")
    not_a_number: NDArray[np.int64] = summed(np.int64, "units")
    infinite: NDArray[np.int64] = summed(np.int64, "units")
    zeros: NDArray[np.int64] = summed(np.int64, "units")
    total: NDArray[np.float64] = summed(np.float64, "units")
    square: NDArray[np.float64] = summed(np.float64, "units")
    magnitude: NDArray[np.float64] = summed(np.float64, "units")
    lowest: NDArray[np.float32] = smallest("units")
    highest: NDArray[np.float32] = largest("units")

    @classmethod
    def of(cls, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """The moments of one block."""
        finite = measurement.finite.sum(1)
        counts = measurement.counts
        nan = np.zeros_like(finite) if counts is None else counts[5].sum(1, dtype=np.int64)
        total, square, magnitude = measurement.sums[:3].sum(2)
        return cls(
            finite, nan, np.prod(measurement.size) // extent.units - finite - nan,
            measurement.places[2].sum(1, dtype=np.int64), total, square, magnitude,
            measurement.extremes[0].min(1), measurement.extremes[1].max(1),
        )  # fmt: skip

    @property
    def mean(self) -> NDArray[np.float64]:
        """(C,): the mean; NaN where nothing is finite."""
        return mean_of(self.total, self.finite)

    @property
    def std(self) -> NDArray[np.float64]:
        """(C,): the population standard deviation."""
        return std_of(self.total, self.square, self.finite)


@dataclass(frozen=True)
class Halves(Accumulator):
    """Sums, squares and products over images of the means of the left, right, upper and lower half."""

    means: NDArray[np.float64] = summed(np.float64, 4, "units")
    squares: NDArray[np.float64] = summed(np.float64, 4, "units")
    products: NDArray[np.float64] = summed(np.float64, 2, "units")
    dominance: NDArray[np.int64] = summed(np.int64, 4, "units")
    counted: NDArray[np.int64] = summed(np.int64, 2, "units")

    @classmethod
    def of(cls, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """The sums of one block."""
        fresh = cls.empty(extent)
        if extent.height > 1 or extent.width > 1:
            arrays = fresh.arrays().values()
            threads.run(
                folding.fold_halves,
                extent.units,
                measurement.half_means,
                *arrays,
                workers=torch.get_num_threads(),
            )
        return fresh


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


def std_of(total: NDArray, square: NDArray, count: NDArray) -> NDArray[np.float64]:
    """Population standard deviations from sums, sums of squares and counts.

    >>> std_of(np.array([4.0]), np.array([10.0]), np.array([2]))
    array([1.])
    """
    mean = mean_of(total, count)
    return np.sqrt(np.maximum(mean_of(square, count) - mean * mean, 0))
