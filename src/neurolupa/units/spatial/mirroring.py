"""`mirrored_bias`: the pictures and their mirror images through the network."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import neurolupa
from neurolupa.atlas import Source
from neurolupa.atlas.arrays import unit_index
from neurolupa.atlas.checks import whole_number
from neurolupa.capture import Site, observe, trace
from neurolupa.core.planes import as_planes
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet, UnreadableImage, load_images
from neurolupa.models import Model, as_model
from neurolupa.units.spatial.contrasts import AXES, NO_MAPS, Axis
from neurolupa.units.spatial.mirrored import MirroredBias, MirroredContrast, Part, mirrored_codes
from neurolupa.units.spatial.nulls import Floats

OnBlock = Callable[[int, int], None]

_BATCH = 32
_ROUNDING = 1e-6
_FLIPPED = (3, 2)  # the axis of (B, C, H, W) that a mirror turns: columns for left and right, then rows
_PARTS = 4


def mirrored_bias(
    model: Model | str | nn.Module,
    images: ImageSet | str | Path,
    site: str,
    units: int | Iterable[int] | None = None,
    *,
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> MirroredBias:
    """Whether a spatial bias changes sides with the pictures (content) or stays (network).

    Each prepared picture passes three times as far as the site: as it is, mirrored left to right, mirrored
    top to bottom. Memory holds one block and a few sums for each unit; the network is left as found.
    Unreadable pictures are left out and counted. See docs/units-spatial.md for what the parts mean.

    Args:
        model: The network, or what `load_model` takes.
        images: An image set, or what `load_images` takes.
        site: An address, or the bare path of a last call.
        units: A unit, several, or None for all.
        batch_size: Pictures in a block; 32.
        on_block: Told of each block: pictures done, and pictures in all.

    Raises:
        UsageError: An unknown site or unit, or a site without rows and columns.
        DataError: The network cannot run, or no picture can be read.

    >>> left = nn.Conv2d(3, 1, 3, padding=(0, 2))
    >>> found = mirrored_bias(nn.Sequential(left, nn.Flatten()), "samples?limit=6", "0")
    >>> found.images, found.horizontal.code in (("none",), ("content",), ("network",), ("both",))
    (6, True)
    """
    network, pictures = as_model(model), images if isinstance(images, ImageSet) else load_images(images)
    place = _with_maps(trace(network).find(site))
    numbers = _numbers(units, place)
    size = whole_number("batch_size", _BATCH if batch_size is None else batch_size, 1)
    sums, passes = _Sums(len(numbers)), _Passes(place, numbers)
    with observe(network, [place], passes.take) as run:
        blank = _differences(passes.through(run, _blank(network)))[:, 0, 0]
        for done, batch in _blocks(network, pictures, size):
            if batch is not None:
                sums.add(_differences(passes.through(run, batch)))
            on_block(done, len(pictures))
    if not sums.read:
        raise DataError(f"none of the {len(pictures)} pictures of {pictures.name} can be read")
    across, down = (sums.contrast(axis, place, blank[number]) for number, axis in enumerate(AXES))
    return MirroredBias(_source(network, pictures, sums.read), place.name, numbers, across, down)


class _Passes:
    """A batch three times through the network, and the means of the halves of each map."""

    def __init__(self, site: Site, units: tuple[int, ...]) -> None:
        self._site, self._units = site, torch.tensor(units)
        self._halves: NDArray[np.float64] = np.empty(0)

    def take(self, site: Site, value: Tensor) -> None:
        """Measures what the site gives."""
        planes = as_planes(value, site.channel_axis)
        self._halves = _half_means(planes.index_select(1, self._units.to(planes.device)))

    def through(self, run: Callable[[Tensor], None], batch: Tensor) -> NDArray[np.float64]:
        """(2, 2, 2, B, U): by axis, picture and mirror image, first and second half."""
        run(batch)
        plain = self._halves
        found = []
        for place, axis in enumerate(_FLIPPED):
            run(batch.flip(axis))
            found.append(np.stack([plain[place], self._halves[place]]))
        return np.stack(found)


class _Sums:
    """Over the images read so far, for each axis, part and unit: N, differences, their squares, no ties."""

    def __init__(self, units: int) -> None:
        self.read = 0
        self._images = np.zeros((len(AXES), units), np.int64)
        self._total, self._squares, self._untied = np.zeros((3, len(AXES), _PARTS, units))

    def add(self, differences: NDArray[np.float64]) -> None:
        """(2, 4, B, U): those of one block."""
        known = np.asarray(np.isfinite(differences).all(1))
        values = np.where(known[:, None], differences, 0.0)
        self.read += differences.shape[2]
        self._images += known.sum(1)
        self._total += values.sum(2)
        self._squares += (values * values).sum(2)
        self._untied += (values != 0).sum(2)

    def contrast(self, axis: Axis, site: Site, blank: Floats) -> MirroredContrast:
        """What the sums of one axis come to."""
        number = AXES.index(axis)
        images = self._images[number]
        sums = zip(self._total[number], self._squares[number], self._untied[number], strict=True)
        original, mirrored, content, network = (Part.of(each[0], each[1], images, each[2]) for each in sums)
        halves = (site.width, site.height)[number] > 1
        codes = mirrored_codes(content, network, images, halves)
        return MirroredContrast(axis, images, original, mirrored, content, network, blank, codes)


def _half_means(planes: Tensor) -> NDArray[np.float64]:
    """(2, 2, B, U): left and right, top and bottom; an odd side leaves its middle out, NaN without halves."""
    values = planes.float().cpu()
    rows, columns = values.shape[2] // 2, values.shape[3] // 2
    parts = [
        values[..., :columns], values[..., values.shape[3] - columns :],
        values[:, :, :rows], values[:, :, values.shape[2] - rows :],
    ]  # fmt: skip
    means = torch.stack([part.mean((2, 3), dtype=torch.float64) for part in parts])
    return means.reshape(2, 2, *means.shape[1:]).numpy()


def _differences(halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 4, B, U): of each axis d, d', (d - d') / 2, (d + d') / 2; what float32 rounds is zero."""
    known = np.where(np.isfinite(halves), halves, np.nan)
    plain, mirrored = (known[:, version, 0] - known[:, version, 1] for version in range(2))
    parts = np.stack([plain, mirrored, (plain - mirrored) / 2, (plain + mirrored) / 2], 1)
    least = _ROUNDING * np.abs(known).max((1, 2))
    return np.where(np.abs(parts) <= least[:, None], 0.0, parts)


