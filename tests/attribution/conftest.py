"""Tiny networks whose attributions can be written down."""

import numpy as np
import pytest
import torch
from PIL import Image
from tests.capture.conftest import as_model, untouched  # noqa: F401 (fixtures)
from torch import nn
from torch.nn import functional as F

from neurolupa.models import Model

SIDE = 8


class Pooled(nn.Module):
    """A 1 x 1 convolution to four units, a ReLU, the mean of each map, a linear layer: all of it known."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.conv, self.relu, self.head = nn.Conv2d(3, 4, 1), nn.ReLU(inplace), nn.Linear(4, 3)
        with torch.no_grad():
            self.conv.weight.copy_(
                torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -1, -1]])[..., None, None]
            )
            self.conv.bias.zero_()
            self.head.weight.copy_(torch.tensor([[1.0, 0, 0, 0], [2, -1, 0, 5], [0, 0, 3, -1]]))
            self.head.bias.copy_(torch.tensor([0.5, 0.0, -0.5]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


class Twice(nn.Module):
    """Calls its one in-place ReLU twice, behind convolutions that see their surroundings."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.relu, self.head = nn.ReLU(inplace=True), nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x) + x)
        return self.head(x.mean((2, 3)))


class Functional(Twice):
    """The same with functions in the place of the layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(x))
        x = torch.relu_(self.conv2(x) + x)
        return self.head(x.mean((2, 3)))


@pytest.fixture(scope="session")
def pooled(as_model) -> Model:  # noqa: F811
    return as_model(Pooled(), SIDE)


@pytest.fixture(scope="session")
def twice(as_model) -> Model:  # noqa: F811
    torch.manual_seed(1)
    return as_model(Twice(), SIDE)


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return Image.fromarray(values)
