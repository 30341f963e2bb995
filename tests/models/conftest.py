"""Tiny networks with written-down answers, and the watch over the random state."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.models.seeding import seeded


def fingerprint() -> tuple:
    """Everything that a draw from any of the three generators would change."""
    legacy = np.random.get_state()  # noqa: NPY002
    return random.getstate(), legacy[1].tobytes(), legacy[2:], torch.get_rng_state().numpy().tobytes()


@pytest.fixture
def random_state_kept() -> Iterator[None]:
    """The test leaves Python's, NumPy's and torch's random state as it found it."""
    before = fingerprint()
    yield
    assert fingerprint() == before


@pytest.fixture
def colours() -> nn.Module:
    """Three outputs: 2 * mean red, mean green, mean blue + 1."""
    with seeded(0):
        net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3)).eval()
    with torch.no_grad():
        net[2].weight.copy_(torch.diag(torch.tensor([2.0, 1.0, 1.0])))
        net[2].bias.copy_(torch.tensor([0.0, 0.0, 1.0]))
    return net


@pytest.fixture
def small() -> Callable[[], nn.Module]:
    """Builds a convolution, a norm and a head of 4, the same one each time."""

    def build() -> nn.Module:
        with seeded(1):
            return nn.Sequential(
                nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 4)
            ).eval()

    return build
