"""Randomness that starts from a seed and leaves everybody else's as it was."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from neurolupa.errors import UsageError

# The generators are the process's own: two threads inside at once would draw from each other's sequence.
_ONE_AT_A_TIME = threading.RLock()
_LARGEST = 2**64 - 1


def checked_seed(seed: int) -> int:
    """The seed itself; UsageError for what torch cannot begin with.

    >>> checked_seed(7)
    7
    >>> checked_seed(-1)
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: a seed is a whole number from 0 to 18446744073709551615, not -1
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed <= _LARGEST:
        raise UsageError(f"a seed is a whole number from 0 to {_LARGEST}, not {seed!r}")
    return int(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Python's, NumPy's and torch's generators start from `seed` inside and are put back at the end.

    >>> before = torch.get_rng_state()
    >>> with seeded(3):
    ...     first = torch.rand(2)
    >>> with seeded(3):
    ...     bool((torch.rand(2) == first).all())
    True
    >>> bool((torch.get_rng_state() == before).all())
    True
    """
    with _ONE_AT_A_TIME, _restored():
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        yield


@contextmanager
def _restored() -> Iterator[None]:
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002 (factories may draw from it)
    apple = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    try:
        with torch.random.fork_rng(devices=list(devices)):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
        if apple is not None:
            torch.mps.set_rng_state(apple)


def reset_of(layer: nn.Module) -> Callable[[], object] | None:
    """What draws a layer's own parameters anew, as its class draws them; None where nothing does.

    >>> reset_of(nn.ReLU()) is None, reset_of(nn.Linear(1, 1)) is None
    (True, False)
    """
    reset = getattr(layer, "reset_parameters", None) or getattr(layer, "_reset_parameters", None)
    return reset if callable(reset) and not isinstance(layer, torch.jit.ScriptModule) else None


def randomise(module: nn.Module) -> tuple[str, ...]:
    """Initialise a network anew, in place, and name the parameters whose layer knows no initialisation.

    >>> net = nn.Linear(1, 1)
    >>> before = net.weight.item()
    >>> randomise(net), net.weight.item() == before
    ((), False)
    """
    kept: list[str] = []
    for path, layer in module.named_modules():
        if reset := reset_of(layer):
            reset()
        else:
            kept += [f"{path}.{name}".lstrip(".") for name, _ in layer.named_parameters(recurse=False)]
    return tuple(kept)
