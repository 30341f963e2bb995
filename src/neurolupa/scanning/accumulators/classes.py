"""Accumulators by class of the image set: of a whole site over its values, of every unit over image means."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.core import threads
from neurolupa.core.measurement import Measurement
from neurolupa.core.planes import COARSE_ROOM
from neurolupa.scanning.accumulators import folding
from neurolupa.scanning.accumulators.state import Accumulator, Block, Extent, largest, smallest, summed
from neurolupa.scanning.accumulators.units import mean_of, std_of


@dataclass(frozen=True)
class ByClass(Accumulator):
    """Arrays whose first axis is the class; a block touches only the classes of its images."""

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Adds the block to the rows of its classes."""
        if not extent.classes:
            return self
        classes, groups = _groups(block)
        small = self.empty(Extent(extent.units, extent.height, extent.width, len(classes)))
        small._fill(measurement, groups)
        for f in fields(self):
            mine, new = getattr(self, f.name), getattr(small, f.name)
            mine[classes] = f.metadata["reduce"](mine[classes], new)
        return self

    def _fill(self, measurement: Measurement, groups: NDArray[np.int64]) -> None:
        raise TypeError(f"{type(self).__name__} cannot be filled")


@dataclass(frozen=True)
class ClassMoments(ByClass):
    """Of a site and each class: images, and sums and coarse counts over all finite values."""

    images: NDArray[np.int64] = summed(np.int64, "classes")
    finite: NDArray[np.int64] = summed(np.int64, "classes")
    zeros: NDArray[np.int64] = summed(np.int64, "classes")
    total: NDArray[np.float64] = summed(np.float64, "classes")
    square: NDArray[np.float64] = summed(np.float64, "classes")
    lowest: NDArray[np.float32] = smallest("classes")
    highest: NDArray[np.float32] = largest("classes")
    counts: NDArray[np.int64] = summed(np.int64, "classes", COARSE_ROOM)

    def _fill(self, measurement: Measurement, groups: NDArray[np.int64]) -> None:
        seen = np.flatnonzero(groups >= 0)
        rows = groups[seen]
        np.add.at(self.images, rows, 1)
        np.add.at(self.finite, rows, measurement.finite.sum(0)[seen])
        np.add.at(self.zeros, rows, measurement.places[2].sum(0, dtype=np.int64)[seen])
        np.add.at(self.total, rows, measurement.sums[0].sum(0)[seen])
        np.add.at(self.square, rows, measurement.sums[1].sum(0)[seen])
        np.minimum.at(self.lowest, rows, measurement.extremes[0].min(0)[seen])
        np.maximum.at(self.highest, rows, measurement.extremes[1].max(0)[seen])
        for group in range(len(self.images)):
            self.counts[group] = measurement.images[groups == group].sum(0)

    @property
    def mean(self) -> NDArray[np.float64]:
        """(K,): the mean over a class's values."""
        return mean_of(self.total, self.finite)

    @property
    def std(self) -> NDArray[np.float64]:
        """(K,): their population standard deviation."""
        return std_of(self.total, self.square, self.finite)


@dataclass(frozen=True)
class ClassUnits(ByClass):
    """Of each class and unit: images, and sums and extremes of the images' means."""

    images: NDArray[np.int64] = summed(np.int64, "classes", "units")
    total: NDArray[np.float64] = summed(np.float64, "classes", "units")
    square: NDArray[np.float64] = summed(np.float64, "classes", "units")
    lowest: NDArray[np.float32] = smallest("classes", "units")
    highest: NDArray[np.float32] = largest("classes", "units")

    def _fill(self, measurement: Measurement, groups: NDArray[np.int64]) -> None:
        by_unit = [array.T for array in self.arrays().values()]
        threads.run(
            folding.fold_classes,
            measurement.size[1],
            measurement.means,
            groups,
            *by_unit,
            workers=torch.get_num_threads(),
        )


def _groups(block: Block) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The classes of a block, ascending, and for each image its place among them (-1 without a label)."""
    classes, groups = np.unique(block.labels, return_inverse=True)
    unlabelled = int(len(classes) and classes[0] < 0)
    return classes[unlabelled:], groups.astype(np.int64) - unlabelled
