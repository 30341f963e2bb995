"""A network as a differentiable function of its input: frozen, and ended at the last value asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from neurolupa.capture.frames import only_tensor
from neurolupa.capture.leaner import lean
from neurolupa.capture.maps import maps_of
from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.redirecting import redirecting
from neurolupa.capture.running import evaluating, example_input, forward
from neurolupa.capture.site import Site
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError
from neurolupa.models import Model


@dataclass(frozen=True, eq=False)
class Seen:
    """What one differentiable pass gave.

    Attributes:
        values: By `Site.address`, the maps (N, units, height, width) of every chosen site.
        output: The network's output, a tensor, where it was asked for; else None.
    """

    values: Mapping[str, Tensor]
    output: Tensor | None = None


Pass = Callable[..., Seen]


@contextmanager
def differentiable(
    model: Model, sites: Sequence[Site], output: bool = False, only: Mapping[str, Sequence[int]] | None = None
) -> Iterator[Pass]:
    """A network, frozen, as a function of its input that gradients flow back through.

    Yields `run(batch, redirected=False)`: one pass of a batch (N, C, H, W) of any size, ended after the last
    chosen site unless the output is wanted. No gradient of a weight is computed. With `redirected`,
    rectifiers let a blocked gradient through where it would wake the unit (see `redirecting`). Weights lie
    channels-last inside, and some layers are cheaper ones (see `lean`). Model and torch are left as found.

    Args:
        model: The network.
        sites: What to see.
        output: Whether to run to the end and give the network's output too.
        only: By `Site.address`, the units that are computed, in this order, of the last site, where
            `narrowable` says that the others can be left out.

    Raises:
        DataError: (from `run`) the network cannot run on this size, or cuts the gradient off.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()), input_size=8)
    >>> pictures = torch.zeros(2, 3, 9, 9, requires_grad=True)
    >>> with differentiable(model, [trace(model).find("1")]) as run:
    ...     run(pictures).values["1:0"].sum().backward()
    >>> pictures.grad.shape, model.module[0].weight.grad is None
    (torch.Size([2, 3, 9, 9]), True)
    """
    with ExitStack() as stack:
        for inside in (torch.inference_mode(False), evaluating(model), _frozen(model.module)):
            stack.enter_context(inside)
        stack.enter_context(_narrowed(model, sites, only))
        stack.enter_context(lean(model.module))
        passes = _Passes(model, tuple(sites), output)
        with passes.plain.attached() if passes.plain else nullcontext():
            yield passes.run


class _Passes:
    """One observer for plain passes; one for passes with redirected rectifiers, attached while it runs."""

    def __init__(self, model: Model, sites: tuple[Site, ...], output: bool) -> None:
        self._model, self._sites, self._whole = model, sites, output
        self._last = max(sites, key=lambda site: site.order, default=None)
        self._values: dict[str, Tensor] = {}
        self.plain = Observer(model, sites, self._keep) if sites else None
        start = sites or (_first(model),)
        self._redirected = Observer(model, start, self._keep, redirecting)

    def run(self, batch: Tensor, redirected: bool = False) -> Seen:
        """One pass."""
        self._values = {}
        with torch.enable_grad():
            given = batch.clone() if batch.requires_grad and batch.is_leaf else batch
            output = self._pass(given.contiguous(memory_format=torch.channels_last), redirected)
        result = self._output(output, batch) if self._whole else None
        return Seen({site.address: self._values[site.address] for site in self._sites}, result)

    def _pass(self, batch: Tensor, redirected: bool) -> Any:
        if redirected:
            with self._redirected.attached():
                return self._redirected.forward(batch, torch.enable_grad, stop=not self._whole)
        if self.plain is None:
            return forward(self._model, batch, torch.enable_grad)
        return self.plain.forward(batch, torch.enable_grad, stop=not self._whole)

    def _keep(self, visit: Visit) -> None:
        value = visit.value
        if visit.site is not self._last or self._whole:
            value = value.clone()  # what follows may write to it
        self._values[visit.site.address] = maps_of(value, visit.site)

    def _output(self, output: Any, batch: Tensor) -> Tensor:
        found = only_tensor(output)
        if found is None or len(found) != len(batch):
            raise DataError(f"{self._model.name} gives no single tensor with a row for each picture")
        return found


def _first(model: Model) -> Site:
    return trace(model)[0]


@contextmanager
def _frozen(module: nn.Module) -> Iterator[None]:
    """No parameter asks for gradients, and weights of convolutions lie channels-last, inside."""
    parameters = list(module.parameters())
    wanted, stored = [one.requires_grad for one in parameters], [one.data for one in parameters]
    try:
        for one in parameters:
            one.requires_grad_(False)
            if one.ndim == 4:
                one.data = one.data.contiguous(memory_format=torch.channels_last)
        yield
    finally:
        for one, wants, data in zip(parameters, wanted, stored, strict=True):
            one.data = data
            one.requires_grad_(wants)


def narrowable(model: Model, site: Site) -> bool:
    """Whether single units of a site can be computed without the others: a plain convolution, called once.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), input_size=8)
    >>> narrowable(model, trace(model).find("0")), narrowable(model, trace(model).find("1"))
    (True, False)
    """
    if site.op or site.calls > 1:
        return False
    layer = model.module.get_submodule(site.layer)
    if type(layer) is not nn.Conv2d or layer.groups > 1 or "weight" not in layer._parameters:
        return False
    owned = [one for each in model.module.modules() for one in each._parameters.values()]
    return sum(one is layer.weight for one in owned) == 1


@contextmanager
def _narrowed(
    model: Model, sites: Sequence[Site], only: Mapping[str, Sequence[int]] | None
) -> Iterator[None]:
    """Convolutions compute these units alone, inside."""
    by_address = {site.address: site for site in sites}
    layers = [(model.module.get_submodule(by_address[at].layer), units) for at, units in (only or {}).items()]
    stored = [(one, one.data, units) for layer, units in layers for one in layer.parameters(recurse=False)]
    try:
        for one, data, units in stored:
            kept = data[list(units)]
            one.data = kept.contiguous(memory_format=torch.channels_last) if kept.ndim == 4 else kept
        yield
    finally:
        for one, data, _ in stored:
            one.data = data


def smallest_size(model: Model, sites: Sequence[Site], upto: int) -> int | None:
    """The smallest side of a square picture on which a network reaches all of the sites; None above `upto`.

    A site is reached where its maps have at least one element. Found by halving: a network that runs on a
    size is taken to run on every larger one.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 7), nn.ReLU(), nn.Flatten()), input_size=32)
    >>> smallest_size(model, [trace(model).find("1")], 32)
    7
    """
    if not _reaches(model, sites, upto):
        return None
    low, high = 0, upto
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _reaches(model, sites, middle) else (middle, high)
    return high


def _reaches(model: Model, sites: Sequence[Site], size: int) -> bool:
    batch = example_input(model).new_zeros((1, model.preprocessing.channels, size, size))
    try:
        with differentiable(model, sites) as run:
            seen = run(batch)
    except DataError:
        return False
    return all(value.numel() > 0 for value in seen.values.values())
