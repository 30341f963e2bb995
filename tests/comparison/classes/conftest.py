"""Atlases of planted units, and a scanned set whose raw values are at hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.atlas.builder import build

import neurolupa as nl
from neurolupa.atlas import Atlas, open_atlas
from neurolupa.atlas.schema import UNIT_CLASSES
from neurolupa.atlas.tables import read_table, write_table

SITE = "deep.relu"
NAMES = ("ant", "bee", "cat", "dog")


@pytest.fixture
def atlas_of(tmp_path: Path) -> Callable[..., Atlas]:
    """`atlas_of(values, labels, cut=None)`: an atlas of one site whose units answer (N, C) so."""

    def make(values: np.ndarray, labels: Sequence[int] = (), cut: int | None = None) -> Atlas:
        folder = tmp_path / f"atlas{len(list(tmp_path.iterdir()))}"
        build(folder, {SITE: values}, list(labels), NAMES, linear=[SITE])
        if cut is not None:
            shorten(folder, cut)
        return open_atlas(folder)

    return make


def shorten(folder: Path, kept: int) -> None:
    """Leaves only the best classes of each unit, as a scan with too many cells does."""
    rows = read_table(folder, UNIT_CLASSES).sort_values("mean", ascending=False, kind="stable")
    write_table(rows.groupby(["site", "unit"]).head(kept), folder / UNIT_CLASSES.file, UNIT_CLASSES)
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["notes"] = [{"code": "CLASSES_CUT", "cells": len(rows), "kept": kept}]
    (folder / "atlas.json").write_text(json.dumps(manifest))


class Scanned:
    """The embedded network on generated pictures: model, images, atlas, and every map by the recorder."""

    site = "layer2.0.relu"

    def __init__(self, folder: Path) -> None:
        self.model = nl.load_model("embedded", device="cpu")
        self.images = nl.load_images("stimuli?target=shape&size=32&count=120&shape=circle,star,ring")
        self.atlas = nl.scan(self.model, self.images, [self.site, "fc"], folder / "atlas", workers=1)
        batch = torch.stack([self.model.prepare(picture.image) for picture in self.images])
        self.maps = nl.record(self.model, batch, self.site)[self.site].numpy()
        self.labels = np.asarray(self.images.labels)

    def of(self, name: str) -> np.ndarray:
        """(n, C, H, W): the maps of the pictures of a class."""
        return self.maps[self.labels == self.images.classes.index(name)]


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return Scanned(tmp_path_factory.mktemp("classes"))
