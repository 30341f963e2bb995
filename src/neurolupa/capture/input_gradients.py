"""What in a picture moves one position of a unit: the gradient of its value with respect to the pixels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from neurolupa.capture.cropping import Crop, crops_of
from neurolupa.capture.given import batch_of
from neurolupa.capture.maps import maps_of
from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.running import evaluating
from neurolupa.capture.site import Site
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.models.running import dtype_of

_CLOSE = 1e-4  # relative; the same sums in another order differ by some 1e-6
_GAIN = 0.9  # crops must save at least a tenth to be worth the attempt


@dataclass(frozen=True)
class Place:
    """One position of one unit of a site."""

    unit: int
    row: int = 0
    column: int = 0


def input_gradient(
    model: Model, batch: Tensor | ArrayLike, site: Site | str, unit: int, position: tuple[int, int] = (0, 0)
) -> Tensor:
    """The gradient of one value at a site with respect to the network's input, (C, H, W).

    Args:
        model: The network; it is left as found.
        batch: One prepared picture, (1, C, H, W) or (C, H, W).
        site: Where the value is.
        unit: Its channel or feature.
        position: Its row and column; (0, 0) where a unit has one value.

    Raises:
        UsageError: An unknown site, no such unit or position, or several pictures.
        DataError: The network cannot run on the picture, or cuts the gradient off.

    >>> from neurolupa.models import load_model
    >>> conv = torch.nn.Conv2d(3, 1, 3, bias=False)
    >>> model = load_model(torch.nn.Sequential(conv), input_size=5)
    >>> gradient = input_gradient(model, torch.zeros(3, 5, 5), "0", 0, (0, 2))
    >>> bool((gradient[:, :3, 2:] == conv.weight[0]).all()), int((gradient != 0).sum())
    (True, 27)
    """
    return input_gradients(model, batch, site, [Place(unit, *position)])[0]


def input_gradients(
    model: Model,
    batch: Tensor | ArrayLike,
    site: Site | str,
    places: Sequence[Place],
    maps: np.ndarray | Tensor | None = None,
) -> Tensor:
    """The same for several places of one site: (places, C, H, W).

    Where the receptive fields are small, the network runs only on the windows of the picture that matter, all
    in one batch, and a window's values must be those of the whole picture; where one is not (operations that
    look at the whole picture), or the windows would save nothing, the whole picture is taken.

    Args:
        model: The network; it is left as found.
        batch: One prepared picture, (1, C, H, W) or (C, H, W).
        site: Where the values are.
        places: Which.
        maps: The site's values on this picture (units, h, w), if known; else they are measured first.

    Raises:
        UsageError: An unknown site, no such unit or position, or several pictures.
        DataError: The network cannot run on the picture, or cuts the gradient off.
    """
    table = trace(model)
    chosen = table.find(site if isinstance(site, str) else site.address)
    image = _one_picture(model, batch)
    if not places:
        return image.new_zeros((0, *image.shape[1:]))
    with torch.inference_mode(False), evaluating(model):
        job = _Job(model, image.clone(), chosen, tuple(places), maps)
        crops = crops_of(table, chosen, [(place.row, place.column) for place in places], job.extent)
        found = job.on_crops(crops) if crops is not None and _worth(crops, job.extent) else None
        return job.on_the_whole() if found is None else found


def _one_picture(model: Model, batch: Tensor | ArrayLike) -> Tensor:
    image = batch_of(batch)
    if len(image) != 1:
        raise UsageError(f"input gradients are of one picture, not of {len(image)}")
    return image.to(model.device, dtype_of(model.module))


def _worth(crops: Sequence[Crop], extent: tuple[int, int]) -> bool:
    """Whether windows, each run forth and back, cost less than one run forth and one back for each place."""
    return 2 * sum(crop.area for crop in crops) < _GAIN * (1 + len(crops)) * extent[0] * extent[1]


@dataclass(frozen=True, eq=False)
class _Job:
    model: Model
    image: Tensor
    site: Site
    places: tuple[Place, ...]
    maps: np.ndarray | Tensor | None

    @property
    def extent(self) -> tuple[int, int]:
        height, width = self.image.shape[-2:]
        return height, width

    def on_crops(self, crops: Sequence[Crop]) -> Tensor | None:
        """The gradients from windows of the picture; None where a window's value is another."""
        known = self._known()
        expected = self._picked(known)
        units, rows, columns = [place.unit for place in self.places], *_positions(crops)
        try:
            pieces, values = self._run(
                torch.cat([_cut(self.image, crop) for crop in crops]),
                lambda maps: maps[range(len(crops)), units, rows, columns],
            )
        except (DataError, IndexError):  # the network does not take pictures of this size
            return None
        slack = _CLOSE / 10 * _largest(known)
        if not torch.allclose(values.detach().to(known), expected, rtol=_CLOSE, atol=slack):
            return None
        slopes = self._slope(values.sum(), pieces)
        gradients = slopes.new_zeros((len(crops), *self.image.shape[1:]))
        for gradient, slope, crop in zip(gradients, slopes, crops, strict=True):
            _cut(gradient, crop).copy_(slope)
        return gradients

    def on_the_whole(self) -> Tensor:
        """The gradients from the whole picture: one run forth, one back for each place."""
        image, values = self._run(self.image, lambda maps: self._picked(maps[0]))
        last = len(values) - 1
        return torch.cat([self._slope(value, image, index < last) for index, value in enumerate(values)])

    def _slope(self, value: Tensor, leaf: Tensor, again: bool = False) -> Tensor:
        """The gradient of a value; where only the weights lead to it, the network cut the picture off."""
        (slope,) = torch.autograd.grad(value, leaf, retain_graph=again, allow_unused=True)
        if slope is None:
            raise self._cut_off()
        return slope

    def _cut_off(self) -> DataError:
        return DataError(f"no gradient can be had at {self.site.address}: the network cuts it off")

    def _run(self, batch: Tensor, pick: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        """The leaf that the network saw, and what `pick` copied of the site's maps on the way."""
        leaf = batch.detach().requires_grad_()
        values = self._watched(leaf.clone(), pick, torch.enable_grad)  # the network may write to it: no leaf
        if not values.requires_grad:
            raise self._cut_off()
        return leaf, values

    def _known(self) -> Tensor:
        """The site's values on the whole picture, (units, h, w)."""
        if self.maps is not None:
            return torch.as_tensor(self.maps)
        return self._watched(self.image.clone(), lambda maps: maps[0].clone(), torch.no_grad)

    def _picked(self, maps: Tensor) -> Tensor:
        """The values at the places in maps (units, h, w), a copy; UsageError for a place outside of them."""
        for place in self.places:
            for name, count in zip(("unit", "row", "column"), maps.shape, strict=True):
                if not 0 <= getattr(place, name) < count:
                    fault = f"no {name} {getattr(place, name)} at {self.site.name}"
                    raise UsageError(f"{fault}; {name}s are 0 to {count - 1}")
        return maps[[place.unit for place in self.places], *_positions(self.places)]

    def _watched(self, batch: Tensor, pick: Callable[[Tensor], Tensor], grad: Callable) -> Tensor:
        """What `pick` takes of the site's maps (N, units, h, w) in one run, which ends there."""
        found: list[Tensor] = []

        def visit(visit: Visit) -> None:
            found.append(pick(maps_of(visit.value, self.site)))

        observer = Observer(self.model, [self.site], visit)
        with observer.attached(), grad():
            observer.forward(batch, grad)
        return found[0]


def _largest(values: Tensor) -> float:
    """The largest magnitude among the finite values; 0 where there is none."""
    sizes = values.abs()
    largest = float(sizes.max())
    return largest if isfinite(largest) else float(sizes.nan_to_num(nan=0.0, posinf=0.0).max())


def _positions(places: Sequence[Place | Crop]) -> tuple[list[int], list[int]]:
    return [place.row for place in places], [place.column for place in places]


def _cut(image: Tensor, crop: Crop) -> Tensor:
    return image[..., crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
