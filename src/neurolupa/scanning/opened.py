"""The stretch of blocks under way: what it gives to those accumulators that round.

Floating-point sums depend on where they are cut into parts. They are cut at the borders of stretches, no
matter where these are scanned: each is added up from nothing and then joined to what came before it. By class
it holds the classes of its own images, however many the image set has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from neurolupa.core.measurement import Measurement
from neurolupa.scanning.accumulators import ACCUMULATORS, Accumulator, Block, ByClass, Extent

ROUNDED = tuple(name for name, kind in ACCUMULATORS.items() if kind.rounds())
"""The names of accumulators that hold floating-point sums."""

_CLASSES = "classes"


@dataclass
class Opened:
    """What one stretch adds up at one site.

    Attributes:
        extent: of the site's arrays.
        classes: (G,) the classes of its images so far, ascending.
        parts: by name, the accumulators that round; none before the first block.
    """

    extent: Extent
    classes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    parts: dict[str, Accumulator] = field(default_factory=dict)

    def update(self, measurement: Measurement, block: Block) -> None:
        """Adds one block."""
        self._make_room(block.labels)
        few = self._few
        places = np.where(block.labels >= 0, np.searchsorted(self.classes, block.labels), block.labels)
        placed = replace(block, labels=places)
        for name, part in self.parts.items():
            self.parts[name] = part.update(measurement, placed, few)

    def into(self, whole: dict[str, Any]) -> None:
        """Joins everything to the accumulators `whole`, by name, and begins anew."""
        for name, part in self.parts.items():
            mine = whole[name]
            by_class = isinstance(mine, ByClass)
            whole[name] = mine.absorb_rows(part, self.classes) if by_class else mine.absorb(part)
        self.classes, self.parts = self.classes[:0], {}

    def arrays(self) -> dict[str, NDArray]:
        """Every array, as `accumulator/array`, and the classes; nothing before the first block."""
        if not self.parts:
            return {}
        named = {name: part.arrays() for name, part in self.parts.items()}
        found = {f"{name}/{key}": a for name, arrays in named.items() for key, a in arrays.items()}
        return {_CLASSES: self.classes, **found}

    @classmethod
    def from_arrays(cls, extent: Extent, arrays: Mapping[str, NDArray]) -> Self:
        """The part that `arrays` were taken from."""
        if not arrays:
            return cls(extent)
        parts = {name: ACCUMULATORS[name].from_arrays(own(name, arrays)) for name in ROUNDED}
        return cls(extent, arrays[_CLASSES], parts)

    @property
    def _few(self) -> Extent:
        return replace(self.extent, classes=len(self.classes))

    def _make_room(self, labels: NDArray[np.int64]) -> None:
        """Rows for the classes of these labels too."""
        before, self.classes = self.classes, np.union1d(self.classes, labels[labels >= 0])
        if not self.parts:
            self.parts = {name: ACCUMULATORS[name].empty(self._few) for name in ROUNDED}
        elif len(before) < len(self.classes):
            places = np.searchsorted(self.classes, before)
            for name, part in self.parts.items():
                if isinstance(part, ByClass):
                    self.parts[name] = part.empty(self._few).absorb_rows(part, places)


def own(name: str, arrays: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """The arrays of one accumulator among those of a site."""
    return {part.name: arrays[f"{name}/{part.name}"] for part in fields(ACCUMULATORS[name])}
