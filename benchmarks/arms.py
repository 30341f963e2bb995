"""The ways that are compared: the bare forward pass, the scan, and the notebook that keeps everything."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from neurolupa.capture import Site, trace
from neurolupa.models import Model
from neurolupa.scanning.loading import LoadedBlock
from neurolupa.scanning.passes import Pass
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import SampleWriter, hash_ids
from neurolupa.scanning.sinks import SampleSink

CLASSES = 10


def seconds(action) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def bare_forward(model: Model, batch: Tensor) -> None:
    """The network alone."""
    with torch.inference_mode():
        model.module(batch)


@contextmanager
def open_scan(model: Model, sites: Sequence[Site], images: int) -> Iterator:
    """A scan that stores everything, over decoded tensors; yields a function that takes (number, batch)."""
    progress = Progress.start(sites, images, CLASSES, 9, np.arange(min(images, 4096)))
    labels = np.arange(images) % CLASSES
    with tempfile.TemporaryDirectory() as folder:
        writer = SampleWriter(Path(folder), sites)
        sink = SampleSink(writer, progress.sampled)
        feed = Pass(model, progress, labels, hash_ids(map(str, range(images))), sinks=[sink])
        with feed.open() as step:

            def take(number: int, batch: Tensor) -> None:
                first = number * len(batch)
                indices = tuple(range(first, first + len(batch)))
                step(LoadedBlock(number, batch, indices, ((1, 1),) * len(batch), ()))

            yield take
        writer.close()


def notebook(model: Model, layers: Sequence[str], batches: Sequence[Tensor]) -> pd.DataFrame:
    """Every activation kept, then NumPy: layer statistics, dead units, statistics by class."""
    kept: dict[str, list[Tensor]] = {layer: [] for layer in layers}
    hooks = [
        model.module.get_submodule(layer).register_forward_hook(
            lambda module, inputs, output, layer=layer: kept[layer].append(output.detach().clone())
        )
        for layer in layers
    ]
    try:
        for batch in batches:
            taken = {layer: len(values) for layer, values in kept.items()}
            bare_forward(model, batch)
            for layer, values in kept.items():
                del values[taken[layer] : -1]  # a reused module's last call, as the notebook has it
    finally:
        for hook in hooks:
            hook.remove()
    rows = []
    for layer, values in kept.items():
        array = torch.cat(values).numpy()
        labels = np.arange(len(array)) % CLASSES
        rows.append(_statistics(layer, array) | {"dead": (array.max(axis=(0, 2, 3)) <= 1e-6).sum()})
        for label in range(CLASSES):
            _by_class(array[labels == label])
    return pd.DataFrame(rows)


def _statistics(layer: str, array: np.ndarray) -> dict:
    flat = array.ravel()
    return {
        "layer": layer, "mean": array.mean(), "std": array.std(), "min": array.min(), "max": array.max(),
        "median": np.median(flat), "q25": np.percentile(flat, 25), "q75": np.percentile(flat, 75),
        "sparsity_%": (array == 0).mean() * 100, "active": (array != 0).any(axis=(0, 2, 3)).sum(),
    }  # fmt: skip


def _by_class(array: np.ndarray) -> dict:
    sparsity = (array == 0).mean() * 100
    return {"mean": array.mean(), "std": array.std(), "median": np.median(array), "sparsity_%": sparsity}


def nine_relus(model: Model) -> tuple[Site, ...]:
    """The last call of every ReLU."""
    return trace(model).select("kind:relu")
