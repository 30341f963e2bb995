"""The end of a scan: tables, arrays and pictures first, the front page last."""

import csv
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import save_file

from neurolupa.atlas.arrays import KERNELS_FILE, write_kernels
from neurolupa.atlas.checksums import CHECKSUMS, checksum, checksums_of
from neurolupa.atlas.csv_files import harmless
from neurolupa.atlas.manifest import CHECKPOINT, MANIFEST
from neurolupa.atlas.schema import (
    CLASSES,
    EXEMPLARS,
    IMAGES,
    LAYERS,
    SCHEMA_VERSION,
    UNIT_CLASSES,
    UNITS,
    Table,
    escape,
)
from neurolupa.atlas.tables import write_table
from neurolupa.capture import SiteTable
from neurolupa.core.sketch import COARSE
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.scanning.exemplar_table import exemplar_frame
from neurolupa.scanning.progress import Progress, SiteState
from neurolupa.scanning.rows import naming
from neurolupa.scanning.settings import ScanSettings
from neurolupa.scanning.tables import (
    BEST_CLASSES,
    CLASS_CELLS,
    class_cells,
    class_frame,
    layer_row,
    unit_class_frames,
    unit_frame,
)

_LOSSLESS_UP_TO = 64
_VERSIONS = ("neurolupa", "torch", "torchvision", "numpy", "numba", "pandas", "pyarrow", "pillow")


class Finisher:
    """Turns a finished pass into the atlas in `folder`."""

    def __init__(
        self,
        folder: Path,
        model: Model,
        images: ImageSet,
        table: SiteTable,
        settings: ScanSettings,
        progress: Progress,
    ) -> None:
        self._folder = folder
        self._model, self._images = model, images
        self._table, self._settings = table, settings
        self._progress = progress

    def write(self, identity: dict[str, Any], workers: int) -> None:
        """Writes everything; only with the last step is the folder an atlas."""
        self._write_tables()
        exemplars = self._write_exemplars()
        self._write_arrays()
        with naming(self._folder / KERNELS_FILE):
            write_kernels(self._folder, self._convolutions())
        self._write_skipped()
        self._write_thumbs(np.unique(exemplars), workers)
        _write_json(self._folder / "run.json", run_facts(self._folder, self._images))
        self._write_front_page(self._manifest(identity))
        shutil.rmtree(self._folder / CHECKPOINT, ignore_errors=True)

    def _write_front_page(self, content: dict[str, Any]) -> None:
        """The sums of all files before the front page that makes them an atlas, its own sum among them."""
        page, part = self._folder / MANIFEST, self._folder / f"{MANIFEST}.part"
        _write_json(part, content)
        sums = {MANIFEST: checksum(part), **checksums_of(self._folder)}
        _write_json(self._folder / CHECKSUMS, sums)
        part.replace(page)

    def _write_tables(self) -> None:
        states, count = self._progress.sites, self._count
        rows = [layer_row(s, count, self._link(s), self._settings) for s in states]
        self._table_of(LAYERS, pd.DataFrame(rows).astype(_nullable(LAYERS)))
        self._table_of(UNITS, (unit_frame(state, count, self._settings) for state in states))
        self._table_of(CLASSES, (class_frame(state, self._images.classes) for state in states))
        self._table_of(UNIT_CLASSES, unit_class_frames(states))
        self._table_of(IMAGES, self._image_frame())

    def _table_of(self, table: Table, frames: pd.DataFrame | Iterable[pd.DataFrame]) -> None:
        with naming(self._folder / table.file):
            write_table(frames, self._folder / table.file, table)

    def _write_exemplars(self) -> np.ndarray:
        """Writes the exemplars and returns the images that they show."""
        sampled = self.sampled_images
        seen = [np.empty(0, np.int64)]

        def frame(state: SiteState) -> pd.DataFrame:
            rows = exemplar_frame(
                state, sampled, self._folder / "samples", self._model.preprocessing, self._progress.sizes
            )
            seen.append(rows["image"].unique())
            return rows

        self._table_of(EXEMPLARS, (frame(state) for state in self._progress.sites))
        return np.concatenate(seen)

    @property
    def _count(self) -> int:
        return int(self._progress.read.sum())

    @property
    def sampled_images(self) -> np.ndarray:
        """(S,) the images whose values are in `samples/`."""
        return np.flatnonzero(self._progress.read & self._progress.sampled)

    def _write_arrays(self) -> None:
        folder = self._folder / "arrays"
        folder.mkdir(exist_ok=True)
        for state in self._progress.sites:
            path = folder / f"{escape(state.site.name)}.safetensors"
            with naming(path):
                save_file(_arrays(state, self._count), path)

    def _convolutions(self) -> dict[str, np.ndarray]:
        """The weights (out, in, height, width) of the network's two-dimensional convolutions."""
        layers = dict.fromkeys(site.layer for site in self._table if site.kind == "conv" and not site.op)
        find = self._model.module.get_submodule
        weights = {layer: getattr(find(layer), "weight", None) for layer in layers}
        return {
            layer: weight.detach().to("cpu", torch.float32).numpy()
            for layer, weight in weights.items()
            if isinstance(weight, torch.Tensor) and weight.ndim == 4
        }

    def _image_frame(self) -> pd.DataFrame:
        progress, count = self._progress, len(self._images)
        sizes = pd.DataFrame(progress.sizes, columns=["width", "height"], dtype="Int64")
        sizes[~progress.read] = pd.NA
        return pd.DataFrame(
            {
                "image": np.arange(count),
                "id": [self._images.id_of(index) for index in range(count)],
                "label": self._images.labels,
                "width": sizes["width"],
                "height": sizes["height"],
                "skipped": ~progress.read,
                "sampled": progress.sampled & progress.read,
            }
        )

    def _write_skipped(self) -> None:
        path = self._folder / "skipped.csv"
        with naming(path), path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["image", "id", "reason"])
            for index, reason in sorted(self._progress.skipped.items()):
                writer.writerow([index, harmless(self._images.id_of(index)), harmless(reason)])

    def _write_thumbs(self, wanted: Sequence[int] | np.ndarray, workers: int) -> None:
        folder = self._folder / "thumbs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        lossless = max(self._model.preprocessing.input_size) <= _LOSSLESS_UP_TO

        options: dict[str, Any] = {} if lossless else {"quality": 90}

        def save(index: int) -> None:
            picture = self._model.preprocessing.picture(self._images[index].image)
            path = folder / f"{index:06d}.{'png' if lossless else 'jpg'}"
            with naming(path):
                picture.save(path, **options)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(save, [int(index) for index in wanted]))

    def _link(self, state: SiteState) -> str | None:
        return self._table.link_of(state.site)

    def _manifest(self, identity: dict[str, Any]) -> dict[str, Any]:
        progress, states = self._progress, self._progress.sites
        return {
            "schema": SCHEMA_VERSION,
            "neurolupa": version("neurolupa"),
            "model": self._model.to_dict(),
            "images": {
                "name": self._images.name,
                "spec": relative_spec(self._images.spec),
                "digest": identity["images"],
                "classes": list(self._images.classes),
                "total": len(self._images),
                "read": self._count,
                "skipped": len(progress.skipped),
                "labelled": int((self._images.labels[progress.read] >= 0).sum()),
            },
            "sites": [self._site_facts(state) for state in states],
            "settings": self._settings.to_dict(),
            "counts": {
                "sites": len(states),
                "units": sum(state.site.units for state in states),
                "samples": len(self.sampled_images),
                "nan": int(sum(state.moments.not_a_number.sum() for state in states)),
                "inf": int(sum(state.moments.infinite.sum() for state in states)),
            },
            "notes": self._notes(),
        }

    def _site_facts(self, state: SiteState) -> dict[str, Any]:
        site = state.site
        return {
            **site.facts(),
            "link": self._link(state),
            "shape": list(site.shape),
            "channel_axis": site.channel_axis,
            "units": site.units,
            "rectified": site.rectified,
        }

    def _notes(self) -> list[dict[str, Any]]:
        """Codes with numbers, for what a reader of the tables must know."""
        cells = class_cells(self._progress.sites)
        return [{"code": "CLASSES_CUT", "cells": cells, "kept": BEST_CLASSES}] if cells > CLASS_CELLS else []


