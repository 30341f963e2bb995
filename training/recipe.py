"""The recipe: what the optimiser does at which step."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn


@dataclass(frozen=True)
class Recipe:
    """Nesterov SGD in cosine cycles, with label smoothing and averaged weights.

    The warm restarts are those of Loshchilov and Hutter 2017. The first cycle learns fast; the later ones,
    with a part of every picture hidden, unlearn what the first knew by heart.

    Attributes:
        epochs: Times that every picture is seen.
        restarts: The epochs, counted from 0, with which the second cycle and those after it begin.
        small_epochs: The first of them, which see crops of `small_size` pixels: half the work, and enough to
            learn from while the rate is high.
        small_size: Side of those crops; later ones are as large as the pictures.
        batches: Pictures a step, in each cycle.
        rates: Highest learning rate of each cycle.
        cutouts: Side in pixels of the square that is hidden in every crop, in each cycle; 0 for none.
        warm_up: Epochs in which the first cycle's rate rises to its highest.
        momentum: Of SGD, in Nesterov's form.
        decay: Weight decay of convolutions and the classifier; norms and biases have none.
        smoothing: Share of the label that goes to all classes alike.
        averaging: Decay a step of the moving average of the weights, which is what is kept.
        seed: Of the first weights, the order and the crops.
    """

    epochs: int = 82
    restarts: tuple[int, ...] = (36, 66)
    small_epochs: int = 18
    small_size: int = 24
    batches: tuple[int, ...] = (128, 64, 64)
    rates: tuple[float, ...] = (0.15, 0.05, 0.03)
    cutouts: tuple[int, ...] = (0, 10, 10)
    warm_up: float = 2.0
    momentum: float = 0.9
    decay: float = 5e-4
    smoothing: float = 0.1
    averaging: float = 0.999
    seed: int = 0

    def __post_init__(self) -> None:
        if not len(self.restarts) + 1 == len(self.batches) == len(self.rates) == len(self.cutouts):
            raise ValueError(
                f"{len(self.restarts)} restarts want a batch, a rate and a cutout for each cycle"
            )
        ends = (self.warm_up, *self.restarts, self.epochs)
        if not all(earlier < later for earlier, later in pairwise(ends)):
            raise ValueError(
                f"warm-up of {self.warm_up:g} epochs, restarts after {_listed(self.restarts)} and"
                f" {self.epochs} in all do not come in this order"
            )

    @classmethod
    def of_length(cls, epochs: int, seed: int) -> "Recipe":
        """The recipe with its parts in proportion to another number of epochs."""
        restarts = tuple(round(each / cls.epochs * epochs) for each in cls.restarts)
        small = round(cls.small_epochs / cls.epochs * epochs)
        return cls(epochs=epochs, restarts=restarts, small_epochs=small, seed=seed)

    def cycle(self, epochs_done: float) -> int:
        """The cycle, counted from 0, that an epoch is in."""
        return bisect_right(self.restarts, epochs_done)

    def size(self, epoch: int, full: int) -> int:
        """Side of the crops of an epoch, in pixels."""
        return self.small_size if epoch < self.small_epochs else full

    def batch(self, epoch: int) -> int:
        """Pictures a step in an epoch."""
        return self.batches[self.cycle(epoch)]

    def hidden(self, epoch: int) -> int:
        """Side of the hidden square in an epoch, in pixels; 0 where there is none."""
        return self.cutouts[self.cycle(epoch)]

    def rate_at(self, epochs_done: float) -> float:
        """The learning rate after so many epochs, fractions included."""
        if epochs_done < self.warm_up:
            return self.rates[0] * epochs_done / self.warm_up
        ends = (self.warm_up, *self.restarts, self.epochs)
        cycle = self.cycle(epochs_done)
        start, end = ends[cycle], ends[cycle + 1]
        return _cosine(self.rates[cycle], (epochs_done - start) / (end - start))

    def optimiser(self, module: nn.Module) -> torch.optim.SGD:
        """SGD over the module's parameters, with weight decay where it belongs."""
        matrices = [each for each in module.parameters() if each.ndim > 1]
        vectors = [each for each in module.parameters() if each.ndim <= 1]
        return torch.optim.SGD(
            [{"params": matrices, "weight_decay": self.decay}, {"params": vectors, "weight_decay": 0.0}],
            lr=self.rates[0],
            momentum=self.momentum,
            nesterov=True,
        )


def _cosine(peak: float, share: float) -> float:
    """From the peak at share 0 down to zero at share 1."""
    return peak * 0.5 * (1 + math.cos(math.pi * share))


def _listed(numbers: tuple[int, ...]) -> str:
    return " and ".join(map(str, numbers))
