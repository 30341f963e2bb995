"""Small sets of hand-made pictures."""

from collections.abc import Callable

import numpy as np
import pytest

from neurolupa.images import ImageSet, load_images


@pytest.fixture
def labelled() -> Callable[..., ImageSet]:
    """A set of black pictures with these labels."""

    def of(*labels: str | None) -> ImageSet:
        return load_images([np.zeros((2, 2, 3), np.uint8)] * len(labels), labels=list(labels))

    return of


@pytest.fixture
def noise() -> list[np.ndarray]:
    """Pictures of different sizes with every kind of colour."""
    draw = np.random.default_rng(7)
    return [draw.integers(0, 256, (8 + 3 * k, 20 - 2 * k, 3), dtype=np.uint8) for k in range(5)]
