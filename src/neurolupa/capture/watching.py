"""One forward pass that somebody else runs, watched: a training step, in the user's own loop."""

import copy
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from neurolupa.capture.observing import Observer, Visit
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError
from neurolupa.models import Model, Preprocessing, Weights

OnValue = Callable[[Site, Tensor], None]


def sites_of_module(module: nn.Module, batch: Tensor) -> SiteTable:
    """The sites of a network for inputs as large as a batch (N, C, H, W), found on a copy in eval mode.

    Raises:
        DataError: The network cannot be copied, or hides its inner calls.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    >>> sites_of_module(net, torch.zeros(2, 3, 8, 8)).find("1").shape
    (4, 6, 6)
    """
    if not isinstance(batch, Tensor) or batch.ndim != 4:
        raise DataError("a network is watched on batches of pictures (N, C, H, W)")
    try:
        twin = copy.deepcopy(module)
    except Exception as error:
        raise DataError(f"{type(module).__name__} cannot be copied to find its sites: {error}") from None
    return trace(_as_model(twin.eval(), batch))


def _as_model(module: nn.Module, batch: Tensor) -> Model:
    channels, size = batch.shape[1], (int(batch.shape[-2]), int(batch.shape[-1]))
    steps = Preprocessing(size, mean=(0.0,) * channels, std=(1.0,) * channels, channels=channels)
    name = type(module).__name__
    return Model(name, name, module, steps, None, Weights("given"), batch.device)


class NextPass:
    """Hands the values of the chosen sites to `on_value` during the next training pass, and is gone.

    Nothing is attached but one hook on the network itself until that pass begins; modes, values, gradients
    and random numbers are left alone. A fault of `on_value` is kept in `fault` and does not end the pass.
    Passes in eval mode, and those of other threads, are let by.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    >>> sites = lambda batch: sites_of_module(net, batch).select("kind:relu")
    >>> watched = NextPass(net, sites, lambda site, value: print(site.name, tuple(value.shape)))
    >>> _ = net(torch.zeros(2, 3, 8, 8)), net(torch.zeros(2, 3, 8, 8))
    1 (2, 4, 6, 6)
    >>> len(net._forward_pre_hooks), watched.done
    (0, True)
    """

    def __init__(
        self, module: nn.Module, sites: Callable[[Tensor], tuple[Site, ...]], on_value: OnValue
    ) -> None:
        self.fault: Exception | None = None
        self.done = False
        self._module, self._sites, self._on_value = module, sites, on_value
        self._thread = threading.get_ident()
        self._stack = ExitStack()
        self._begun = module.register_forward_pre_hook(self._begin)

    def close(self) -> None:
        """Watch no longer."""
        self._begun.remove()
        self._stack.close()

    def _begin(self, module: nn.Module, args: Any) -> None:
        if not module.training or threading.get_ident() != self._thread:
            return
        self._begun.remove()
        try:
            batch = next((one for one in args if isinstance(one, Tensor)), None)
            with torch.no_grad():
                sites = self._sites(batch)  # type: ignore[arg-type]
            observer = Observer(_as_model(module, batch), sites, self._visit)  # type: ignore[arg-type]
        except Exception as error:
            self.fault, self.done = error, True
            return
        self._stack.enter_context(observer.attached())
        self._stack.enter_context(observer.following())
        ended = module.register_forward_hook(self._end, always_call=True)
        self._stack.callback(ended.remove)

    def _end(self, module: nn.Module, args: Any, output: Any) -> None:
        self.done = True
        self._stack.close()

    def _visit(self, visit: Visit) -> None:
        if self.fault is not None:
            return
        try:
            with torch.no_grad():
                self._on_value(visit.site, visit.value.detach())
        except Exception as error:
            self.fault = error
