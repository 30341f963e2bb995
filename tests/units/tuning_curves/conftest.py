"""Hand-made networks whose tuning is known beforehand."""

import numpy as np
import pytest
import torch
from tests.capture.conftest import untouched  # noqa: F401 (a fixture)
from torch import nn

from neurolupa.models import Model, Preprocessing, Weights

SIDE, KERNEL, SIGMA = 32, 17, 3.0


@pytest.fixture(scope="session")
def network():
    """`network(module)`: a model of 32 x 32 pixels in 0..1, normalised by nothing."""

    def build(module: nn.Module, channels: int = 3) -> Model:
        steps = Preprocessing((SIDE, SIDE), mean=(0.0,) * channels, std=(1.0,) * channels, channels=channels)
        return Model(
            "hand-made", "module:hand", module.eval(), steps, None, Weights("given"), torch.device("cpu")
        )

    return build


def gabor(orientation: float, cycles: float, phase: float = 0.0) -> np.ndarray:
    """(KERNEL, KERNEL): a Gabor of zero mean for bars of an orientation (degrees), cycles per SIDE pixels."""
    down, right = np.mgrid[:KERNEL, :KERNEL] - (KERNEL - 1) / 2
    turn = np.deg2rad(orientation)
    across = right * np.sin(turn) + down * np.cos(turn)
    envelope = np.exp(-(right**2 + down**2) / (2 * SIGMA**2))
    wave = np.cos(2 * np.pi * cycles / SIDE * across + np.deg2rad(phase))
    return envelope * (wave - (envelope * wave).sum() / envelope.sum())


def convolution(kernels: list[np.ndarray]) -> nn.Sequential:
    """One unit for each kernel, which sees the mean of the three colours; then a ReLU."""
    layer = nn.Conv2d(3, len(kernels), kernels[0].shape[-1], bias=False)
    layer.weight.data = torch.tensor(np.stack(kernels), dtype=torch.float32)[:, None].repeat(1, 3, 1, 1) / 3
    return nn.Sequential(layer, nn.ReLU(), nn.Flatten())


def readout(weight: np.ndarray, bias: np.ndarray | float = 0.0) -> nn.Sequential:
    """Units (U, 3, SIDE, SIDE) that weigh every pixel."""
    layer = nn.Linear(3 * SIDE * SIDE, len(weight))
    layer.weight.data = torch.tensor(weight.reshape(len(weight), -1), dtype=torch.float32)
    layer.bias.data = torch.tensor(np.broadcast_to(bias, len(weight)), dtype=torch.float32)
    return nn.Sequential(nn.Flatten(), layer)
