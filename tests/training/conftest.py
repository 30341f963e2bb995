from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def brightness_set(tmp_path_factory) -> str:
    """300 pictures whose class is their brightness: something that a short run can learn."""
    random = np.random.default_rng(0)
    labels = np.arange(300) % 10
    pixels = labels[:, None, None, None] * 25 + random.integers(0, 20, (300, 32, 32, 3))
    path: Path = tmp_path_factory.mktemp("sets") / "brightness.npz"
    np.savez(path, images=pixels.astype(np.uint8), labels=labels)
    return f"npz:{path}"
