"""`ablate`: what a network loses over labelled pictures as units are switched off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurolupa import __version__
from neurolupa.atlas.checks import whole_number
from neurolupa.attribution.ablation.effects import named_value
from neurolupa.attribution.ablation.result import Ablation, AblationSource
from neurolupa.attribution.ablation.tallying import Tally
from neurolupa.attribution.ablation.truth import Truth, truth_of
from neurolupa.attribution.subject import logits_of
from neurolupa.capture import Site, ablated_outputs, observe, trace, view
from neurolupa.capture.ablation import Fill
from neurolupa.capture.frames import only_tensor
from neurolupa.capture.maps import maps_of
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model
from neurolupa.models.model import probe_batch
from neurolupa.models.running import usual_batch
from neurolupa.scanning.loading import LoadedBlock, few_workers, load_blocks

OnBlock = Callable[[int, int], None]

_PICTURES = 32
_MOST_LOGITS = 2**24  # numbers that are held at once


def ablate(
    model: Model | str | nn.Module,
    images: ImageSet | str,
    site: str,
    units: Sequence[int | Sequence[int]] | None = None,
    *,
    value: Fill = 0.0,
    truth: str = "label",
    batch_size: int | None = None,
    on_block: OnBlock = lambda done, total: None,
) -> Ablation:
    """What a network loses over labelled pictures as each unit, or each group of units, is switched off.

    Each block of pictures runs to the site once; from there on it runs once for each group. Memory holds one
    block.

    Args:
        model: The network; a name or a module is made a model with `load_model`.
        images: An image set, or what `load_images` takes.
        site: The one call where units are set.
        units: Numbers of units, each switched off alone; a sequence of numbers is switched off together. None
            takes every unit alone.
        value: What they are set to: a number, "mean" (each one's mean over these pictures, one more pass), or
            one number for each unit of the site.
        truth: "label", or "prediction": then what counts is whether the answer stays that of the whole
            network.
        batch_size: Pictures in a block; 32, or 256 for inputs below 128 pixels.
        on_block: Told of each block: pictures shown, and pictures in all.

    Raises:
        UsageError: An unknown site, unit, value or truth.
        DataError: The network cannot run or gives no logits, no picture can be read, or no class of the set
            is one of the network's.

    >>> found = ablate("embedded", "samples", "layer4.1.relu", [0, (1, 2)], truth="prediction")
    >>> found.to_frame()[["units", "n", "before"]].values.tolist()
    [['0', 7, 1.0], ['1-2', 7, 1.0]]
    """
    network = as_model(model)
    chosen = trace(network).find(site)
    shown = images if isinstance(images, ImageSet) else load_images(images)
    groups = _groups(chosen, units)
    usual = usual_batch(network.preprocessing, _PICTURES)
    size = whole_number("batch_size", usual if batch_size is None else batch_size, 1)
    classes = truth_of(truth, network, shown, logits_of(network, probe_batch(network.preprocessing)).shape[1])
    rounds = 2 if _is_mean(value) else 1
    passes = _Passes(network, shown, chosen, classes, size, on_block, rounds)
    return passes.ablation(groups, passes.means() if _is_mean(value) else value, named_value(value))


def _is_mean(value: Fill) -> bool:
    if isinstance(value, str) and value != "mean":
        raise unknown("value", value, ["mean"])
    return isinstance(value, str)


def _groups(site: Site, units: Sequence[int | Sequence[int]] | None) -> tuple[tuple[int, ...], ...]:
    asked = range(site.units) if units is None else units
    groups = tuple(
        tuple(int(unit) for unit in each) if isinstance(each, Sequence) else (int(each),) for each in asked
    )
    if not groups:
        raise UsageError("no unit was named")
    return groups


@dataclass(eq=False)
class _Passes:
    """The passes over the pictures, and how far they are."""

    model: Model
    images: ImageSet
    site: Site
    classes: Truth
    batch_size: int
    on_block: OnBlock
    rounds: int
    _done: int = 0

    def means(self) -> NDArray[np.float32]:
        """(units,) the mean of each unit over the pictures and their positions."""
        total, count = np.zeros(self.site.units), 0

        def add(site: Site, value: Tensor) -> None:
            nonlocal total, count
            maps = maps_of(value, site).to("cpu", torch.float64)
            total, count = total + maps.mean((2, 3)).sum(0).numpy(), count + len(maps)

        with observe(self.model, [self.site], add) as run:
            for block in self._blocks():
                if block.batch is not None:
                    run(block.batch)
        if not count:
            raise DataError(f"no image of {self.images.spec} can be read")
        return (total / count).astype(np.float32)

    def ablation(self, groups: tuple[tuple[int, ...], ...], value: Fill, named: float | str) -> Ablation:
        """The pass with every group switched off."""
        tally = Tally(len(groups), len(self.classes.names))
        for block in self._blocks():
            if block.batch is None:
                continue
            seen = view(self.model, block.batch, [self.site], resumed=self.site)
            logits = self._logits(seen.output, len(block.batch))
            counted = _Counted.of(self.classes, self.images.labels[list(block.images)], logits)
            counted.whole(tally)
            for first, chunk in self._chunks(groups, logits):
                outputs = ablated_outputs(self.model, block.batch, self.site, chunk, value, seen.prefix)
                counted.without(tally, first, outputs.to("cpu", torch.float64))
        if not tally.n.sum():
            raise DataError(f"no image of {self.images.spec} can be read and has a class of the network's")
        return self._result(groups, tally, named)

    def _blocks(self) -> Iterator[LoadedBlock]:
        total = self.rounds * len(self.images)
        for block in load_blocks(self.model, self.images, self.batch_size, workers=few_workers()):
            yield block
            self._done += len(block.images) + len(block.skipped)
            self.on_block(self._done, total)

    def _logits(self, output: object, count: int) -> Tensor:
        logits = only_tensor(output)
        if logits is None or logits.ndim != 2 or len(logits) != count:
            raise DataError(
                f"ablation needs logits of shape ({count}, classes); {self.model.name} gives none"
            )
        return logits.to("cpu", torch.float64)

    def _chunks(
        self, groups: Sequence[tuple[int, ...]], logits: Tensor
    ) -> Iterator[tuple[int, Sequence[tuple[int, ...]]]]:
        at_once = max(1, _MOST_LOGITS // logits.numel())
        for first in range(0, len(groups), at_once):
            yield first, groups[first : first + at_once]

    def _result(self, groups: tuple[tuple[int, ...], ...], tally: Tally, named: float | str) -> Ablation:
        there = np.flatnonzero(tally.n)
        counted = int(tally.n.sum())
        versions = {"neurolupa": __version__, "torch": str(torch.__version__), "numpy": np.__version__}
        return Ablation(
            groups,
            tuple(self.classes.names[place] for place in there),
            tuple(there.tolist()),
            tally.n[there],
            tally.right[there],
            tally.broken[:, there],
            tally.mended[:, there],
            tally.sums[:, :, there],
            AblationSource(
                self.model.name,
                self.model.weights_digest,
                self.site.address,
                self.images.name,
                self.images.spec,
                self.images.digest(),
                counted,
                len(self.images) - counted,
                self.classes.kind,
                named,
                versions,
            ),
        )


@dataclass(frozen=True, eq=False)
class _Counted:
    """The pictures of a block that have a right class, and the whole network's answers."""

    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    right: NDArray[np.int64]
    logits: Tensor

    @classmethod
    def of(cls, truth: Truth, labels: NDArray[np.int64], logits: Tensor) -> "_Counted":
        right = truth.right(labels, logits.argmax(1).numpy())
        places = np.flatnonzero(right >= 0)
        return cls(places, truth.row(labels, right)[places], right[places], logits[places])

    def whole(self, tally: Tally) -> None:
        tally.whole(self.rows, self._hits(self.logits))

    def without(self, tally: Tally, first: int, outputs: Tensor) -> None:
        """Add the outputs (groups, N, classes) without each group."""
        outputs = outputs[:, self.places]
        logits = self._of_right(outputs) - self._of_right(self.logits)
        shares = self._of_right(outputs.softmax(-1)) - self._of_right(self.logits.softmax(-1))
        was = self._hits(self.logits)
        tally.without(first, self.rows, was, self._hits(outputs), np.stack([logits, shares]))

    def _hits(self, logits: Tensor) -> NDArray[np.bool_]:
        return logits.argmax(-1).numpy() == self.right

    def _of_right(self, values: Tensor) -> NDArray[np.float64]:
        return values[..., np.arange(len(self.right)), self.right].numpy()
