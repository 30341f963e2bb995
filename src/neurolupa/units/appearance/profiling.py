"""`texture_profile`: pictures through the network, and each of its maps beside what was to be seen."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import neurolupa
from neurolupa.atlas import Source
from neurolupa.atlas.arrays import unit_index
from neurolupa.atlas.checks import whole_number
from neurolupa.capture import Site, observe, trace
from neurolupa.core.planes import as_planes
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet, ImageSource, Picture, UnreadableImage, load_images
from neurolupa.images.addresses import is_url
from neurolupa.images.picking import pick_image
from neurolupa.models import Model, as_model
from neurolupa.units.appearance.codes import CorrelationCode, Floats
from neurolupa.units.appearance.features import feature_maps
from neurolupa.units.appearance.grid import Grid
from neurolupa.units.appearance.looks import Looks, dominant_channel
from neurolupa.units.appearance.pooling import Pool
from neurolupa.units.appearance.result import Example, TextureProfile
from neurolupa.units.appearance.shifting import layout_z, shifted_correlations, state_of

NO_MAPS = "the units of {site} have no maps with rows and columns, so nothing in a picture to lie beside"
"""What is said of a site without them."""

Pictures = ImageSet | Picture | ImageSource | Iterable[ImageSource]

_BATCH = 16
_OTHERS = 8
"""So many pictures before each are what its map is laid beside for the layout that all share."""


def texture_profile(
    model: Model | str | nn.Module,
    images: Pictures,
    site: str,
    unit: int,
    *,
    draws: int = 999,
    seed: int = 0,
) -> TextureProfile:
    """Texture, colour and edges of one picture or many, and which of them a unit's map goes with.

    Each picture is taken as the network sees it, resized and cropped. Its features are averaged over the area
    that each position of the map stands for, and correlated with the map; the null shifts the map, in
    every way for one picture, by random draws for several. Memory holds one block of pictures. Unreadable
    pictures of a set are left out and counted. See docs/units-appearance.md for what the numbers mean.

    Args:
        model: The network, or what `load_model` takes.
        images: One picture (path, http(s) address, bytes, Pillow picture, array, picture of an image set, or
            text such as `samples#cat`), or many: an image set, what `load_images` takes, a list.
        site: An address, or the bare path of a last call.
        unit: Its number.
        draws: Of the null over several pictures.
        seed: Of the draws; the same seed gives the same numbers.

    Raises:
        UsageError: An unknown site or unit, a site without rows and columns, or no picture at all.
        DataError: The network cannot run, or no picture can be read.

    >>> found = texture_profile("embedded", "samples#cat", "layer1.0.relu", 3)
    >>> found.images, found.shifts == 4 * found.example.unit_map.size, len(found.correlations)
    (1, True, 6)
    """
    network = as_model(model)
    pictures, name = _pictures(images)
    place = _with_maps(trace(network).find(site))
    number = unit_index(place.name, unit, place.units)
    draws, seed = whole_number("draws", draws, 19), whole_number("seed", seed, 0)
    gathered = _Gathered(place, network, Pool(len(pictures) == 1, draws, seed))
    for seen, unit_map in _maps(network, place, number, _readable(network, pictures)):
        gathered.add(seen, unit_map)
    if gathered.best is None:
        raise DataError(_none_read(pictures))
    read = len(gathered.pool.indices)
    source = Source(
        network.name, network.weights_digest, name, pictures.digest(), read, len(pictures) - read,
        neurolupa.__version__,
    )  # fmt: skip
    return gathered.profile(source, number, seed)


@dataclass(frozen=True, eq=False)
class _Seen:
    """One picture as the network sees it, and where it is from."""

    index: int
    id: str
    picture: Image.Image

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """(H, W, 3)."""
        return np.asarray(self.picture.convert("RGB"))


class _Gathered:
    """What the pictures so far amount to."""

    def __init__(self, site: Site, model: Model, pool: Pool) -> None:
        self._site, self._looks, self.pool = site, Looks(), pool
        self._grid = Grid.of(site, model.preprocessing.input_size)
        self._before: deque[Floats] = deque(maxlen=_OTHERS)
        self._states: Counter[str] = Counter()
        self.best: Example | None = None
        self._peak = -np.inf

    def add(self, seen: _Seen, unit_map: Floats) -> None:
        """A picture and the unit's map (h, w) on it."""
        features = feature_maps(seen.pixels / 255)
        self._looks.add(seen.pixels, features)
        cells = self._grid.means(features)
        found = shifted_correlations(unit_map, cells)
        state = state_of(unit_map)
        lies = state is CorrelationCode.OK and len(self._before) > 0
        layout = layout_z(unit_map, self._before) if lies else np.full(len(cells), np.nan)
        self.pool.add(seen.index, found, layout)
        self._before.append(cells)
        small = state is CorrelationCode.OK and found.codes[0] is CorrelationCode.TOO_SMALL
        self._states[CorrelationCode.TOO_SMALL if small else state] += 1
        peak = float(np.nan_to_num(unit_map, nan=-np.inf).max())
        if self.best is None or peak > self._peak:
            self.best = Example(seen.index, seen.id, seen.picture, unit_map, cells, found.r[:, 0])
            self._peak = peak

    def profile(self, source: Source, unit: int, seed: int) -> TextureProfile:
        """The result; at least one picture must have been added."""
        assert self.best is not None
        correlations, p = self.pool.correlations()
        channels = self._looks.channels()
        states = {state.value: self._states[state] for state in CorrelationCode if self._states[state]}
        return TextureProfile(
            source=source,
            site=self._site.name,
            unit=unit,
            channels=channels,
            dominant=dominant_channel(channels),
            texture=self._looks.intensity("texture"),
            edges=self._looks.intensity("edges"),
            gradient=self._looks.intensity("gradient"),
            correlations=correlations,
            p=p,
            state=correlations[0].code,
            states=states,
            shifts=self.pool.shifts,
            seed=seed,
            by_field=self._grid.by_field,
            example=self.best,
            indices=np.array(self.pool.indices),
            by_picture=np.stack(self.pool.observed),
        )


