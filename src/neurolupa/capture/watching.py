"""One forward pass that somebody else runs, watched: a training step, in the user's own loop."""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError
from neurolupa.models import Model, Preprocessing, Weights

T = TypeVar("T")
_COMPILED = DataError("it runs inside torch.compile, which hides its layers; train the network itself")


def sites_of_module(module: nn.Module, batch: Tensor) -> SiteTable:
    """The sites of a network for inputs as large as a batch (N, C, H, W), found on a copy in eval mode.

    Raises:
        DataError: The network cannot be copied, cannot run on one such picture, or hides its inner calls.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    >>> sites_of_module(net, torch.zeros(2, 3, 8, 8)).find("1").shape
    (4, 6, 6)
    """
    if not isinstance(batch, Tensor) or batch.ndim != 4:
        raise DataError("a network is watched on batches of pictures (N, C, H, W)")
    try:
        twin = copy.deepcopy(module)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{type(module).__name__} cannot be copied to find its sites: {reason}") from error
    return trace(_as_model(twin.eval(), batch))


def _as_model(module: nn.Module, batch: Tensor) -> Model:
    channels, size = batch.shape[1], (int(batch.shape[-2]), int(batch.shape[-1]))
    steps = Preprocessing(size, mean=(0.0,) * channels, std=(1.0,) * channels, channels=channels)
    name = type(module).__name__
    return Model(name, name, module, steps, None, Weights("given"), batch.device)


class NextPass(Generic[T]):
    """Measures the chosen sites during the next training pass, and is gone.

    A training pass is one in training mode with gradients; others are let by. Two hooks on the network itself
    wait for it, the others are there while it lasts. Modes, values, gradients and random numbers are left
    alone. A pass that fails does not count, and the next is taken. Copies of the network, and what is
    read from a file, are not watched.

    Attributes:
        found: What `measure` gave for each site that the pass came by, in the order of the calls.
        fault: Why the pass could not be measured; it went on as if it were not watched.
        done: Whether the pass is over, and the hooks are gone.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    >>> sites = lambda batch: sites_of_module(net, batch).select("kind:relu")
    >>> watched = NextPass(net, sites, lambda site, value: (site.name, tuple(value.shape)))
    >>> _ = net(torch.zeros(2, 3, 8, 8)), net(torch.zeros(5, 3, 8, 8))
    >>> watched.found, watched.done, len(net._forward_pre_hooks)
    ([('1', (2, 4, 6, 6))], True, 0)
    """

    def __init__(
        self,
        module: nn.Module,
        sites: Callable[[Tensor], Sequence[Site]],
        measure: Callable[[Site, Tensor], T],
    ) -> None:
        self.found: list[T] = []
        self.fault: BaseException | None = None
        self.done = False
        self._module, self._sites, self._measure = module, sites, measure
        self._thread: int | None = None
        self._inside = ExitStack()
        begin, end = _Hook(self._begin), _Hook(self._end)
        self._handles = (
            module.register_forward_pre_hook(begin, with_kwargs=True),
            module.register_forward_hook(end, always_call=True),
        )

    def close(self) -> None:
        """Watch no longer; a pass that is under way in another thread ends by itself."""
        for handle in self._handles:
            handle.remove()
        if self._is_mine:
            self._leave()

    @property
    def _is_mine(self) -> bool:
        return self._thread is not None and self._thread == threading.get_ident()

    def _leave(self) -> None:
        self._inside.close()
        self._thread = None

    def _begin(self, module: nn.Module, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if torch.compiler.is_compiling():  # the compiler reads this; it follows plain assignments only
            self.fault, self.done = _COMPILED, True
            return
        if self._is_mine:
            self._leave()  # the pass before was cut off, as by Ctrl-C
        if self.done or self._thread is not None or not (module.training and torch.is_grad_enabled()):
            return
        self._thread = threading.get_ident()
        try:
            self._watch(module, [*args, *kwargs.values()])
        except Exception as error:
            self._inside.close()
            self.fault = error

    def _watch(self, module: nn.Module, given: Sequence[Any]) -> None:
        """Attach what watches this pass.

        Raises:
            DataError: Copies of the network run, or its sites cannot be found.
        """
        if module is not self._module:
            raise DataError("copies of it run, as in DataParallel on many devices; train on one device")
        batch = next((one for one in given if isinstance(one, Tensor)), None)
        with torch.no_grad():
            sites = self._sites(batch)  # type: ignore[arg-type]
        observer = Observer(_as_model(module, batch), sites, self._visit)  # type: ignore[arg-type]
        self.found = []
        self._inside.enter_context(observer.attached())
        self._inside.enter_context(observer.following())

    def _end(self, module: nn.Module, args: Any, output: Any) -> None:
        if not self._is_mine:
            return
        self._leave()
        fault = self.fault
        if output is None:  # the pass failed; torch is going through the hooks, which must stay
            self.fault = None
        else:
            self.done = True
            self.close()
        if fault is not None and not isinstance(fault, Exception):
            raise fault

    def _visit(self, visit: Visit) -> None:
        if self.fault is not None:
            return
        try:
            with torch.no_grad():
                self.found.append(self._measure(visit.site, visit.value.detach()))
        except BaseException as fault:  # also Ctrl-C, which is raised where the pass ends
            self.fault = fault


class _Hook:
    """A hook that a copy of the network, or one that is read from a file, has as one that does nothing."""

    def __init__(self, action: Callable[..., None] | None = None) -> None:
        self._action = action

    def __call__(self, *call: Any) -> None:
        if self._action is not None:
            self._action(*call)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Hook, ()
