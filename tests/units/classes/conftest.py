"""Atlases of planted units, whose classes are known beforehand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import Atlas, open_atlas

SITE = "deep.relu"
NAMES = ("ant", "bee", "cat", "dog")


@pytest.fixture
def atlas_of(tmp_path: Path) -> Callable[..., Atlas]:
    """`atlas_of(values, labels, names, sampled=None, cut=None)`: an atlas of one site whose units answer so.

    `values` (N, C) are the units' means on each image; `sampled` the images in `samples/` (all of them);
    `cut` how many classes of each unit it keeps (all).
    """

    def make(
        values: np.ndarray,
        labels: Sequence[int] = (),
        names: Sequence[str] = NAMES,
        sampled: Sequence[int] | None = None,
        cut: int | None = None,
        linear: bool = False,
    ) -> Atlas:
        folder = tmp_path / f"atlas{len(list(tmp_path.iterdir()))}"
        build(folder, {SITE: values}, labels, names, linear=[SITE] if linear else [])
        if sampled is not None:
            thin(folder, list(sampled))
        if cut is not None:
            shorten(folder, cut)
        return open_atlas(folder)

    return make


def thin(folder: Path, chosen: list[int]) -> None:
    """Leaves only the chosen images in samples/."""
    for path in (folder / "samples").iterdir():
        np.save(path, np.load(path)[chosen])


def shorten(folder: Path, kept: int) -> None:
    """Leaves only the best classes of each unit, as a scan with too many cells does."""
    from neurolupa.atlas.schema import UNIT_CLASSES
    from neurolupa.atlas.tables import read_table, write_table

    rows = read_table(folder, UNIT_CLASSES).sort_values("mean", ascending=False, kind="stable")
    write_table(rows.groupby(["site", "unit"]).head(kept), folder / UNIT_CLASSES.file, UNIT_CLASSES)
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["notes"] = [{"code": "CLASSES_CUT", "cells": len(rows), "kept": kept}]
    (folder / "atlas.json").write_text(json.dumps(manifest))


@pytest.fixture
def wide_atlas(tmp_path: Path) -> Callable[[np.ndarray, np.ndarray], Atlas]:
    """`wide_atlas(values, labels)`: many units, with only the tables that the table of a site reads."""

    def make(values: np.ndarray, labels: np.ndarray) -> Atlas:
        from neurolupa.atlas.schema import UNIT_CLASSES
        from neurolupa.atlas.tables import write_table

        folder = build(tmp_path / "wide", {SITE: values[:, :1]}, labels.tolist(), NAMES)
        np.save(folder / "samples" / f"{SITE}.mean.npy", values.astype(np.float32))
        rows = pd.DataFrame(values.astype(np.float32).astype(np.float64)).groupby(labels)
        parts = {
            "num_samples": "size",
            "mean": "mean",
            "std": lambda part: part.std(ddof=0),
            "min": "min",
            "max": "max",
        }
        cells = pd.DataFrame({name: _long(rows, how, values.shape[1]) for name, how in parts.items()})
        units, classes = np.divmod(np.arange(len(cells)), len(set(labels.tolist())))
        cells = cells.assign(site=SITE, unit=units, class_id=classes)
        write_table(cells[list(UNIT_CLASSES.columns)], folder / UNIT_CLASSES.file, UNIT_CLASSES)
        return open_atlas(folder)

    return make


def _long(rows: Any, how: Any, units: int) -> np.ndarray:
    """One number for each unit and class, the classes of a unit one after the other."""
    found = how(rows) if callable(how) else getattr(rows, how)()
    return np.tile(found.to_numpy(), units) if found.ndim == 1 else found.to_numpy().T.ravel()


@pytest.fixture(scope="session")
def labels() -> np.ndarray:
    """Twelve images of each of the four classes, mixed."""
    return np.random.default_rng(7).permutation(np.repeat(np.arange(4), 12))
