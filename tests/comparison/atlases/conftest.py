"""Atlases of planted units, and scans of small networks of which one is the other, changed by hand."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.atlas.builder import build
from torch import nn

import neurolupa as nl
from neurolupa.atlas import Atlas, open_atlas
from neurolupa.comparison.atlases import AtlasComparison

PICTURES = 60
SITE = "deep.relu"


@pytest.fixture
def atlas_of(tmp_path: Path) -> Callable[..., Atlas]:
    """`atlas_of(values, weights="w", images="i")`: sites whose units answer (N, C) or (N, C, H, W) so.

    A single array is that of `deep.relu`. Whatever starts with "flat" is not rectified.
    """

    def make(
        values: np.ndarray | Mapping[str, np.ndarray],
        weights: str = "w",
        images: str = "i",
        model: str = "net",
        size: int = 8,
    ) -> Atlas:
        folder = tmp_path / f"atlas{len(list(tmp_path.iterdir()))}"
        sites = values if isinstance(values, Mapping) else {SITE: values}
        build(folder, sites, linear=[site for site in sites if site.startswith("flat")])
        manifest = json.loads((folder / "atlas.json").read_text())
        manifest["model"] |= {"weights_digest": weights, "name": model, "preprocessing": {"size": size}}
        manifest["images"]["digest"] = images
        (folder / "atlas.json").write_text(json.dumps(manifest))
        return open_atlas(folder)

    return make


class Small(nn.Module):
    """Two convolutions with a ReLU after each, and one number for each of three classes."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.relu1 = nn.Conv2d(3, 12, 3, padding=1), nn.ReLU()
        self.two, self.relu2 = nn.Conv2d(12, 20, 3, padding=1), nn.ReLU()
        self.fc = nn.Linear(20, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.relu2(self.two(self.relu1(self.one(x)))).mean((2, 3)))


def permuted(net: Small, order: list[int]) -> Small:
    """The same function of the picture: channel k of `relu1` is what was channel order[k]."""
    found = deepcopy(net)
    with torch.no_grad():
        found.one.weight.copy_(net.one.weight[order])
        found.one.bias.copy_(net.one.bias[order])
        found.two.weight.copy_(net.two.weight[:, order])
    return found


def killed(net: Small, unit: int) -> Small:
    """A unit of `relu2` that is never above 0."""
    found = deepcopy(net)
    with torch.no_grad():
        found.two.weight[unit] = 0.0
        found.two.bias[unit] = -1.0
    return found


class Scans:
    """Atlases of networks that differ in what is known."""

    order = np.random.default_rng(5).permutation(12).tolist()
    dead = 7

    def __init__(self, folder: Path) -> None:
        torch.manual_seed(0)
        net = Small().eval()
        torch.manual_seed(1)
        nets = {
            "plain": net,
            "permuted": permuted(net, self.order),
            "killed": killed(net, self.dead),
            "apart": Small().eval(),
        }
        images = nl.load_images(f"stimuli?count={PICTURES}&size=32")
        self.atlases = {name: self._scan(each, images, folder / name) for name, each in nets.items()}
        self.other = self._scan(net, nl.load_images("stimuli?count=40&size=32&seed=3"), folder / "other")

    def _scan(self, net: nn.Module, images: object, out: Path) -> Atlas:
        model = nl.load_model(net, input_size=16, mean=(0.5,) * 3, std=(0.25,) * 3, device="cpu")
        return nl.scan(model, images, ["relu1", "relu2"], out, workers=1)

    def compare(self, one: str, two: str, *sites: str, **more: object) -> AtlasComparison:
        return nl.compare(self.atlases[one], self.atlases[two], sites or None, **more)


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Scans:
    return Scans(tmp_path_factory.mktemp("atlases"))
