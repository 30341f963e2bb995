"""A scan in stretches of consecutive blocks: what one worker does of it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.capture import Site, trace
from neurolupa.core.measurement import Measurement
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.scanning.loading import load_blocks
from neurolupa.scanning.passes import Pass
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import sample_rows
from neurolupa.scanning.settings import ScanSettings

MOST_BLOCKS = 16
"""Blocks of a stretch: enough that its state, which goes over the wire, is little beside its pictures.

Stretches of sets of more than 65,536 blocks are longer.
"""

_LEAST_STRETCHES, _MOST_STRETCHES = 32, 4096
"""Below 32 there is little to share among workers; above 4,096 joining states takes longer than it saves."""

Rows = dict[tuple[str, str], NDArray]
"""By address of the site and kind of value, the (n, C) rows of sampled images."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive blocks: from `first` to before `end`."""

    first: int
    end: int


@dataclass(frozen=True)
class Task:
    """What all stretches of a scan have in common.

    Attributes:
        images: the whole set.
        settings: of the scan.
        sampled: indices of the images that were chosen for `samples/`, ascending.
        keys: (N,) uint64, a hash of each image's id.
        strict: whether an image that cannot be read ends the scan.
    """

    images: ImageSet
    settings: ScanSettings
    sampled: NDArray[np.int64]
    keys: NDArray[np.uint64]
    strict: bool


@dataclass(frozen=True, eq=False)
class Done:
    """What a stretch gave: NumPy arrays and plain values, ready for the wire.

    Attributes:
        stretch: which one.
        states: by address of the site, its part of the accumulators; by class that of its images' classes.
        images: (n,) the images that were read.
        sizes: (n, 2) their width and height.
        skipped: the reason for every image that could not be read.
        rows: what `samples/` gets.
    """

    stretch: Stretch
    states: Mapping[str, Mapping[str, NDArray]]
    images: NDArray[np.int64]
    sizes: NDArray[np.int32]
    skipped: Mapping[int, str]
    rows: Rows


def stretches(images: int, batch_size: int, start: int = 0) -> tuple[Stretch, ...]:
    """The stretches of a set from block `start` on; their borders depend on the set and batch size alone.

    The first begins where it is said, the others at borders.

    >>> stretches(1000, 10, start=5)[:2]
    (Stretch(first=5, end=6), Stretch(first=6, end=9))
    """
    blocks = -(-images // batch_size)
    length = max(1, min(MOST_BLOCKS, blocks // _LEAST_STRETCHES), blocks // _MOST_STRETCHES)
    borders = [start, *(border for border in range(0, blocks, length) if border > start), blocks]
    return tuple(Stretch(a, b) for a, b in pairwise(borders) if a < b)


def scan_stretch(model: Model, task: Task, stretch: Stretch) -> Done:
    """One stretch through the network, from nothing; states of stretches merge in their order.

    Raises:
        DataError: the network cannot run, or an image cannot be read and the scan is strict.
    """
    table, settings = trace(model), task.settings
    sites = [table.find(address) for address in settings.sites]
    images = task.images
    progress = Progress.start(sites, len(images), 0, settings.exemplars, task.sampled)
    kept = _KeptRows(progress.sampled)
    feed = Pass(model, progress, images.labels, task.keys, dtype=settings.dtype, sinks=[kept])
    with feed.open() as step:
        for block in load_blocks(
            model, images, settings.batch_size, start=stretch.first, end=stretch.end, strict=task.strict
        ):
            step(block)
    read = np.flatnonzero(progress.read)
    states = {state.site.address: state.part() for state in progress.sites}
    return Done(stretch, states, read, progress.sizes[read], progress.skipped, kept.rows())


class _KeptRows:
    """The sampled images' rows in memory; a `Sink`."""

    def __init__(self, sampled: NDArray[np.bool_]) -> None:
        self._sampled = sampled
        self._parts: dict[tuple[str, str], list[NDArray]] = {}

    def write(self, site: Site, planes: Tensor, measurement: Measurement, images: NDArray[np.int64]) -> None:
        for kind, rows in sample_rows(measurement, self._sampled[images]).items():
            self._parts.setdefault((site.address, kind), []).append(rows.copy())

    def flush(self) -> None:
        pass

    def rows(self) -> Rows:
        return {key: np.concatenate(parts) for key, parts in self._parts.items()}
