"""A network whose units are known, and pictures for it."""

import torch
from torch import Tensor, nn

PICTURES = "stimuli?size=32&count=288&background=grey"
NAMES = ("red", "silent", "anything")
GROUND = 128 / 255


class Planted(nn.Module):
    """Unit 0 is red less the other colours, 1 is silent, 2 is one on every object, the rest are noise.

    The noise of a picture hangs on its brightness alone, and its pattern means nothing; it takes 32 pixels.
    """

    def __init__(self, noise: int = 0) -> None:
        super().__init__()
        self.places = torch.rand(noise, 32, 32, generator=torch.Generator().manual_seed(0)) * 100

    def forward(self, pictures: Tensor) -> Tensor:
        red = (pictures[:, :1] - (pictures[:, 1:2] + pictures[:, 2:]) / 2).relu()
        anything = ((pictures - GROUND).abs().amax(1, keepdim=True) > 0.02).float()
        units = torch.cat([red, torch.zeros_like(red), anything], 1)
        if not len(self.places):
            return units
        noise = torch.frac(torch.sin(pictures.sum((1, 2, 3)).view(-1, 1, 1, 1) * 7.3 + self.places) * 1e4)
        return torch.cat([units, noise], 1)


def planted(noise: int = 0) -> nn.Sequential:
    return nn.Sequential(Planted(noise), nn.Flatten())
