"""The one pass over the images: every block through the network once, measured at every site on its way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.capture import Site, observe
from neurolupa.core.measurement import Measurement, measure
from neurolupa.core.planes import as_planes
from neurolupa.core.workspace import Workspace
from neurolupa.errors import DataError
from neurolupa.models import Model
from neurolupa.scanning.accumulators import Block
from neurolupa.scanning.loading import LoadedBlock
from neurolupa.scanning.progress import Progress, SiteState


class Sink(Protocol):
    """Something that takes values besides the accumulators: the samples, the kept activations."""

    def write(self, site: Site, planes: Tensor, measurement: Measurement, images: NDArray[np.int64]) -> None:
        """Takes the (B, C, H, W) values of one site on a block's images."""

    def flush(self) -> None:
        """Hands what was taken to the operating system."""


class Pass:
    """Feeds blocks to the network and what its sites show to the accumulators and sinks.

    Labels (N,) and keys (N,) are those of all images of the set.
    """

    def __init__(
        self,
        model: Model,
        progress: Progress,
        labels: NDArray[np.int64],
        keys: NDArray[np.uint64],
        *,
        dtype: str = "float32",
        sinks: Sequence[Sink] = (),
    ) -> None:
        self._model = model
        self._progress = progress
        self._states = {state.site.address: state for state in progress.sites}
        self._labels, self._keys = labels, keys
        self._dtype = dtype
        self._sinks = sinks
        self._memory = Workspace()
        self._block = Block(labels[:0], labels[:0], keys[:0])

    @contextmanager
    def open(self) -> Iterator[Callable[[LoadedBlock], None]]:
        """Within it, the yielded function takes the next block; the network is left as found."""
        sites = [state.site for state in self._progress.sites]
        with observe(self._model, sites, self._take) as forward, self._precision():
            yield lambda block: self._run(forward, block)

    def _run(self, forward: Callable[[Tensor], None], block: LoadedBlock) -> None:
        if block.batch is not None:
            images = np.array(block.images, np.int64)
            self._block = Block(images, self._labels[images], self._keys[images])
            forward(block.batch)
        self._progress.finish_block(block)

    def _take(self, site: Site, value: Tensor) -> None:
        state: SiteState = self._states[site.address]
        planes = as_planes(value, site.channel_axis)
        expected = (len(self._block.images), site.units, site.height, site.width)
        if tuple(planes.shape) != expected:
            raise DataError(f"{site.name} gave shape {tuple(planes.shape)} where {expected} was expected")
        measurement = measure(
            planes, signed=state.extent.signed, thinning=state.thinning, workspace=self._memory
        )
        state.update(measurement, self._block)
        for sink in self._sinks:
            sink.write(site, planes, measurement, self._block.images)

    def _precision(self) -> AbstractContextManager:
        if self._dtype == "float32":
            return nullcontext()
        return torch.autocast(self._model.device.type, getattr(torch, self._dtype))
