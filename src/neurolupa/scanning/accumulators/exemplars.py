"""The images that drive each unit highest and lowest, exactly mergeable: every tie has a stated winner."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from neurolupa.core import threads
from neurolupa.core.measurement import Measurement
from neurolupa.scanning.accumulators import folding
from neurolupa.scanning.accumulators.state import Accumulator, Block, Extent, part


@dataclass(frozen=True)
class Ranking(Accumulator):
    """The best images of every unit, best first; `scores` are -inf where fewer were seen.

    Ties go to the smaller key, then to the smaller image index.
    """

    scores: NDArray[np.float32] = part(np.maximum, -np.inf, np.float32, "units", "kept")
    keys: NDArray[np.uint64] = part(np.minimum, 0, np.uint64, "units", "kept")
    images: NDArray[np.int64] = part(np.minimum, -1, np.int64, "units", "kept")
    places: NDArray[np.int32] = part(np.minimum, -1, np.int32, "units", "kept")

    def _insert(
        self, scores: NDArray, places: NDArray, keys: NDArray, images: NDArray, sign: int = 1
    ) -> Self:
        """Considers (C, B) candidates, `sign` times their scores; an infinite score is none."""
        threads.run(
            folding.keep_best, len(self.scores), np.float32(sign), scores, places, keys, images,
            self.scores, self.keys, self.images, self.places, workers=torch.get_num_threads(),
        )  # fmt: skip
        return self

    def _consider(self, scores: NDArray, places: NDArray, keys: NDArray, block: Block, sign: int = 1) -> Self:
        return self._insert(
            scores,
            places,
            np.broadcast_to(keys, scores.shape),
            np.broadcast_to(block.images, scores.shape),
            sign,
        )

    def absorb(self, other: Self) -> Self:
        """The best of both."""
        return self._insert(other.scores, other.places, other.keys, other.images)


@dataclass(frozen=True)
class Top(Ranking):
    """The largest spatial maxima; ties to the smaller image index."""

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Considers the block's images."""
        none = np.zeros(len(block.images), np.uint64)
        return self._consider(measurement.extremes[1], measurement.places[3], none, block)

    def values(self) -> NDArray[np.float32]:
        """(C, K): the maxima."""
        return self.scores


@dataclass(frozen=True)
class Bottom(Ranking):
    """The smallest spatial minima, or behind a ReLU the smallest maxima with ties broken by hash.

    `fewest` (C,) is the smallest such value met, and `ties` (C,) how many images share it: behind a ReLU,
    usually the images on which the unit is silent, of which the ranking then shows a fair choice.
    """

    fewest: NDArray[np.float32] = part(np.minimum, np.inf, np.float32, "units")
    ties: NDArray[np.int64] = part(np.add, 0, np.int64, "units")

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """Considers the block's images."""
        if extent.signed:
            values, places = measurement.extremes[0], measurement.places[4]
            keys = np.zeros(len(block.images), np.uint64)
        else:
            values, places, keys = measurement.extremes[1], measurement.places[3], block.keys
        self._tie(*_fewest(values))
        return self._consider(values, places, keys, block, sign=-1)

    def absorb(self, other: Self) -> Self:
        """Joins what the fields alone do not tell, then the fields."""
        self._tie(other.fewest, other.ties)
        return super().absorb(other)

    def _tie(self, fewest: NDArray, ties: NDArray) -> None:
        """Joins the smallest values and how many images share them."""
        joined = np.minimum(self.fewest, fewest)
        self.ties[:] = np.where(self.fewest == joined, self.ties, 0) + np.where(fewest == joined, ties, 0)
        self.fewest[:] = joined

    def values(self) -> NDArray[np.float32]:
        """(C, K): the minima, or the smallest maxima behind a ReLU."""
        return -self.scores


def _fewest(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    fewest, ties = np.empty(len(values), np.float32), np.empty(len(values), np.int64)
    threads.run(folding.count_fewest, len(values), values, fewest, ties, workers=torch.get_num_threads())
    return fewest, ties
