"""A tiny atlas whose every answer is known."""

from pathlib import Path

import numpy as np
import pytest

from neurolupa.atlas import Atlas, open_atlas

from .builder import build

# Four images, maps of 1 x 2. Unit 1 of `early/relu` is dead; `fc` is linear and never above 0.
EARLY = np.array([[[[0, 2]], [[0, 0]]], [[[0, 4]], [[0, 0]]], [[[1, 1]], [[0, 0]]], [[[0, 8]], [[0, 0]]]])
DEEP = np.array([[[[0, 9]], [[0, 3]], [[0, 0]]], [[[0, 0]], [[0, 0]], [[0, 6]]]] * 2)
FC = np.array([[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0], [-7.0, -8.0]])
LABELS = [0, 1, 0, 1]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    values = {"early/relu": EARLY, "deep.relu": DEEP, "fc": FC}
    return build(tmp_path_factory.mktemp("atlas") / "tiny", values, LABELS, ["cat", "dog"], linear=["fc"])


@pytest.fixture
def atlas(folder: Path) -> Atlas:
    return open_atlas(folder)
