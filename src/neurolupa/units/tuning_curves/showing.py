"""Pictures shown to a network, and what each unit of one site answers to each of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.capture import Site, observe
from neurolupa.core.planes import as_planes
from neurolupa.images import ImageSet
from neurolupa.models import Model

OnBlock = Callable[[int, int], None]

_LEAST_SIDE = 32


def side_of(model: Model) -> int:
    """The side in pixels of the pictures: they cover the network's input without being resized.

    Inputs below 32 pixels have no room for objects; pictures of 32 pixels are then reduced.
    """
    return max(_LEAST_SIDE, *model.preprocessing.input_size)


def answers(
    model: Model,
    site: Site,
    units: Sequence[int],
    images: ImageSet,
    window: float,
    batch_size: int,
    on_block: OnBlock = lambda done, total: None,
) -> NDArray[np.float32]:
    """The answer (N, U) of each unit to each picture: its highest value inside the window, in one pass.

    A picture is normalised as the network wants it, and neither resized (if it is `side_of` pixels wide) nor
    cropped (if the input is square). The network is stopped at the site and left as found; memory holds one
    block of pictures and the answers.

    Raises:
        DataError: The network cannot run on a block.
    """
    found = np.empty((len(images), len(units)), np.float32)
    rows: list[slice] = []
    chosen = torch.tensor(units, device=model.device)

    def take(_: Site, value: Tensor) -> None:
        kept = windowed(as_planes(value, site.channel_axis), site, window).amax((2, 3))
        found[rows[-1]] = kept.index_select(1, chosen).float().cpu().numpy()

    with observe(model, [site], take) as run:
        for start in range(0, len(images), batch_size):
            rows.append(slice(start, min(start + batch_size, len(images))))
            run(torch.stack(list(_prepared(model, images, rows[-1]))))
            on_block(rows[-1].stop, len(images))
    return found


def windowed(planes: Tensor, site: Site, window: float) -> Tensor:
    """The values (B, C, h, w) whose centres lie in the middle `window` of the rows and of the columns.

    Values that have no rows and columns (of a linear layer, or a row of tokens) all belong to it.
    """
    if len(site.shape) < 3:
        return planes
    rows, columns = (central(side, window) for side in planes.shape[2:])
    return planes[:, :, rows, columns]


def central(side: int, window: float) -> slice:
    """The places out of `side` whose centres lie in the middle share `window`; never none.

    >>> central(8, 0.5), central(7, 0.5), central(1, 0.5), central(56, 0.875)
    (slice(2, 6, None), slice(2, 5, None), slice(0, 1, None), slice(3, 53, None))
    """
    margin = side * (1 - window) / 2
    first = min(math.ceil(round(margin - 0.5, 9)), (side - 1) // 2)
    return slice(first, side - first)


def _prepared(model: Model, images: ImageSet, rows: slice) -> Iterator[Tensor]:
    whole = replace(model.preprocessing, resize=min(model.preprocessing.input_size), keep_matching=True)
    return (whole.prepare(images[index].image) for index in range(rows.start, rows.stop))
