"""A small network with a shared in-place ReLU and a residual sum, and pictures."""

import numpy as np
import pytest
import torch
from PIL import Image
from tests.capture.conftest import untouched  # noqa: F401 (the same proof, for this folder)
from torch import nn

from neurolupa.models import load_model


class Residual(nn.Module):
    """A strided stem, a block that calls its one ReLU twice, and a head."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 3, stride=2, padding=1)
        self.conv1, self.conv2 = nn.Conv2d(5, 5, 3, padding=1), nn.Conv2d(5, 5, 3, padding=1)
        self.norm, self.relu, self.head = nn.BatchNorm2d(5), nn.ReLU(inplace=True), nn.Linear(5, 7)

    def forward(self, x):
        x = self.stem(x)
        out = self.relu(self.norm(self.conv1(x)))
        out = self.relu(self.conv2(out) + x)
        return self.head(out.mean((2, 3)))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return load_model(Residual(), input_size=24, classes=[f"class {i}" for i in range(7)])


@pytest.fixture
def picture():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 48, 3), dtype=np.uint8)
    return Image.fromarray(pixels)
