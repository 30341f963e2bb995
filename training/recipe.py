"""The recipe: what the optimiser does at which step."""

import math
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Recipe:
    """Nesterov SGD in two cosine cycles, with label smoothing and averaged weights.

    The warm restart is that of Loshchilov and Hutter 2017. The first cycle learns fast; the second,
    with a part of every picture hidden, unlearns what the first knew by heart.

    Attributes:
        epochs: Times that every picture is seen.
        restart: The epoch, counted from 0, with which the second cycle begins.
        small_epochs: The first of them, which see crops of `small_size` pixels: half the work, and enough to
            learn from while the rate is high.
        small_size: Side of those crops; later ones are as large as the pictures.
        batches: Pictures a step, in each cycle.
        rates: Highest learning rate of each cycle.
        warm_up: Epochs in which the first cycle's rate rises to its highest.
        cutout: Side in pixels of the square that is hidden in every crop of the second cycle.
        momentum: Of SGD, in Nesterov's form.
        decay: Weight decay of convolutions and the classifier; norms and biases have none.
        smoothing: Share of the label that goes to all classes alike.
        averaging: Decay a step of the moving average of the weights, which is what is kept.
        seed: Of the first weights, the order and the crops.
    """

    epochs: int = 66
    restart: int = 36
    small_epochs: int = 18
    small_size: int = 24
    batches: tuple[int, int] = (128, 64)
    rates: tuple[float, float] = (0.15, 0.05)
    warm_up: float = 2.0
    cutout: int = 10
    momentum: float = 0.9
    decay: float = 5e-4
    smoothing: float = 0.1
    averaging: float = 0.999
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.warm_up < self.restart < self.epochs:
            raise ValueError(
                f"warm-up of {self.warm_up:g} epochs, a restart after {self.restart} and {self.epochs} in all"
                " do not come in this order"
            )

    @classmethod
    def of_length(cls, epochs: int, seed: int) -> "Recipe":
        """The recipe with its parts in proportion to another number of epochs."""
        restart = round(cls.restart / cls.epochs * epochs)
        return cls(epochs=epochs, restart=restart, small_epochs=restart // 2, seed=seed)

    def size(self, epoch: int, full: int) -> int:
        """Side of the crops of an epoch, in pixels."""
        return self.small_size if epoch < self.small_epochs else full

    def batch(self, epoch: int) -> int:
        """Pictures a step in an epoch."""
        return self.batches[epoch >= self.restart]

    def hidden(self, epoch: int) -> int:
        """Side of the hidden square in an epoch, in pixels; 0 where there is none."""
        return self.cutout if epoch >= self.restart else 0

    def rate_at(self, epochs_done: float) -> float:
        """The learning rate after so many epochs, fractions included."""
        if epochs_done < self.warm_up:
            return self.rates[0] * epochs_done / self.warm_up
        if epochs_done < self.restart:
            return _cosine(self.rates[0], (epochs_done - self.warm_up) / (self.restart - self.warm_up))
        return _cosine(self.rates[1], (epochs_done - self.restart) / (self.epochs - self.restart))

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
