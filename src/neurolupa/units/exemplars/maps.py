"""The whole activation map of a unit on each of its exemplars: the network is run again, on them alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.atlas import Atlas
from neurolupa.capture import Site, observe, trace
from neurolupa.core.planes import as_planes
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.units.exemplars.result import Exemplars

_BATCH = 16


@dataclass(frozen=True, eq=False)
class ExemplarMaps:
    """A unit's map on each of its exemplars.

    Attributes:
        exemplars: whose maps these are, in their order.
        maps: (E, H, W) float32.
        from_thumbs: whether the network saw the pictures that the atlas keeps. Those of inputs above 64
            pixels went through JPEG, so that the maps differ a little from those of the scan.
    """

    exemplars: Exemplars
    maps: NDArray[np.float32]
    from_thumbs: bool

    @property
    def contour_level(self) -> float:
        """The value at which all contours are drawn: half the highest of all.

        One level for all pictures, as Network Dissection has one threshold a unit (Bau et al. 2017), so
        that a picture that hardly drives the unit has no contour. NaN where it is nowhere above zero.
        """
        highest = float(self.maps.max())
        return highest / 2 if highest > 0 else float("nan")


def exemplar_maps(
    atlas: Atlas, model: Model, exemplars: Exemplars, images: ImageSet | None = None
) -> ExemplarMaps:
    """The maps of a unit on its exemplars, for the contours of what drives it.

    An atlas keeps no maps. This runs the network on the few pictures that it names: on those of `images`,
    which must be the set that was scanned, or on the prepared pictures that the atlas keeps.

    Raises:
        UsageError: The network or the images are not those of the atlas, or the site has no maps.

    >>> import neurolupa as nl
    >>> from neurolupa.units.exemplars import unit_exemplars
    >>> atlas, model = nl.open_atlas("atlas"), nl.load_model("embedded")
    >>> found = exemplar_maps(atlas, model, unit_exemplars(atlas, "relu", 3))
    >>> found.maps.shape[1:], found.from_thumbs
    ((32, 32), True)
    """
    site = _site(atlas, model, exemplars.site)
    if images is not None and images.digest() != atlas.source.images_digest:
        raise UsageError(f"{images.name} is not the image set that was scanned, {atlas.source.images}")
    numbers = list(dict.fromkeys(each.image for each in exemplars.exemplars))
    maps = _maps(model, site, exemplars.unit, _inputs(atlas, model, numbers, images))
    stacked = np.stack([maps[numbers.index(each.image)] for each in exemplars.exemplars])
    return ExemplarMaps(exemplars, stacked, images is None)


def _site(atlas: Atlas, model: Model, name: str) -> Site:
    if model.weights_digest != atlas.source.weights_digest:
        raise UsageError(f"{model.name} is not the network that was scanned: its weights have another digest")
    site = trace(model).select(name)[0]
    if len(site.shape) < 3:
        raise UsageError(f"the units of {name} have one value a picture and no maps")
    return site


def _inputs(atlas: Atlas, model: Model, numbers: list[int], images: ImageSet | None) -> Iterator[Tensor]:
    whole = replace(model.preprocessing, keep_matching=True)  # the kept pictures are cropped already
    for number in numbers:
        yield whole.prepare(atlas.thumb(number)) if images is None else model.prepare(images[number].image)


def _maps(model: Model, site: Site, unit: int, inputs: Iterator[Tensor]) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = []

    def take(_: Site, value: Tensor) -> None:
        found.extend(as_planes(value, site.channel_axis)[:, unit].float().cpu().numpy().copy())

    with observe(model, [site], take) as run:
        while batch := list(islice(inputs, _BATCH)):
            run(torch.stack(batch))
    return found
