"""A second pass over the pictures of some classes, for the mean map of each."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.capture import Site, observe
from neurolupa.comparison.classes.maps import ClassMaps, MapSums
from neurolupa.core.planes import as_planes
from neurolupa.errors import DataError
from neurolupa.images import ImageSet, UnreadableImage
from neurolupa.models import Model

OnBlock = Callable[[int, int], None]


def class_maps(
    model: Model,
    site: Site,
    images: ImageSet,
    pictures: Sequence[NDArray[np.int64]],
    names: tuple[str, ...],
    units: tuple[int, ...],
    batch_size: int,
    on_block: OnBlock,
) -> ClassMaps:
    """Mean maps of units over the pictures of each class; the network is stopped at the site, left as found.

    Args:
        model: With the preprocessing of the scan.
        site: With rows and columns.
        images: The set that was scanned.
        pictures: For each class the indices of its images.
        names: Of the classes.
        units: Their numbers.
        batch_size: Pictures in a block.
        on_block: Told of each block: pictures shown, and pictures in all.

    Raises:
        DataError: The network cannot run, or none of the pictures can be read.
    """
    sums = MapSums.empty(len(names), len(units), (site.height, site.width))
    found: list[NDArray[np.float32]] = []
    shown, chosen = 0, torch.tensor(units)

    def take(_: Site, value: Tensor) -> None:
        planes = as_planes(value, site.channel_axis)
        found.append(planes.index_select(1, chosen.to(planes.device)).float().cpu().numpy())

    with observe(model, [site], take) as run:
        for done, batch, labels in _blocks(model, images, pictures, batch_size):
            if len(labels):
                run(torch.stack(batch))
                sums, shown = sums.update(found.pop(), labels), shown + len(labels)
            on_block(done, sum(map(len, pictures)))
    if not shown:
        raise DataError(f"none of the pictures of {', '.join(names)} in {images.name} can be read")
    skipped = sum(map(len, pictures)) - shown
    return ClassMaps(names, units, sums.images, skipped, *sums.compute())


def _blocks(
    model: Model, images: ImageSet, pictures: Sequence[NDArray[np.int64]], size: int
) -> Iterator[tuple[int, list[Tensor], NDArray[np.int64]]]:
    """How many pictures are done; of a block those that can be read, and their classes."""
    labels = np.repeat(np.arange(len(pictures)), [len(each) for each in pictures])
    indices = np.concatenate(pictures)
    for start in range(0, len(indices), size):
        rows = range(start, min(start + size, len(indices)))
        ready = [(_prepared(model, images, int(indices[row])), labels[row]) for row in rows]
        read = [(tensor, label) for tensor, label in ready if tensor is not None]
        yield rows.stop, [tensor for tensor, _ in read], np.array([label for _, label in read], np.int64)


def _prepared(model: Model, images: ImageSet, index: int) -> Tensor | None:
    try:
        return model.prepare(images[index].image)
    except UnreadableImage:
        return None