def _blocks(model: Model, images: ImageSet, size: int) -> Iterator[tuple[int, Tensor | None]]:
    """How many pictures are done, and those of the block that can be read, prepared (B, C, H, W)."""
    for start in range(0, len(images), size):
        stop = min(start + size, len(images))
        ready = [
            tensor for index in range(start, stop) if (tensor := _prepared(model, images, index)) is not None
        ]
        yield stop, torch.stack(ready) if ready else None


def _prepared(model: Model, images: ImageSet, index: int) -> Tensor | None:
    try:
        return model.prepare(images[index].image)
    except UnreadableImage:
        return None


def _blank(model: Model) -> Tensor:
    """(1, C, H, W): the mean colour everywhere, which is zero once normalised."""
    return torch.zeros(1, model.preprocessing.channels, *model.preprocessing.input_size)


def _with_maps(site: Site) -> Site:
    if len(site.shape) != 3 or site.height * site.width == 1:
        raise UsageError(NO_MAPS.format(site=site.name))
    return site


def _numbers(units: int | Iterable[int] | None, site: Site) -> tuple[int, ...]:
    """The units asked for, each once."""
    if units is None:
        return tuple(range(site.units))
    asked = units if isinstance(units, Iterable) and not isinstance(units, str) else (units,)
    numbers = tuple(dict.fromkeys(unit_index(site.name, unit, site.units) for unit in asked))
    if not numbers:
        raise UsageError(f"no unit was named; {site.name} has units 0 to {site.units - 1}")
    return numbers


def _source(model: Model, images: ImageSet, read: int) -> Source:
    return Source(
        model.name, model.weights_digest, images.name, images.digest(), read, len(images) - read,
        neurolupa.__version__,
    )  # fmt: skip
