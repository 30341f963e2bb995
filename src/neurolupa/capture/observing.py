"""Watching chosen sites while the network runs, and stopping it once they are all there."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from neurolupa.capture.frames import Frames, only_tensor
from neurolupa.capture.operations import is_site_call, operation_name
from neurolupa.capture.running import EarlyStop, evaluating, forward
from neurolupa.capture.site import Site
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.models import Model

OnValue = Callable[[Site, Tensor], None]


@contextmanager
def observe(model: Model, sites: Sequence[Site], on_value: OnValue) -> Iterator[Callable[[Tensor], None]]:
    """Give every value of the chosen sites to `on_value` while batches run through the network.

    Yields `run(batch)`: one forward pass of a batch (N, C, H, W) under inference mode, which ends as soon as
    the last chosen site is there. `on_value(site, value)` gets the raw tensor while the network runs, so it
    must measure or clone at once: a later in-place operation may change it. Only the calling thread is
    watched, the model's lock is held, and the model is left as found, also after an exception.

    Raises:
        UsageError: No site, or a site of another network.
        DataError: (from `run`) the network cannot run on this batch, or took another path and missed a site.

    >>> from neurolupa.capture import trace
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten()), input_size=8)
    >>> sites = trace(model).select("kind:relu")
    >>> with observe(model, sites, lambda site, value: print(site.name, value.shape)) as run:
    ...     run(torch.zeros(2, 3, 8, 8))
    1 torch.Size([2, 4, 6, 6])
    """
    observer = Observer(model, sites, on_value)
    with evaluating(model), observer.attached():
        yield observer.run


class Observer:
    """Hooks on the layers of the chosen sites; on every layer, with a mode, if an operation is among them."""

    def __init__(self, model: Model, sites: Sequence[Site], on_value: OnValue) -> None:
        if not sites:
            raise UsageError("no site to observe")
        self._model = model
        self._on_value = on_value
        self._wanted = {(site.layer, site.op, site.call): site for site in sites}
        self._frames = Frames(model.module)
        self._layers = {site.layer for site in sites} - {""}
        self._mode = _Operations(self) if any(site.op for site in sites) else None
        self._thread: int | None = None
        self._fault: BaseException | None = None
        missing = self._layers - set(self._frames.paths.values())
        if missing:
            raise unknown("layer", min(missing), self._frames.paths.values())

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hooks are in place inside, and gone afterwards."""
        handles = []
        try:
            for module, path in self._frames.paths.items():
                if path and self._mode is not None:
                    handles.append(module.register_forward_pre_hook(self._enter))
                    handles.append(module.register_forward_hook(self._leave, always_call=True))
                elif path in self._layers:
                    handles.append(module.register_forward_hook(self._value))
            yield
        finally:
            for handle in handles:
                handle.remove()

    def run(self, batch: Tensor) -> None:
        """One forward pass under inference mode, as far as the last chosen site."""
        self.forward(batch, torch.inference_mode)

    def forward(self, batch: Tensor, grad: Callable[[], AbstractContextManager], stop: bool = True) -> Any:
        """One forward pass; its output, or None where it was stopped early."""
        self._frames.reset()
        self._left = dict(self._wanted)
        self._stop, self._fault, output = stop, None, None
        self._thread = threading.get_ident()
        try:
            with self._mode or nullcontext():
                output = forward(self._model, batch, grad)
        except EarlyStop:
            pass
        finally:
            self._thread = None
        self._report()
        return output

    def _report(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._left:
            missed = ", ".join(site.address for site in self._left.values())
            raise DataError(f"the forward pass did not reach {missed}: it took another way than the trace")

    def _enter(self, module: nn.Module, args: Any) -> None:
        if threading.get_ident() == self._thread:
            self._frames.enter(module)

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if threading.get_ident() == self._thread:
            self._frames.leave()
            self._value(module, args, output)

    def _value(self, module: nn.Module, args: Any, output: Any) -> None:
        if threading.get_ident() == self._thread:
            self._deliver(self._frames.paths[module], "", output)

    def operation(self, func: Any, args: Any, kwargs: Any, output: Any) -> None:
        """A torch function has run, somewhere in the network or in what `on_value` does."""
        name = operation_name(func)
        if self._thread is None or self._frames.is_opaque or not is_site_call(name, args, kwargs):
            return
        self._deliver(self._frames.path, name, output)

    def _deliver(self, path: str, op: str, output: Any) -> None:
        key = (path, op, self._frames.number(path, op))
        value = only_tensor(output)
        if key not in self._left or value is None:
            return
        site = self._left.pop(key)
        thread, self._thread = self._thread, None  # what on_value runs is not watched
        try:
            self._on_value(site, value)
        except BaseException as fault:
            self._fault = fault
            raise EarlyStop from fault
        finally:
            self._thread = thread
        if self._stop and not self._left:
            raise EarlyStop


class _Operations(TorchFunctionMode):
    """Shows an observer every torch function."""

    def __init__(self, observer: Observer) -> None:
        super().__init__()
        self._observer = observer

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        self._observer.operation(func, args, kwargs, output)
        return output
