"""Watching chosen sites while the network runs, and stopping it once they are all there."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from neurolupa.capture.flows import tensors_in
from neurolupa.capture.frames import Frames, only_tensor, with_tensor
from neurolupa.capture.operations import is_site_call, operation_name, writes_in_place
from neurolupa.capture.running import EarlyStop, evaluating, forward
from neurolupa.capture.site import Site
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.models import Model

OnValue = Callable[[Site, Tensor], None]


@dataclass(frozen=True)
class Visit:
    """One call of a site at the moment it is done: what it gives, and what it was given.

    Attributes:
        site: Whose call this is.
        value: The tensor that the call gives, raw.
        caller: The module or the torch function that was called.
        args: Its arguments, as they are after the call.
        kwargs: Its named arguments.
    """

    site: Site
    value: Tensor
    caller: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]

    @property
    def given(self) -> Tensor | None:
        """The first tensor among the arguments."""
        return next(tensors_in((self.args, self.kwargs)), None)

    @property
    def in_place(self) -> bool:
        """Whether the value was written over what the call was given."""
        return self.value is self.given and writes_in_place(self.caller, self.args, self.kwargs)


OnVisit = Callable[[Visit], Tensor | None]
Through = Callable[[Any, Sequence[Any], Mapping[str, Any]], Any]
"""Runs a torch function on its arguments, or does something in its place."""


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
    observer = Observer(model, sites, values_to(on_value))
    with evaluating(model), observer.attached():
        yield observer.run


def values_to(on_value: OnValue) -> OnVisit:
    """What an observer calls, for those who want to see the site and its value and to change nothing.

    >>> values_to(lambda site, value: print(site, value))(Visit("fc", 1, None, (), {}))
    fc 1
    """

    def visit(visit: Visit) -> None:
        on_value(visit.site, visit.value)

    return visit


class Observer:
    """Hooks on the layers of the chosen sites; on every layer, with a mode, if an operation is among them.

    Where `on_visit` gives a tensor, the network goes on with that in the place of the value. Where `through`
    is given, the network's torch functions run through it.
    """

    def __init__(
        self, model: Model, sites: Sequence[Site], on_visit: OnVisit, through: Through | None = None
    ) -> None:
        if not sites:
            raise UsageError("no site to observe")
        self._model = model
        self._on_visit = on_visit
        self._wanted = {(site.layer, site.op, site.call): site for site in sites}
        self._frames = Frames(model.module)
        self._layers = {site.layer for site in sites} - {""}
        self._through = through
        self._follows = any(site.op for site in sites)
        self._mode = _Operations(self) if through or self._follows else None
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
                if path and self._follows:
                    handles.append(module.register_forward_pre_hook(self._enter))
                    handles.append(
                        module.register_forward_hook(self._leave, with_kwargs=True, always_call=True)
                    )
                elif path in self._layers:
                    handles.append(module.register_forward_hook(self._value, with_kwargs=True))
            yield
        finally:
            for handle in handles:
                handle.remove()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Inside, a pass that somebody else runs in this thread is watched; sites may be missed."""
        self._frames.reset()
        self._left, self._stop, self._fault = dict(self._wanted), False, None
        self._thread = threading.get_ident()
        try:
            with self._mode or nullcontext():
                yield
        finally:
            self._thread = None

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

    def _leave(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        if threading.get_ident() != self._thread:
            return None
        self._frames.leave()
        return self._value(module, args, kwargs, output)

    def _value(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        if threading.get_ident() != self._thread:
            return None
        return self._deliver((self._frames.paths[module], ""), output, (module, args, kwargs))

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run a torch function and look at what it gives; what `on_visit` does itself runs as it is."""
        if self._through is None or self._thread is None:
            output = func(*args, **kwargs)
        else:
            output = self._through(func, args, kwargs)
        return self.operation(func, args, kwargs, output) if self._follows else output

    def operation(self, func: Any, args: Any, kwargs: Any, output: Any) -> Any:
        """A torch function has run, somewhere in the network or in what `on_visit` does; gives its output."""
        name = operation_name(func)
        if self._thread is None or self._frames.is_opaque or not is_site_call(name, args, kwargs):
            return output
        return self._deliver((self._frames.path, name), output, (func, args, kwargs))

    def _deliver(self, place: tuple[str, str], output: Any, call: tuple[Any, Any, Any]) -> Any:
        """The output of a call that is done, changed where `on_visit` says so."""
        key = (*place, self._frames.number(*place))
        value = only_tensor(output)
        if key not in self._left or value is None:
            return output
        visit = Visit(self._left.pop(key), value, *call)
        thread, self._thread = self._thread, None  # what on_visit runs is not watched
        try:
            changed = self._on_visit(visit)
        except BaseException as fault:
            self._fault = fault
            raise EarlyStop from fault
        finally:
            self._thread = thread
        if self._stop and not self._left:
            raise EarlyStop
        return output if changed is None else _instead(visit, output, changed)


def _instead(visit: Visit, output: Any, changed: Tensor) -> Any:
    """The output with its one tensor exchanged; in the tensor itself where it was written in place.

    A network may drop what an in-place call returns and read what it had given.
    """
    if visit.in_place:
        visit.value.data = changed
        return output
    return with_tensor(output, changed)


class _Operations(TorchFunctionMode):
    """Shows an observer every torch function."""

    def __init__(self, observer: Observer) -> None:
        super().__init__()
        self._observer = observer

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        return self._observer.call(func, args, kwargs)
