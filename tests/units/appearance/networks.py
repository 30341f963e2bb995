"""Networks whose units are known features of the picture, and pictures whose looks are written down."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from neurolupa.models import Model, Preprocessing, Weights

LUMINANCE = torch.tensor([0.2125, 0.7154, 0.0721]).view(1, 3, 1, 1)
SOBEL = torch.tensor([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 4
SIDE = 32


class Known(nn.Module):
    """Units 0 to 5 are edges, texture, gradient, red, green and blue; 6 is dark, 7 dead, 8 one everywhere."""

    def forward(self, x):
        grey = (x * LUMINANCE).sum(1, keepdim=True)
        round_ = F.pad(grey, (1, 1, 1, 1), mode="replicate")
        kernels = torch.stack([SOBEL, SOBEL.T])[:, None]
        edges = F.conv2d(round_, kernels).square().sum(1, keepdim=True).div(2).sqrt()
        windows = F.unfold(round_, 3).view(len(x), 9, *x.shape[2:])
        texture = windows.std(1, keepdim=True, correction=0)
        steps = torch.gradient(grey, dim=(2, 3))
        gradient = torch.hypot(*steps)
        found = [edges, texture, gradient, x, 1 - grey, 0 * grey, 0 * grey + 1]
        return torch.cat(found, 1)


def as_model(module: nn.Module, side: int = SIDE) -> Model:
    steps = Preprocessing((side, side), mean=(0.0,) * 3, std=(1.0,) * 3, channels=3, keep_matching=True)
    return Model("known", "module:known", module.eval(), steps, None, Weights("given"), torch.device("cpu"))


def known(pool: int = 1, side: int = SIDE) -> Model:
    """The known features at the site "1", averaged over cells of pool x pool pixels."""
    return as_model(nn.Sequential(Known(), nn.AvgPool2d(pool)), side)


def noise(seed: int = 0, count: int = 1, side: int = SIDE) -> list[np.ndarray]:
    """Pictures of smooth random colours with some noise, so that the six features all differ."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    smooth = [gaussian_filter(rng.normal(size=(side, side, 3)), (3, 3, 0)) for _ in range(count)]
    scaled = [(each - each.min()) / np.ptp(each) for each in smooth]
    pictures = [0.8 * each + 0.2 * rng.random((side, side, 3)) * each[..., :1] for each in scaled]
    return [(255 * each).round().astype(np.uint8) for each in pictures]
