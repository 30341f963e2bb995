"""How far a scan has come: the accumulated state of every site, and which images were read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from neurolupa.capture import Site
from neurolupa.core.measurement import Measurement
from neurolupa.scanning.accumulators import (
    ACCUMULATORS,
    Block,
    Bottom,
    ClassMoments,
    ClassUnits,
    Extent,
    Halves,
    MeanMaps,
    Moments,
    Sketches,
    Top,
)
from neurolupa.scanning.loading import LoadedBlock
from neurolupa.scanning.opened import ROUNDED, Opened, own

if TYPE_CHECKING:
    from neurolupa.scanning.stretches import Done

THINNED_ABOVE = 28
"""Of maps with a longer side only some values are counted for quantiles."""

THINNING = 5
"""One value in so many, then."""


_EXACT = tuple(name for name in ACCUMULATORS if name not in ROUNDED)
_OPEN = "open "
"""Before the names of the arrays of the stretch under way."""


@dataclass
class SiteState:
    """Everything accumulated at one site; the fields bear the names of `ACCUMULATORS`.

    `opened` is the stretch under way.
    """

    site: Site
    extent: Extent
    moments: Moments
    halves: Halves
    maps: MeanMaps
    sketches: Sketches
    class_moments: ClassMoments
    class_units: ClassUnits
    top: Top
    bottom: Bottom
    opened: Opened

    @classmethod
    def empty(cls, site: Site, classes: int, exemplars: int) -> Self:
        """The state of a site before the first block."""
        extent = Extent(site.units, site.height, site.width, classes, exemplars, not site.rectified)
        parts: dict[str, Any] = {name: kind.empty(extent) for name, kind in ACCUMULATORS.items()}
        return cls(site, extent, **parts, opened=Opened(extent))

    @property
    def thinning(self) -> int:
        """One value in so many is counted for quantiles."""
        return THINNING if max(self.site.height, self.site.width) > THINNED_ABOVE else 1

    def update(self, measurement: Measurement, block: Block) -> None:
        """Adds one block."""
        self.opened.update(measurement, block)
        for name in _EXACT:
            setattr(self, name, getattr(self, name).update(measurement, block, self.extent))

    def close(self) -> None:
        """Joins the stretch under way to what came before it."""
        self.opened.into(vars(self))

    def merge(self, arrays: Mapping[str, NDArray]) -> None:
        """Adds a stretch scanned elsewhere, told by its `part`; it comes after those of this state."""
        for name in _EXACT:
            other = ACCUMULATORS[name].from_arrays(own(name, arrays))
            setattr(self, name, getattr(self, name).absorb(other))
        Opened.from_arrays(self.extent, _opened(arrays)).into(vars(self))

    def part(self) -> dict[str, NDArray]:
        """The arrays of a state whose only stretch is under way, for `merge`."""
        return self._named(_EXACT) | {_OPEN + key: array for key, array in self.opened.arrays().items()}

    def arrays(self) -> dict[str, NDArray]:
        """Every array, as `accumulator/array`; those of the stretch under way as `open accumulator/array`."""
        return self._named(ACCUMULATORS) | {_OPEN + key: a for key, a in self.opened.arrays().items()}

    def restore(self, arrays: Mapping[str, NDArray]) -> None:
        """Takes over the state that `arrays` tells."""
        for name, kind in ACCUMULATORS.items():
            setattr(self, name, kind.from_arrays(own(name, arrays)))
        self.opened = Opened.from_arrays(self.extent, _opened(arrays))

    def _named(self, names: Iterable[str]) -> dict[str, NDArray]:
        return {f"{name}/{key}": a for name in names for key, a in getattr(self, name).arrays().items()}


def _opened(arrays: Mapping[str, NDArray]) -> dict[str, NDArray]:
    return {key.removeprefix(_OPEN): a for key, a in arrays.items() if key.startswith(_OPEN)}


@dataclass
class Progress:
    """The whole state of a scan between two blocks.

    Attributes:
        sites: the state of every site, in forward order.
        sampled: (N,) bool, the images that were chosen for `samples/`.
        sizes: (N, 2) int32 width and height of every image that was read, else zero.
        next_block: the first block that is still to come.
        skipped: the reason for every image that could not be read.
    """

    sites: list[SiteState]
    sampled: NDArray[np.bool_]
    sizes: NDArray[np.int32]
    next_block: int = 0
    skipped: dict[int, str] = field(default_factory=dict)

    @classmethod
    def start(
        cls, sites: Sequence[Site], count: int, classes: int, exemplars: int, sampled: NDArray[np.int64]
    ) -> Self:
        """Before the first of `count` images."""
        chosen = np.zeros(count, bool)
        chosen[sampled] = True
        states = [SiteState.empty(site, classes, exemplars) for site in sites]
        return cls(states, chosen, np.zeros((count, 2), np.int32))

    @property
    def read(self) -> NDArray[np.bool_]:
        """(N,): the images that were read so far."""
        return self.sizes[:, 0] > 0

    @property
    def sample_rows(self) -> int:
        """How many rows `samples/` holds so far."""
        return int((self.read & self.sampled).sum())

    def finish_block(self, block: LoadedBlock) -> None:
        """Notes what became of a block's images, after their values were added."""
        self.sizes[list(block.images)] = np.array(block.sizes, np.int32).reshape(-1, 2)
        self.skipped.update({item.index: item.reason for item in block.skipped})
        self.next_block = block.number + 1

    @property
    def under_way(self) -> bool:
        """Whether a stretch has begun and not ended."""
        return any(state.opened.parts for state in self.sites)

    def close(self) -> None:
        """Ends the stretch under way; without one, nothing."""
        for state in self.sites:
            state.close()

    def absorb(self, done: "Done") -> None:
        """Joins the next stretch, which was scanned from nothing elsewhere."""
        for state in self.sites:
            state.merge(done.states[state.site.address])
        self.sizes[done.images] = done.sizes
        self.skipped.update(done.skipped)
        self.next_block = done.stretch.end

    def nbytes(self) -> int:
        """Memory that the state takes."""
        return self.sizes.nbytes + sum(a.nbytes for site in self.sites for a in site.arrays().values())
