"""Activations, and gradients if wanted, of a few images in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from neurolupa.capture.given import Target, batch_of, logits_from, of_targets, targets_of
from neurolupa.capture.observing import Observer, values_to
from neurolupa.capture.running import evaluating
from neurolupa.capture.site import Site
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.models import Model, as_model
from neurolupa.models.running import dtype_of


class UnknownSiteError(UsageError, KeyError):
    """A name that a recording does not hold: a KeyError, as mappings raise, with the nearest names."""

    __str__ = Exception.__str__  # KeyError would quote the message


class _Tensors(dict[str, Tensor]):
    """Tensors by site; a missing name says which there are."""

    def __missing__(self, name: object) -> Tensor:
        raise UnknownSiteError(str(unknown("site of this recording", str(name), self)))


@dataclass(frozen=True, eq=False)
class Recording(Mapping[str, Tensor]):
    """The values of some sites for one batch: a mapping from `Site.name` to a tensor (N, ...).

    Attributes:
        sites: The sites, in forward order.
        activations: What the mapping gives.
        gradients: By the same names, the gradient of the targets' logits, summed over the batch, with respect
            to the value at the site (before any later in-place change); empty where none were asked for.
        targets: The network class of each image whose logit was differentiated; empty likewise.
    """

    sites: tuple[Site, ...]
    activations: Mapping[str, Tensor] = field(repr=False)
    gradients: Mapping[str, Tensor] = field(default_factory=dict, repr=False)
    targets: tuple[int, ...] = ()

    def __getitem__(self, name: str) -> Tensor:
        return self.activations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.activations)

    def __len__(self) -> int:
        return len(self.activations)


def record(
    model: Model | str | nn.Module,
    batch: Tensor | ArrayLike,
    sites: str | Iterable[str | Site],
    gradients: bool = False,
    target: Target | None = None,
) -> Recording:
    """The values of a selection of sites for a few prepared images, copied the moment they are there.

    Args:
        model: The network; it is left as found. A name or a module is made a model with `load_model`, for
            the batch's size.
        batch: Prepared images (N, C, H, W), or one (C, H, W), as a tensor, an array or lists.
        sites: A selection: addresses, globs and kinds.
        gradients: Also the gradients of the target logits with respect to the values.
        target: Network class per image, or one for all; None takes each image's own strongest.

    Raises:
        UsageError: An unknown site, a batch that is no array, or a class that the network does not have.
        DataError: The network cannot run on this batch or, with gradients, gives no differentiable logits.

    >>> from torch import nn
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()), input_size=8)
    >>> recording = record(model, torch.zeros(2, 3, 8, 8), "0, 1")
    >>> {name: tuple(value.shape) for name, value in recording.items()}
    {'0': (2, 4, 6, 6), '1': (2, 4, 6, 6)}
    """
    images = batch_of(batch)
    network = as_model(model, input_size=_size(images))
    chosen = trace(network).select(sites)
    if target is not None and not gradients:
        raise UsageError("a target is only used with gradients=True")
    with torch.inference_mode(False):  # so that what is returned can be used anywhere
        kept = images.to(network.device, dtype_of(network.module)).clone()
        return _with_gradients(network, kept, chosen, target) if gradients else _values(network, kept, chosen)


def _size(images: Tensor) -> tuple[int, int]:
    height, width = images.shape[-2:]
    return height, width


def _values(model: Model, images: Tensor, sites: tuple[Site, ...]) -> Recording:
    values: dict[str, Tensor] = {}

    def keep(site: Site, value: Tensor) -> None:
        values[site.name] = value.detach().clone()

    observer = Observer(model, sites, values_to(keep))
    with evaluating(model), observer.attached():
        observer.forward(images, torch.no_grad)
    return _recording(sites, values)


def _with_gradients(
    model: Model, images: Tensor, sites: tuple[Site, ...], target: Target | None
) -> Recording:
    values: dict[str, Tensor] = {}
    points: dict[str, _Point] = {}

    def keep(site: Site, value: Tensor) -> None:
        values[site.name] = value.detach().clone()
        points[site.name] = _Point.of(site, value)

    observer = Observer(model, sites, values_to(keep))
    with evaluating(model), observer.attached(), torch.enable_grad():
        start = images.detach().requires_grad_().clone()  # the network may write to it: no leaf
        logits = _logits(observer.forward(start, torch.enable_grad, stop=False), len(images))
        targets = targets_of(target, logits)
        slopes = _differentiate(logits, targets, list(points.values()))
    gradients = {
        name: torch.zeros_like(values[name]) if slope is None else slope.detach()
        for name, slope in zip(points, slopes, strict=True)
    }
    return _recording(sites, values, gradients, targets)


@dataclass(frozen=True)
class _Point:
    """The place of a value in the graph of the forward pass, taken before an in-place operation moves on."""

    site: Site
    value: Tensor
    edge: GradientEdge
    version: int

    @classmethod
    def of(cls, site: Site, value: Tensor) -> "_Point":
        if not value.requires_grad:
            raise DataError(f"no gradient can be had at {site.address}: the network cuts it off")
        return cls(site, value, get_gradient_edge(value), value._version)

    def check(self) -> None:
        """Refuse a view that was written to: its place in the graph is no longer on the way to the logits."""
        if self.value._is_view() and self.value._version != self.version:
            raise DataError(
                f"no gradient can be had at {self.site.address}: the network changes a view in place"
            )


def _differentiate(
    logits: Tensor, targets: Sequence[int], points: Sequence[_Point]
) -> Sequence[Tensor | None]:
    for point in points:
        point.check()
    chosen = of_targets(logits, targets)
    return torch.autograd.grad(chosen, [point.edge for point in points], allow_unused=True)


def _logits(output: object, count: int) -> Tensor:
    logits = logits_from(output, count)
    if not logits.requires_grad:
        raise DataError("the logits have no gradient: the network runs without one")
    return logits


def _recording(
    sites: tuple[Site, ...],
    values: Mapping[str, Tensor],
    gradients: Mapping[str, Tensor] | None = None,
    targets: tuple[int, ...] = (),
) -> Recording:
    def ordered(tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        named = {site.name: tensors[site.name] for site in sites if site.name in tensors}
        return MappingProxyType(_Tensors(named))

    return Recording(sites, ordered(values), ordered(gradients or {}), targets)
