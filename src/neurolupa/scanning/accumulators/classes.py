"""Accumulators by class of the image set: of a whole site over its values, of every unit over image means."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.core import threads
from neurolupa.core.measurement import Measurement
from neurolupa.core.planes import COARSE_ROOM
from neurolupa.scanning.accumulators import folding
from neurolupa.scanning.accumulators.state import (
    Accumulator,
    Block,
    Extent,
    largest,
    pooled,
    smallest,
    summed,
)
from neurolupa.scanning.accumulators.units import Fold, mean_of


@dataclass(frozen=True)
class Groups:
    """The labelled images of a block by class.

    Attributes:
        classes: (G,) the classes, ascending.
        order: the labelled images' places in the block, sorted by class, else in order.
        starts: (G + 1,) where each class begins in `order`.
    """

    classes: NDArray[np.int64]
    order: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, labels: NDArray[np.int64]) -> Self:
        """The groups of (B,) labels; -1 is in none.

        >>> Groups.of(np.array([2, -1, 0, 2]))
        Groups(classes=array([0, 2]), order=array([2, 0, 3]), starts=array([0, 1, 3]))
        """
        order = np.argsort(labels, kind="stable")
        order = order[np.searchsorted(labels[order], 0) :]
        classes, starts = np.unique(labels[order], return_index=True)
        return cls(classes, order, np.append(starts, len(order)))

    def sums(self, values: NDArray) -> NDArray:
        """The sums over each class of (B, ...) values, in order: shape (G, ...)."""
        return np.add.reduceat(values[self.order], self.starts[:-1], axis=0)


@dataclass(frozen=True)
class ByClass(Accumulator):
    """Arrays whose first axis is the class; a block touches only the classes of its images."""

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Adds the block to the rows of its classes."""
        groups = Groups.of(block.labels)
        if not extent.classes or not len(groups.classes):
            return self
        few = Extent(extent.units, extent.height, extent.width, len(groups.classes))
        news = self.empty(few)
        news._fill(measurement, groups)
        return self.absorb_rows(news, groups.classes)

    def absorb_rows(self, other: Self, classes: NDArray[np.int64]) -> Self:
        """The state of both, where the rows of the other are those of some classes (G,).

        It takes this state's arrays over: go on with the returned one.
        """
        rows = self.from_arrays({name: array[classes] for name, array in self.arrays().items()})
        for name, array in rows.absorb(other).arrays().items():
            getattr(self, name)[classes] = array
        return self

    def _fill(self, measurement: Measurement, groups: Groups) -> None:
        raise TypeError(f"{type(self).__name__} cannot be filled")


@dataclass(frozen=True)
class ClassMoments(ByClass):
    """Of a site and each class: images, moments over all finite values, and coarse counts.

    `mean` is 0 where nothing is finite; `spread` is the sum of squared differences from it.
    """

    pools = (("finite", "mean", "spread"),)

    images: NDArray[np.int64] = summed(np.int64, "classes")
    finite: NDArray[np.int64] = summed(np.int64, "classes")
    zeros: NDArray[np.int64] = summed(np.int64, "classes")
    mean: NDArray[np.float64] = pooled("classes")
    spread: NDArray[np.float64] = pooled("classes")
    lowest: NDArray[np.float32] = smallest("classes")
    highest: NDArray[np.float32] = largest("classes")
    counts: NDArray[np.int64] = summed(np.int64, "classes", COARSE_ROOM)

    def _fill(self, measurement: Measurement, groups: Groups) -> None:
        image = Fold.over_units(measurement)
        order, starts = groups.order, groups.starts
        self.images[:] = np.diff(starts)
        self.finite[:] = groups.sums(image.finite)
        self.zeros[:] = groups.sums(image.zeros)
        self.mean[:] = np.nan_to_num(mean_of(groups.sums(image.finite * image.mean), self.finite))
        difference = image.mean[order] - self.mean.repeat(self.images)
        within = image.spread[order] + image.finite[order] * difference**2
        self.spread[:] = np.add.reduceat(within, starts[:-1])
        self.lowest[:] = np.minimum.reduceat(image.lowest[order], starts[:-1])
        self.highest[:] = np.maximum.reduceat(image.highest[order], starts[:-1])
        self.counts[:] = groups.sums(measurement.images)


@dataclass(frozen=True)
class ClassUnits(ByClass):
    """Of each class and unit: images, and moments and extremes of the images' means."""

    pools = (("images", "mean", "spread"),)

    images: NDArray[np.int64] = summed(np.int64, "classes", "units")
    mean: NDArray[np.float64] = pooled("classes", "units")
    spread: NDArray[np.float64] = pooled("classes", "units")
    lowest: NDArray[np.float32] = smallest("classes", "units")
    highest: NDArray[np.float32] = largest("classes", "units")

    def _fill(self, measurement: Measurement, groups: Groups) -> None:
        threads.run(
            folding.fold_groups, measurement.size[1], measurement.means, groups.order, groups.starts,
            *self.arrays().values(), workers=torch.get_num_threads(),
        )  # fmt: skip
