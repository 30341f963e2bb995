"""Models of tiny modules as they are, and the proof that a model is left as found."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import torch
from torch import nn

from neurolupa.models import Model, Preprocessing, Weights


@pytest.fixture(scope="session")
def as_model() -> Callable[..., Model]:
    def build(module: nn.Module, size: int = 8, channels: int = 3) -> Model:
        steps = Preprocessing((size, size), mean=(0.0,) * channels, std=(1.0,) * channels, channels=channels)
        name, cpu = type(module).__name__, torch.device("cpu")
        return Model(name, f"module:{name}", module.eval(), steps, None, Weights("given"), cpu)

    return build


def _hooks(module: nn.Module) -> dict:
    return {name: dict(value) for name, value in vars(module).items() if "hooks" in name and value}


def _tensor(tensor: torch.Tensor) -> tuple:
    grad = None if tensor.grad is None else tensor.grad.tolist()
    state = (id(tensor), tensor._version, tensor.requires_grad, tensor.stride(), tensor.dtype, grad)
    return (*state, tensor.detach().clone().reshape(-1).tolist(), tensor._backward_hooks)


def _lock_is_free(lock: threading.RLock) -> bool:
    answers: list[bool] = []

    def attempt() -> None:
        answers.append(lock.acquire(blocking=False))
        if answers[0]:
            lock.release()

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return answers[0]


def fingerprint(model: Model) -> dict:
    """Everything that a run could change, of the model and of torch."""
    modules = list(model.module.named_modules())
    tensors = [*model.module.named_parameters(), *model.module.named_buffers()]
    flags = torch.backends.cudnn
    return {
        "attributes": {name: sorted(vars(module)) for name, module in modules},
        "modes": {name: module.training for name, module in modules},
        "hooks": {name: _hooks(module) for name, module in modules},
        "tensors": {name: _tensor(tensor) for name, tensor in tensors},
        "random": torch.get_rng_state().tolist(),
        "grad": (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_default_dtype()),
        "flags": (flags.enabled, flags.benchmark, flags.deterministic, flags.allow_tf32),
        "modes of functions": torch._C._len_torch_function_stack(),
        "lock": _lock_is_free(model.lock),
    }


@pytest.fixture(scope="session")
def untouched() -> Callable[[Model], AbstractContextManager[None]]:
    @contextmanager
    def check(model: Model) -> Iterator[None]:
        before = fingerprint(model)
        try:
            yield
        finally:
            assert fingerprint(model) == before

    return check
