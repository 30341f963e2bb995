"""Running a network and leaving it, and the global state of torch, as found."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neurolupa.models.running import cannot_run, dtype_of

if TYPE_CHECKING:
    from neurolupa.models import Model


class EarlyStop(BaseException):
    """Raised inside the network once everything asked for is there.

    It derives from BaseException so that a network's own `except Exception` does not swallow it.
    """


@contextmanager
def evaluating(model: "Model") -> Iterator[None]:
    """The model's lock is held and every module is in eval mode; each mode is put back at the end.

    The flags are set one by one: `train()` may be overridden, and may change more than the mode.
    """
    with model.lock:
        modules = list(model.module.modules())
        modes = [module.training for module in modules]
        try:
            _set_modes(modules, [False] * len(modules))
            yield
        finally:
            _set_modes(modules, modes)


def _set_modes(modules: list[nn.Module], modes: list[bool]) -> None:
    for module, mode in zip(modules, modes, strict=True):
        if module.training is not mode:
            module.training = mode


def forward(
    model: "Model", batch: Tensor, grad: Callable[[], AbstractContextManager] = torch.inference_mode
) -> Any:
    """One forward pass, of the batch in the type of the network's parameters; torch's random state is kept.

    Raises:
        DataError: The network cannot run on this shape.
    """
    batch = batch.to(model.device, dtype_of(model.module))
    devices = [model.device] if model.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices), grad():
            return model.module(batch)
    except (Exception, SystemExit) as error:
        raise cannot_run(model.name, batch, error) from error


def example_input(model: "Model") -> Tensor:
    """A deterministic input (1, C, H, W), of the type of the network's parameters, on its device."""
    height, width = model.preprocessing.input_size
    shape = (1, model.preprocessing.channels, height, width)
    values = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return values.to(model.device, dtype_of(model.module))
