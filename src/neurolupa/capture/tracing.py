"""The one run on one example that finds every site of a network and follows the data between them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from neurolupa.capture.call import Call
from neurolupa.capture.fields import ReceptiveField
from neurolupa.capture.flow import UNKNOWN, Flow
from neurolupa.capture.flows import Flows, Input
from neurolupa.capture.frames import Frames, only_tensor
from neurolupa.capture.linking import Linker
from neurolupa.capture.modules import blocks_of, kind_of_module
from neurolupa.capture.operations import is_site_call, kind_of_operation, operation_name, type_label
from neurolupa.capture.running import evaluating, example_input, forward
from neurolupa.capture.site import Link, Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import DataError
from neurolupa.models import Model, as_model

_TABLES: WeakKeyDictionary[Model, SiteTable] = WeakKeyDictionary()


def trace(model: Model | str | nn.Module) -> SiteTable:
    """Every site of a network, in forward order, found by one run on one example of its input size.

    The table is kept as long as the model lives; the model is left as found. A name or a module is made a
    model with `load_model`.

    Raises:
        UsageError: A name that is unknown, or no network at all.
        DataError: The network cannot run on one image of its input size, or hides its inner calls.

    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(0)), input_size=8)
    >>> [(site.name, site.kind, site.shape) for site in trace(model)]
    [('0', 'conv', (4, 6, 6)), ('1', 'relu', (4, 6, 6))]
    """
    network = as_model(model)
    table = _TABLES.get(network)
    if table is None:
        refuse_hidden(network.module)
        with evaluating(network):
            table = _TABLES[network] = _trace(network)
    return table


def _trace(model: Model) -> SiteTable:
    image = example_input(model)
    tracer = _Tracer(model.module, image)
    with tracer.attached():
        forward(model, image)
    if not tracer.linker.sites:
        name = type(model.module).__name__
        raise DataError(f"no layer or operation of {name} can be observed")
    return _table(tracer.linker)


def _table(linker: Linker) -> SiteTable:
    calls = {site.path: site.call + 1 for site in linker.sites}
    sites = [
        replace(site, calls=calls[site.path], kind="gate" if index in linker.gates else site.kind)
        for index, site in enumerate(linker.sites)
    ]
    links = {
        (sites[source].address, point): Link(sites[target], point, "after_add" if shared else "own")
        for (source, point), (target, shared) in linker.links.items()
    }
    return SiteTable(sites, links)


def refuse_hidden(module: nn.Module) -> None:
    """Raise DataError for a network whose inner calls cannot be seen, or that has no weights yet."""
    if isinstance(module, torch.jit.ScriptModule):
        raise DataError(
            "a TorchScript network hides its inner calls: it has no sites; give the Python module"
        )
    for path, part in module.named_modules():
        if type(part).__name__ == "OptimizedModule" or getattr(part, "_compiled_call_impl", None) is not None:
            where = path or "the network"
            raise DataError(f"{where} is compiled, which hides its inner calls; give it before torch.compile")
    if any(is_lazy(parameter) for parameter in module.parameters()):
        raise DataError("the network has lazy layers without weights yet; run it once before it is traced")


class _Tracer(TorchFunctionMode):
    """Hooks on every module and a mode that sees every torch function, for one forward pass."""

    def __init__(self, root: nn.Module, image: Tensor) -> None:
        super().__init__()
        self.linker = Linker()
        self._frames = Frames(root)
        self._flows = Flows(root, image)
        self._blocks = blocks_of(root)
        self._thread = threading.get_ident()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Watch the forward pass made inside; every hook is removed at the end."""
        modules = [module for module, path in self._frames.paths.items() if path]
        handles = []
        try:
            for module in modules:
                handles.append(module.register_forward_pre_hook(self._enter, with_kwargs=True))
                handles.append(module.register_forward_hook(self._leave, always_call=True))
            with self:
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() == self._thread:
            self._frames.enter(module, self._flows.inputs(args, kwargs))

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        inputs = self._frames.leave()
        path, value = self._frames.paths[module], only_tensor(output)
        call = self._frames.number(path, "")
        if value is None:
            return
        kind = "block" if module in self._blocks else kind_of_module(module)
        if value not in self._flows:
            self._flows[value] = _assumed(kind, inputs, value)
        weight = sum(parameter.numel() for parameter in module.parameters())
        site = Site(path, call=call, type=type(module).__name__, kind=kind, parameters=weight)
        self._take(site, inputs, value)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        call = Call(operation_name(func), args, kwargs, self._flows.inputs(args, kwargs))
        output = func(*args, **kwargs)
        self._flows.apply(call, output)
        if not self._frames.is_opaque:
            self._operation(call, output)
        return output

    def _operation(self, call: Call, output: Any) -> None:
        if call.name == "mul" and len(call.inputs) > 1:
            self.linker.multiply(call.inputs)
        if not is_site_call(call.name, call.args, call.kwargs):
            return
        path, value = self._frames.path, only_tensor(output)
        number = self._frames.number(path, call.name)
        if value is not None:
            kind = kind_of_operation(call.name)
            self._take(
                Site(path, call.name, number, type=type_label(call.name), kind=kind), call.inputs, value
            )

    def _take(self, site: Site, inputs: Sequence[Input], value: Tensor) -> None:
        """Add a site, unless its value is empty, not from the input, or not one row an image."""
        flow = self._flows[value]
        captured = value.is_floating_point() and value.ndim >= 2 and value.shape[0] == 1 and value.numel()
        if flow is None or not captured:
            return
        channel = _channel_axis(flow, value.ndim)
        site = replace(
            site,
            order=len(self.linker.sites),
            shape=tuple(value.shape[1:]),
            channel_axis=channel,
            rectified=flow.rectified,
            receptive_field=_receptive_field(flow, channel, value.ndim),
        )
        self._flows[value] = self.linker.add(site, inputs[0][1] if inputs else None, flow)


def _assumed(kind: str, inputs: Sequence[Input], value: Tensor) -> Flow:
    """The flow of a value that a module made out of sight: a non-linearity moves nothing."""
    if kind == "relu" and len(inputs) == 1 and inputs[0][0] == tuple(value.shape):
        return replace(inputs[0][1], rectified=False)
    return UNKNOWN


def _channel_axis(flow: Flow, ndim: int) -> int:
    if flow.channel is not None and 0 < flow.channel < ndim:
        return flow.channel
    return ndim - 1 if ndim == 3 else 1


def _receptive_field(flow: Flow, channel: int, ndim: int) -> ReceptiveField | None:
    """The field, where its axes are the rows and columns of the site, or hold for all positions alike."""
    if flow.field is None:
        return None
    positions = [axis for axis in range(1, ndim) if axis != channel][-2:]
    wanted = [None] * (2 - len(positions)) + positions
    fits = all(axis in (None, place) for axis, place in zip(flow.spatial, wanted, strict=True))
    return ReceptiveField.of(*flow.field) if fits and ndim <= 4 else None