def _pictures(images: Pictures) -> tuple[ImageSet, str]:
    """The image set, of one picture perhaps, and its name: of a picture its own."""
    if isinstance(images, ImageSet):
        return images, images.name
    if isinstance(images, str) and (is_url(images) or "#" in images or Path(images).is_file()):
        picked, _ = pick_image(images)
        name = picked.id if isinstance(picked, Picture) else Path(picked).name
        return load_images([picked.image if isinstance(picked, Picture) else picked]), name
    if isinstance(images, Picture):
        return load_images([images.image]), images.id
    if _is_one(images):
        found = load_images([images])  # type: ignore[list-item]
        return found, images.name if isinstance(images, Path) else found.id_of(0)
    found = load_images(images)  # type: ignore[arg-type]
    return found, found.name


def _is_one(images: object) -> bool:
    """Whether this is one picture rather than a set of them."""
    if isinstance(images, np.ndarray):
        return images.ndim != 4
    return isinstance(images, bytes | Image.Image) or (isinstance(images, Path) and not images.is_dir())


def _readable(model: Model, images: ImageSet) -> Iterator[_Seen]:
    for index in range(len(images)):
        try:
            picture = images[index].image
        except UnreadableImage:
            if len(images) == 1:
                raise
            continue
        yield _Seen(index, images.id_of(index), model.preprocessing.picture(picture))


def _maps(model: Model, site: Site, unit: int, seen: Iterator[_Seen]) -> Iterator[tuple[_Seen, Floats]]:
    """Each picture with the unit's map (h, w) on it, a block of them at a time."""
    as_it_is = replace(model.preprocessing, keep_matching=True)
    taken: list[Floats] = []

    def take(_: Site, value: Tensor) -> None:
        taken[:] = list(as_planes(value, site.channel_axis)[:, unit].cpu().double().numpy().copy())

    with observe(model, [site], take) as run:
        while block := list(islice(seen, _BATCH)):
            run(torch.stack([as_it_is.prepare(each.picture) for each in block]))
            yield from zip(block, taken, strict=True)


def _with_maps(site: Site) -> Site:
    if len(site.shape) != 3 or site.height * site.width == 1:
        raise UsageError(NO_MAPS.format(site=site.name))
    return site


def _none_read(images: ImageSet) -> str:
    return f"none of the {len(images)} pictures of {images.name} can be read"
