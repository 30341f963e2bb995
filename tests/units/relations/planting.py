"""Atlases of units whose answer to every picture is written down."""

from pathlib import Path

import numpy as np
from tests.atlas.builder import build

from neurolupa.atlas import Atlas, open_atlas


def plant(folder: Path, **layers: np.ndarray) -> Atlas:
    """An atlas of layers (N, C): the mean and the maximum of a unit's map are that number."""
    return open_atlas(build(folder / "atlas", layers))


def resampled(atlas: Atlas, values: np.ndarray) -> Atlas:
    """The same atlas with other samples (N, C) of `relu`: relations read nothing else."""
    held = np.asarray(values, np.float32)
    np.save(atlas.folder / "samples" / "images.npy", np.arange(len(held)))
    for name in ("mean", "max"):
        np.save(atlas.folder / "samples" / f"relu.{name}.npy", held)
    np.save(atlas.folder / "samples" / "relu.argmax.npy", np.zeros(held.shape, np.int32))
    return open_atlas(atlas.folder)
