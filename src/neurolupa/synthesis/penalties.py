"""Objectives that look at the picture alone: subtract them (`Unit(...) - 0.1 * TotalVariation()`)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from neurolupa.synthesis.objectives import Objective, Sight
from neurolupa.synthesis.transforms import blurred


@dataclass(frozen=True)
class TotalVariation(Objective):
    """The mean absolute difference of neighbouring pixels.

    >>> steps = torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])
    >>> float(TotalVariation().value(Sight({}, steps)))
    1.0
    """

    def value(self, sight: Sight) -> Tensor:
        """Across plus down, in units of 0..1."""
        picture = sight.picture
        return picture.diff(dim=-1).abs().mean() + picture.diff(dim=-2).abs().mean()

    def __str__(self) -> str:
        return "tv"


@dataclass(frozen=True)
class L1(Objective):
    """The mean distance from grey (or another level)."""

    level: float = 0.5

    def value(self, sight: Sight) -> Tensor:
        """In units of 0..1."""
        return (sight.picture - self.level).abs().mean()

    def __str__(self) -> str:
        return f"l1({self.level:g})"


@dataclass(frozen=True)
class L2(Objective):
    """The mean squared distance from grey (or another level)."""

    level: float = 0.5

    def value(self, sight: Sight) -> Tensor:
        """In units of 0..1, squared."""
        return (sight.picture - self.level).square().mean()

    def __str__(self) -> str:
        return f"l2({self.level:g})"


@dataclass(frozen=True)
class Roughness(Objective):
    """What a blur by [1 2 1] / 4 takes from the picture: the mean squared distance between the two."""

    def value(self, sight: Sight) -> Tensor:
        """In units of 0..1, squared."""
        picture = sight.picture[None]
        kernel = torch.tensor([[0.25, 0.5, 0.25]], device=picture.device, dtype=picture.dtype)
        return (picture - blurred(picture, kernel).detach()).square().mean()

    def __str__(self) -> str:
        return "roughness"
