"""Many pictures through a network and its untrained twin, once: what their sites pool to, kept on disk."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.atlas.checks import whole_number
from neurolupa.capture import Site, observe
from neurolupa.errors import DataError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.models.running import usual_batch
from neurolupa.probing.features.columns import Column, columns_of
from neurolupa.probing.features.pooling import Pooling, pixels_of
from neurolupa.probing.features.result import Estimate, Features
from neurolupa.probing.features.store import FeatureCache, Kept, Mark, Writing
from neurolupa.scanning.loading import LoadedBlock, few_workers, load_blocks

OnBlock = Callable[[int, int], None]


def extract(
    model: Model,
    images: ImageSet,
    sites: Sequence[Site],
    *,
    pooling: str | Pooling = "mean",
    twin: Model | None = None,
    pixels: bool = False,
    cache: FeatureCache | str | os.PathLike | bool | None = None,
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> Features:
    """What is not kept yet, in one pass over the pictures, each of which is decoded once for all networks.

    Memory holds one block of pictures; what is interrupted leaves nothing that could be taken for whole.

    Args:
        model: The network; left as found.
        images: The pictures.
        sites: Of the network.
        pooling: "mean", "max" or "grid:3".
        twin: The same network untrained (`random_twin`), if it is to be shown the same pictures.
        pixels: Whether the pictures themselves are wanted, averaged down to at most 32 x 32.
        cache: A cache or a folder for one; None takes this user's own, False keeps nothing beyond the result.
        batch_size: Pictures in a block; 64, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all.

    Raises:
        UsageError: An unknown pooling.
        DataError: The network cannot run, no picture can be read, or the disk is full.
    """
    job = _Job.of(model, images, sites, Pooling.of(pooling), twin, pixels, cache, batch_size)
    found = {column.key: job.cache.find(column.key) for column in job.columns}
    missing = [column for column in job.columns if found[column.key] is None]
    if missing:
        job.cache.room(job.disk(missing))
        found |= job.run(missing, on_block)
    return job.features(found)


def estimate(
    model: Model,
    images: ImageSet,
    sites: Sequence[Site],
    *,
    pooling: str | Pooling = "mean",
    twin: Model | None = None,
    pixels: bool = False,
    cache: FeatureCache | str | os.PathLike | bool | None = None,
    batch_size: int | None = None,
) -> Estimate:
    """What `extract` will take, by one block that is run and forgotten; arguments and errors as there."""
    job = _Job.of(model, images, sites, Pooling.of(pooling), twin, pixels, cache, batch_size)
    missing = [column for column in job.columns if job.cache.find(column.key) is None]
    widest = max(column.width for column in job.columns)
    side = model.preprocessing.input_size
    block = 4 * job.batch_size * (side[0] * side[1] * model.preprocessing.channels)
    return Estimate(
        len(images),
        {column.site.name: column.width for column in job.columns if column.site and column.model is model},
        job.disk(missing),
        3 * block + 3 * 4 * widest * len(images),
        job.seconds(missing) if missing else 0.0,
    )


@dataclass(frozen=True, eq=False)
class _Job:
    """What is to be had, and where it is kept."""

    model: Model
    images: ImageSet
    sites: tuple[Site, ...]
    pooling: Pooling
    columns: tuple[Column, ...]
    cache: FeatureCache
    batch_size: int
    folder: TemporaryDirectory | None

    @classmethod
    def of(
        cls,
        model: Model,
        images: ImageSet,
        sites: Sequence[Site],
        pooling: Pooling,
        twin: Model | None,
        pixels: bool,
        cache: Any,
        batch_size: int | None,
    ) -> "_Job":
        folder = TemporaryDirectory(prefix="neurolupa-") if cache is False else None
        kept = cache if isinstance(cache, FeatureCache) else FeatureCache(folder.name if folder else cache)
        usual = usual_batch(model.preprocessing)
        size = whole_number("batch_size", usual if batch_size is None else batch_size, 1)
        columns = tuple(columns_of(model, images, sites, pooling, twin, pixels))
        return cls(model, images, tuple(sites), pooling, columns, kept, size, folder)

    def disk(self, missing: Sequence[Column]) -> int:
        """Bytes of the arrays."""
        return 4 * len(self.images) * sum(column.width for column in missing)

    def seconds(self, missing: Sequence[Column]) -> float:
        """By the second of two blocks: the first warms up."""
        few = self.images.subset(limit=min(len(self.images), self.batch_size))
        for _ in range(2):
            start = time.perf_counter()
            for block in load_blocks(self.model, few, self.batch_size, workers=few_workers()):
                with _shown(missing, self.pooling, lambda column, values: None) as show:
                    show(block)
        return (time.perf_counter() - start) * len(self.images) / len(few)

    def run(self, missing: Sequence[Column], on_block: OnBlock) -> dict[str, Kept]:
        """The pass."""
        count = len(self.images)
        with _written(self.cache, missing, count) as writing:
            rows = np.arange(0)

            def put(column: Column, values: NDArray[np.float32]) -> None:
                writing[column.key].put(rows, values)

            skipped: list[tuple[int, str]] = []
            with _shown(missing, self.pooling, put) as show:
                for block in load_blocks(self.model, self.images, self.batch_size, workers=few_workers()):
                    rows = np.array(block.images, np.int64)
                    skipped += [(item.index, item.reason) for item in block.skipped]
                    show(block)
                    on_block(min((block.number + 1) * self.batch_size, count), count)
            if len(skipped) == count:
                raise DataError(f"no image of {self.images.spec} can be read: {skipped[0][1]}")
            for each in writing.values():
                each.finish(tuple(skipped))
        return {column.key: self._found(column) for column in missing}

    def _found(self, column: Column) -> Kept:
        found = self.cache.find(column.key)
        if found is None:
            raise DataError(f"features vanished from {self.cache.folder} while they were read")
        return found

    def features(self, found: Mapping[str, Kept | None]) -> Features:
        """The arrays by what they are."""
        sites = [column for column in self.columns if column.site]
        arrays = {column.key: kept.array for column in self.columns if (kept := found[column.key])}
        marks = {column.key: kept.mark for column in self.columns if (kept := found[column.key])}
        trained = {c.site.name: arrays[c.key] for c in sites if c.site and c.model is self.model}
        random = {c.site.name: arrays[c.key] for c in sites if c.site and c.model is not self.model}
        pixels = [arrays[column.key] for column in self.columns if column.site is None]
        first: Mark = next(iter(marks.values()))
        broken = {c.site.name: marks[c.key].broken for c in sites if c.site and marks[c.key].broken}
        result = Features(
            self.sites, self.pooling, trained, random, pixels[0] if pixels else None, first.skipped, broken
        )
        if self.folder is not None:
            finalize(result, self.folder.cleanup)
        return result


@contextmanager
def _written(cache: FeatureCache, missing: Iterable[Column], count: int) -> Iterator[dict[str, Writing]]:
    """Arrays to be filled; none is left behind if something fails."""
    writing: dict[str, Writing] = {}
    try:
        for column in missing:
            writing[column.key] = cache.begin(column.key, (count, column.width))
        yield writing
    except OSError as error:
        raise DataError(f"features cannot be kept: {error.strerror or error}") from None
    finally:
        for each in writing.values():
            each.drop()


@contextmanager
def _shown(
    missing: Sequence[Column], pooling: Pooling, put: Callable[[Column, NDArray[np.float32]], None]
) -> Iterator[Callable[[LoadedBlock], None]]:
    """Within it, the yielded function shows a block to every network and puts what its sites pool to."""
    networks = {id(column.model): column.model for column in missing if column.site}
    with ExitStack() as stack:
        runs = []
        for network in networks.values():
            by_site = {c.site.address: c for c in missing if c.site and c.model is network}
            chosen = [column.site for column in by_site.values() if column.site]

            def take(site: Site, value: Tensor, by_site: Mapping[str, Column] = by_site) -> None:
                put(by_site[site.address], pooling(value, site).cpu().numpy())

            runs.append(stack.enter_context(observe(network, chosen, take)))

        def show(block: LoadedBlock) -> None:
            if block.batch is None:
                return
            for column in missing:
                if column.site is None:
                    put(column, pixels_of(block.batch).numpy())
            for run in runs:
                run(block.batch)

        yield show
