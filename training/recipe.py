"""The recipe: what the optimiser does at which step."""

import math
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Recipe:
    """Nesterov SGD with a warm-up and a cosine, label smoothing, averaged weights, and small crops at first.

    Attributes:
        epochs: Times that every picture is seen.
        small_epochs: The first of them, which see crops of `small_size` pixels: half the work, and enough to
            learn from while the rate is high.
        small_size: Side of those crops; later ones are as large as the pictures.
        batch: Pictures a step.
        rate: Highest learning rate.
        warm_up: Epochs in which the rate rises to it.
        momentum: Of SGD, in Nesterov's form.
        decay: Weight decay of convolutions and the classifier; norms and biases have none.
        smoothing: Share of the label that goes to all classes alike.
        averaging: Decay a step of the moving average of the weights, which is what is kept.
        seed: Of the first weights, the order and the crops.
    """

    epochs: int = 36
    small_epochs: int = 18
    small_size: int = 24
    batch: int = 128
    rate: float = 0.15
    warm_up: float = 2.0
    momentum: float = 0.9
    decay: float = 5e-4
    smoothing: float = 0.1
    averaging: float = 0.999
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs <= self.warm_up:
            raise ValueError(f"{self.epochs} epochs are no more than the warm-up's {self.warm_up:g}")

    def size(self, epoch: int, full: int) -> int:
        """Side of the crops of an epoch, in pixels."""
        return self.small_size if epoch < self.small_epochs else full

    def rate_at(self, epochs_done: float) -> float:
        """The learning rate after so many epochs, fractions included."""
        if epochs_done < self.warm_up:
            return self.rate * epochs_done / self.warm_up
        share = (epochs_done - self.warm_up) / (self.epochs - self.warm_up)
        return self.rate * 0.5 * (1 + math.cos(math.pi * share))

    def optimiser(self, module: nn.Module) -> torch.optim.SGD:
        """SGD over the module's parameters, with weight decay where it belongs."""
        matrices = [each for each in module.parameters() if each.ndim > 1]
        vectors = [each for each in module.parameters() if each.ndim <= 1]
        return torch.optim.SGD(
            [{"params": matrices, "weight_decay": self.decay}, {"params": vectors, "weight_decay": 0.0}],
            lr=self.rate,
            momentum=self.momentum,
            nesterov=True,
        )
