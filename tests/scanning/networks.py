"""Tiny networks and pictures for scans, and what the notebook would have kept of them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

import neurolupa as nl
from neurolupa.images import load_images
from neurolupa.models import Model, load_model


class Reused(nn.Module):
    """One in-place ReLU called twice, a functional one, an addition and a linear head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        first = self.relu(self.conv1(x))
        second = self.conv2(first)
        second += first
        second = self.relu(second)
        pooled = F.relu(F.max_pool2d(second, 2) - 0.1)
        return self.fc(pooled.mean((2, 3)))


class Spoilt(Reused):
    """Unit 1 of conv1 gives NaN where the picture is bright, unit 2 infinity."""

    def forward(self, x):
        value = self.conv1(x).clone()
        bright = x[:, 0] > 0.8
        value[:, 1][bright] = float("nan")
        value[:, 2][bright] = float("inf")
        return self.relu(value)


def tiny(kind=Reused, size=8, seed=0) -> Model:
    torch.manual_seed(seed)
    module = kind()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(2)
        module.conv1.bias[5] = -100.0  # a dead unit
    return load_model(module, input_size=size, mean=0.0, std=1.0, device="cpu")


def pictures(count=23, size=8, seed=1):
    random = np.random.default_rng(seed)
    return [Image.fromarray(random.integers(0, 256, (size, size, 3), dtype=np.uint8)) for _ in range(count)]


SITES = ["conv1", "relu:0", "relu:1", "/relu:0", "fc"]
CLASSES = ("red", "green", "blue")


def image_set(count=23):
    return load_images(pictures(count), labels=[i % 3 for i in range(count)], classes=CLASSES)


def kept_in_memory(model, images, sites):
    """The notebook's way: every activation of every image, as (N, C, H, W) or (N, F)."""
    batch = torch.stack([model.prepare(picture.image) for picture in images])
    recorded = nl.record(model, batch, sites)
    return {name: recorded[name].double().numpy() for name in recorded}


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }
