"""Adam and NAdam for many samples at once, each with its own rate and its own count of steps."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from neurolupa.errors import unknown

Rule = Literal["adam", "nadam"]
RULES = ("adam", "nadam")
MOMENTA = (0.9, 0.999)
"""Shares of the mean gradient, and of the mean square, that each step keeps: those of Kingma and Ba."""

_SMALL = 1e-8
_FADING = 4e-3  # of NAdam's momentum, as in torch.optim.NAdam


@dataclass(frozen=True, eq=False)
class Ascent:
    """The numbers (N, ...) of an optimisation and the memory of its gradients.

    Kingma and Ba (2015); Dozat (2016) for "nadam". Samples do not know of each other, so that one can be put
    back to its start with a lower rate while the others go on.

    >>> ascent = Ascent.of(torch.zeros(2, 3), rate=0.1)
    >>> ascent.step(torch.ones(2, 3)).numbers[0]
    tensor([0.1000, 0.1000, 0.1000])
    """

    numbers: Tensor
    mean: Tensor
    square: Tensor
    steps: Tensor
    product: Tensor
    rate: Tensor
    rule: Rule = "adam"
    momenta: tuple[float, float] = MOMENTA

    @classmethod
    def of(
        cls, numbers: Tensor, rate: float, rule: Rule = "adam", momenta: tuple[float, float] = MOMENTA
    ) -> "Ascent":
        """The state before the first step.

        Raises:
            UsageError: An unknown rule.
        """
        if rule not in RULES:
            raise unknown("optimiser", rule, RULES)
        each = numbers.new_zeros(len(numbers), *[1] * (numbers.ndim - 1))
        zeros = torch.zeros_like(numbers)
        return cls(numbers, zeros, zeros.clone(), each, each + 1, each + rate, rule, momenta)

    def step(self, gradient: Tensor, scale: float = 1.0) -> "Ascent":
        """One step up along the gradient (N, ...), the rates multiplied by `scale`."""
        count, (first, second) = self.steps + 1, self.momenta
        mean = self.mean.lerp(gradient, 1 - first)
        square = (self.square * second).addcmul_(gradient, gradient, value=1 - second)
        spread = (square / (1 - second**count)).sqrt_().add_(_SMALL)
        ahead, product = self._ahead(gradient, mean, count)
        numbers = self.numbers.addcdiv(scale * self.rate * ahead, spread)
        return replace(self, numbers=numbers, mean=mean, square=square, steps=count, product=product)

    def _ahead(self, gradient: Tensor, mean: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
        """The direction of the step, and the product of the momenta so far."""
        first = self.momenta[0]
        if self.rule == "adam":
            return mean / (1 - first**count), self.product
        now = first * (1 - 0.5 * 0.96 ** (count * _FADING))
        then = first * (1 - 0.5 * 0.96 ** ((count + 1) * _FADING))
        product = self.product * now
        return mean * then / (1 - product * then) + gradient * (1 - now) / (1 - product), product

    def restarted(self, which: Tensor, numbers: Tensor, factor: float) -> "Ascent":
        """The samples `which` (N,) put back to `numbers`, all forgotten, their rates times `factor`."""
        where = which.view(self.steps.shape)

        def fresh(now: Tensor, start: Tensor | float) -> Tensor:
            return torch.where(where, torch.as_tensor(start, dtype=now.dtype, device=now.device), now)

        return replace(
            self,
            numbers=fresh(self.numbers, numbers),
            mean=fresh(self.mean, 0),
            square=fresh(self.square, 0),
            steps=fresh(self.steps, 0),
            product=fresh(self.product, 1),
            rate=fresh(self.rate, self.rate * factor),
        )
