"""Stretches of a scan on Ray: the cluster that its own address setting names, or one on this machine.

Ray runs a stretch again whose worker died. Whatever dies, and however many workers there are, the states come
back in the order of the stretches and are the same.
"""

import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.machinery import PathFinder
from typing import Any

import torch

from neurolupa.errors import DataError, NeurolupaError, UsageError
from neurolupa.models import Model
from neurolupa.scanning.stretches import Done, Stretch, Task, scan_stretch

_RETRIES = 4
_AHEAD = 2
"""Stretches that wait for each worker, besides those under way."""

_UNPACKED: dict[str, tuple[Model, Task]] = {}
"""In a worker process: the network and the task that it has unpacked, by the token of its scan."""


def done_on_ray(model: Model, task: Task, asked: Sequence[Stretch]) -> Generator[Done]:
    """What each stretch gives, in order, computed by Ray's workers.

    Raises:
        UsageError: Ray is not installed.
        DataError: a stretch failed, or its worker died again and again.
    """
    ray = _ray()
    with _cluster(ray):
        work = _remote(ray, model)
        packed = [ray.put(_portable(model)), ray.put(task)]
        token = packed[0].hex()
        slots = max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[tuple[Stretch, Any]] = deque()
        left = deque(asked)
        try:
            while left or waiting:
                while left and len(waiting) < (1 + _AHEAD) * slots:
                    stretch = left.popleft()
                    waiting.append((stretch, work.remote(token, packed, stretch)))
                stretch, reference = waiting.popleft()
                yield _got(ray, reference, stretch)
        finally:
            for _, reference in waiting:
                ray.cancel(reference, force=True)


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise UsageError("Ray is not installed; pip install 'neurolupa[ray]', or scan without it") from None
    return ray


@contextmanager
def _cluster(ray: Any) -> Iterator[None]:
    """Inside, there is a cluster: the one that is there already, or one that ends with the scan."""
    if ray.is_initialized():
        yield
        return
    ray.init(log_to_driver=False, include_dashboard=False)
    try:
        yield
    finally:
        ray.shutdown()


def _remote(ray: Any, model: Model) -> Any:
    """The function that runs on workers: one core each, and a device where the network is on one."""
    devices = 1 if model.device.type == "cuda" else 0
    return ray.remote(num_cpus=1, num_gpus=devices, max_retries=_RETRIES)(_work)


def _work(token: str, packed: list, stretch: Stretch) -> Done:
    """One stretch, in a worker process, which unpacks the network and the task once."""
    import ray

    if token not in _UNPACKED:
        torch.set_num_threads(1)
        _UNPACKED.clear()
        arrived, task = ray.get(packed)
        arrived.module.to(arrived.device)
        _UNPACKED[token] = replace(arrived, lock=threading.RLock()), task
    return scan_stretch(*_UNPACKED[token], stretch)


def _portable(model: Model) -> Model:
    """The network as it can be sent: without its lock; classes that no worker could import go along."""
    from ray import cloudpickle

    for name in {type(one).__module__ for one in model.module.modules()}:
        if name in sys.modules and not _importable(name):
            cloudpickle.register_pickle_by_value(sys.modules[name])
    return replace(model, lock=None)


def _importable(name: str) -> bool:
    """Whether another process would find a module; what runs as a script it gets in any case."""
    return name == "__main__" or PathFinder.find_spec(name.partition(".")[0]) is not None


def _got(ray: Any, reference: Any, stretch: Stretch) -> Done:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        if isinstance(cause, NeurolupaError):
            raise type(cause)(str(cause)) from None
        raise DataError(_failed(stretch, cause)) from error
    except ray.exceptions.RayError as error:
        raise DataError(_failed(stretch, error)) from error


def _failed(stretch: Stretch, error: BaseException) -> str:
    reason = next(iter(str(error).splitlines()), "") or type(error).__name__
    return f"blocks {stretch.first} to {stretch.end - 1} failed on Ray: {reason}; --resume tries them again"
