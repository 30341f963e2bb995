"""Networks whose maps are written down beforehand: picture number i gets the i-th of them."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

import neurolupa as nl
from neurolupa.atlas import Atlas
from neurolupa.models import Model, Preprocessing, Weights

SIDE = 8


class Planted(nn.Module):
    """Gives the maps (N, C, H, W) that belong to the numbers which the pictures' colours spell."""

    def __init__(self, maps: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("maps", torch.tensor(np.asarray(maps, np.float32)))

    def forward(self, x):
        red, green = (x[:, :2, 0, 0] * 255).round().long().unbind(1)
        return self.maps[(red + 256 * green).clamp(0, len(self.maps) - 1)]


def numbered(count: int) -> list[np.ndarray]:
    """Pictures of one colour each, which spells their number."""
    return [np.full((SIDE, SIDE, 3), (i % 256, i // 256, 0), np.uint8) for i in range(count)]


def as_model(module: nn.Module, side: int = SIDE) -> Model:
    steps = Preprocessing((side, side), mean=(0.0,) * 3, std=(1.0,) * 3, channels=3)
    return Model(
        "planted", "module:planted", module.eval(), steps, None, Weights("given"), torch.device("cpu")
    )


def atlas_of(maps: np.ndarray, folder: Path) -> Atlas:
    """The scan of a network that has these maps (N, C, H, W) at its site "0"."""
    model = as_model(nn.Sequential(Planted(maps), nn.Identity()))
    return nl.scan(model, nl.load_images(numbered(len(maps))), "0", folder / "atlas", workers=1, exemplars=1)


def halves_of(maps: np.ndarray) -> dict[str, np.ndarray]:
    """Means of the halves of each map (N, H, W) by the definition, position by position."""
    maps = np.asarray(maps, np.float64)
    rows, columns = np.indices(maps.shape[1:]) * 2 + 1  # the centres, in half positions
    height, width = maps.shape[1:]
    inside = {
        "left": columns + 1 <= width,
        "right": columns - 1 >= width,
        "top": rows + 1 <= height,
        "bottom": rows - 1 >= height,
    }
    return {name: maps[:, mask].mean(1) for name, mask in inside.items()}