def run_facts(folder: Path, images: ImageSet) -> dict[str, Any]:
    """Clock, machine, folders and versions: what no two runs share."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "folder": str(folder.absolute()),
        "images": images.spec,
        "python": sys.version.split()[0],
        "machine": platform.platform(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in _VERSIONS},
    }


def relative_spec(spec: str) -> str:
    """An image set's spec without the folders that only one machine has.

    >>> relative_spec("folder:/data/photos?limit=5"), relative_spec("folder:../photos")
    ('folder:photos?limit=5', 'folder:../photos')
    """
    kind, colon, rest = spec.rpartition(":") if "://" not in spec else ("", "", spec)
    place, mark, options = rest.partition("?")
    return f"{kind}{colon}{Path(place).name if Path(place).is_absolute() else place}{mark}{options}"


def _arrays(state: SiteState, images: int) -> dict[str, np.ndarray]:
    fine = state.sketches.fine_counts()
    filled = np.flatnonzero(fine)
    seen = np.flatnonzero(state.class_moments.images)
    return {
        "fine_index": filled.astype(np.int32),
        "fine_count": fine[filled],
        "unit_counts": np.ascontiguousarray(state.sketches.unit_counts()),
        "class_ids": seen.astype(np.int64),
        "class_counts": np.ascontiguousarray(state.class_moments.counts[seen, : COARSE.size]),
        "mean_map": state.maps.mean(images),
    }


def _nullable(table: Any) -> dict[str, str]:
    return {name: "Int64" for name, kind in table.columns.items() if kind == "int?"}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    with naming(path):
        part.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(path)
