"""Pictures on their way to the network: decoded by threads, a few blocks ahead, in fixed order."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor

from neurolupa.errors import DataError
from neurolupa.images import ImageSet, UnreadableImage
from neurolupa.models import Model

_BLOCKS_AHEAD = 2
_FEW_WORKERS = 4


@dataclass(frozen=True)
class Prepared:
    """One image of the set: its tensor (C, H, W) and size in pixels, or why it could not be read."""

    index: int
    tensor: Tensor | None
    size: tuple[int, int] = (0, 0)
    reason: str = ""


@dataclass(frozen=True)
class LoadedBlock:
    """The images of one block, in order of their index.

    Attributes:
        number: which block of the set this is.
        batch: (B, C, H, W) the readable images; None when there are none.
        images: their indices.
        sizes: their (width, height) in pixels.
        skipped: the unreadable ones, with the reason.
    """

    number: int
    batch: Tensor | None
    images: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    skipped: tuple[Prepared, ...]


def few_workers() -> int:
    """Threads that decode pictures beside a network at work: as many as there are cores, at most four."""
    return min(_FEW_WORKERS, os.cpu_count() or 1)


def prepare_image(model: Model, images: ImageSet, index: int) -> Prepared:
    """Image `index` as the network takes it; what cannot be read is reported and not raised."""
    try:
        picture = images[index]
        return Prepared(index, model.prepare(picture.image), picture.image.size)
    except UnreadableImage as error:
        return Prepared(index, None, reason=error.reason)


def load_blocks(
    model: Model,
    images: ImageSet,
    batch_size: int,
    *,
    start: int = 0,
    end: int | None = None,
    workers: int = 1,
    strict: bool = False,
) -> Iterator[LoadedBlock]:
    """The blocks of the set from number `start` to before `end`, decoded ahead of use by `workers` threads.

    Raises:
        DataError: an image cannot be read and `strict` is set.
    """
    last = len(images) if end is None else min(end * batch_size, len(images))
    ranges = [
        range(first, min(first + batch_size, last)) for first in range(start * batch_size, last, batch_size)
    ]
    waiting: deque[list[Future[Prepared]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="neurolupa-load")
    try:
        for indices in ranges[:_BLOCKS_AHEAD]:
            waiting.append([pool.submit(prepare_image, model, images, index) for index in indices])
        for number in range(len(ranges)):
            ready = [future.result() for future in waiting.popleft()]
            if number + _BLOCKS_AHEAD < len(ranges):
                ahead = ranges[number + _BLOCKS_AHEAD]
                waiting.append([pool.submit(prepare_image, model, images, index) for index in ahead])
            yield _block(start + number, ready, images, strict)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _block(number: int, ready: list[Prepared], images: ImageSet, strict: bool) -> LoadedBlock:
    good = [item for item in ready if item.tensor is not None]
    bad = tuple(item for item in ready if item.tensor is None)
    if bad and strict:
        raise DataError(f"{images.entry(bad[0].index).id} cannot be read: {bad[0].reason}")
    tensors = [item.tensor for item in good if item.tensor is not None]
    return LoadedBlock(
        number,
        torch.stack(tensors) if tensors else None,
        tuple(item.index for item in good),
        tuple(item.size for item in good),
        bad,
    )
