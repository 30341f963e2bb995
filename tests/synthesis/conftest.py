"""Hand-made detectors, and the proof that a model is left as found."""

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.synthesis.prior import Prior
from tests.capture.conftest import as_model, untouched  # noqa: F401 (the same, for this folder)


@pytest.fixture(scope="session")
def plain_prior():
    """A prior without natural colours: independent channels, a flat spectrum."""
    return Prior("none", 1, np.full(3, 0.5), np.eye(3) * 0.2, np.full((3, 128, 65), 100.0))


@pytest.fixture
def linear(as_model):  # noqa: F811
    """Four 5 x 5 kernels, a rectifier, a second convolution and a head."""
    torch.manual_seed(0)
    return as_model(
        nn.Sequential(
            nn.Conv2d(3, 4, 5, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(4, 6, 3),
            nn.Softplus(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        ),
        size=16,
    )
