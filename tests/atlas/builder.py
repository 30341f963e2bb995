"""Atlases made by hand: every table computed slowly from whole arrays of activations."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from safetensors.numpy import save_file

from neurolupa.atlas import schema
from neurolupa.atlas.arrays import write_kernels
from neurolupa.atlas.tables import write_table
from neurolupa.core.sketch import COARSE, FINE

THRESHOLD = 1e-6
FIELD = {
    "rf_height": 3,
    "rf_width": 3,
    "rf_stride_y": 1,
    "rf_stride_x": 1,
    "rf_start_y": -1,
    "rf_start_x": -1,
}


def build(
    folder: Path,
    values: Mapping[str, np.ndarray],
    labels: Sequence[int] = (),
    class_names: Sequence[str] = (),
    linear: Sequence[str] = (),
    images: str = "photos",
    kernels: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """An atlas of `values`: (N, C, H, W) or (N, C) of each site; those in `linear` are not rectified."""
    maps = {site: _as_maps(array) for site, array in values.items()}
    labels = list(labels) or [-1] * len(next(iter(maps.values())))
    (folder / "arrays").mkdir(parents=True)
    (folder / "samples").mkdir()
    (folder / "thumbs").mkdir()
    rectified = {site: site not in linear for site in maps}
    tables = {
        "layers": [_layer(site, maps[site], order, rectified[site]) for order, site in enumerate(maps)],
        "units": [row for site in maps for row in _units(site, maps[site], rectified[site])],
        "classes": [
            row for site in maps for row in _classes(site, maps[site], labels, class_names, rectified[site])
        ],
        "unit_classes": [row for site in maps for row in _unit_classes(site, maps[site], labels)],
        "exemplars": [row for site in maps for row in _exemplars(site, maps[site])],
        "images": [_image(index, label) for index, label in enumerate(labels)],
    }
    for name, rows in tables.items():
        table = schema.TABLES[name]
        write_table(pd.DataFrame(rows, columns=list(table.columns)), folder / table.file, table)
    for site, array in maps.items():
        _arrays(folder, site, array, labels)
        _samples(folder, site, array)
    for index in sorted({row["image"] for row in tables["exemplars"]}):
        Image.new("RGB", (8, 8), (20 * index % 256, 0, 0)).save(folder / "thumbs" / f"{index:06d}.png")
    write_kernels(folder, kernels or {})
    manifest = _manifest(tables["layers"], labels, class_names, images)
    (folder / "atlas.json").write_text(json.dumps(manifest))
    return folder


def _as_maps(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array, np.float32)
    return array if array.ndim == 4 else array[:, :, None, None]


def _sparsity(array: np.ndarray, rectified: bool) -> float:
    return 100 * float((array == 0).mean()) if rectified else float("nan")


def _layer(site: str, array: np.ndarray, order: int, rectified: bool) -> dict:
    peaks = array.max(axis=(0, 2, 3))
    return {
        "site": site,
        "address": site if site[-2:-1] == ":" else f"{site}:0",
        "order": order,
        "type": "ReLU" if rectified else "Conv2d",
        "kind": "relu" if rectified else "conv",
        "link": None,
        "shape": str(list(array.shape)),
        "channel_axis": 1,
        "height": array.shape[2],
        "width": array.shape[3],
        "total_elements": array.size,
        "mean": array.mean(dtype=np.float64),
        "std": array.std(dtype=np.float64),
        "min": array.min(),
        "max": array.max(),
        "median": np.median(array),
        "q25": np.quantile(array, 0.25),
        "q75": np.quantile(array, 0.75),
        "sparsity_%": _sparsity(array, rectified),
        "zeros": int((array == 0).sum()),
        "active_neurons": int((array != 0).any(axis=(0, 2, 3)).sum()),
        "total_neurons": array.shape[1],
        "dead": int((peaks <= THRESHOLD).sum()),
        "dormant": 0,
        "nan_count": 0,
        "inf_count": 0,
        "sketch_thinning": 1,
        **FIELD,
    }


def _units(site: str, array: np.ndarray, rectified: bool) -> list[dict]:
    level = float(np.abs(array).mean())
    return [_unit(site, unit, array[:, unit], level, rectified) for unit in range(array.shape[1])]


def _unit(site: str, unit: int, maps: np.ndarray, level: float, rectified: bool) -> dict:
    quantiles = {f"q{q:02d}": np.quantile(maps, q / 100) for q in (5, 25, 75, 95, 99)}
    dormancy = float(np.abs(maps).mean()) / level if level else 0.0
    return {
        "site": site,
        "unit": unit,
        "n": maps.size,
        "images": len(maps),
        "mean": maps.mean(),
        "std": maps.std(),
        "min": maps.min(),
        "max": maps.max(),
        "median": np.median(maps),
        **quantiles,
        "sparsity_%": _sparsity(maps, rectified),
        "zeros": int((maps == 0).sum()),
        "active": bool((maps != 0).any()),
        "dead": bool(maps.max() <= THRESHOLD),
        "dormancy": dormancy,
        "dormant": dormancy <= 0.025,
        **_halves(maps),
    }


def _halves(maps: np.ndarray) -> dict:
    """Means over the images of each half's mean, their spreads, and on how many a half is the greater."""
    images, height, width = maps.shape
    flat = height * width == 1
    sides = {
        "left": maps[:, :, : width // 2],
        "right": maps[:, :, (width + 1) // 2 :],
        "top": maps[:, : height // 2],
        "bottom": maps[:, (height + 1) // 2 :],
    }
    means = {
        name: side.mean((1, 2), dtype=np.float64) if side.size and not flat else np.full(images, np.nan)
        for name, side in sides.items()
    }
    pairs = (("left", "right"), ("top", "bottom"))
    found: dict = {name: values.mean() for name, values in means.items()}
    found |= {f"{name}_std": values.std() for name, values in means.items()}
    for one, other in pairs:
        gaps = means[one] - means[other]
        found[f"{one}_{other}_cov"] = ((means[one] - found[one]) * (means[other] - found[other])).mean()
        found |= {f"{one}_dominates": int((gaps > 0).sum()), f"{other}_dominates": int((gaps < 0).sum())}
    silent = int((maps == 0).all((1, 2)).sum())
    return found | {"silent_ties": 0 if flat else silent}


def _classes(
    site: str, array: np.ndarray, labels: Sequence[int], names: Sequence[str], rectified: bool
) -> list[dict]:
    rows = []
    for class_id in sorted(set(labels) - {-1}):
        mine = array[np.asarray(labels) == class_id]
        row = {"site": site, "class_id": class_id, "class_name": names[class_id], "num_samples": len(mine)}
        row |= {"mean": mine.mean(), "std": mine.std(), "median": np.median(mine)}
        rows.append(row | {"sparsity_%": _sparsity(mine, rectified)})
    return rows


def _unit_classes(site: str, array: np.ndarray, labels: Sequence[int]) -> list[dict]:
    rows = []
    for unit in range(array.shape[1]):
        for class_id in sorted(set(labels) - {-1}):
            means = array[np.asarray(labels) == class_id, unit].mean(axis=(1, 2))
            row = {"site": site, "unit": unit, "class_id": class_id, "num_samples": len(means)}
            rows.append(
                row | {"mean": means.mean(), "std": means.std(), "min": means.min(), "max": means.max()}
            )
    return rows


def _exemplars(site: str, array: np.ndarray, keep: int = 2) -> list[dict]:
    rows = []
    for unit in range(array.shape[1]):
        peaks = array[:, unit].reshape(len(array), -1)
        for rank, image in enumerate(np.argsort(-peaks.max(axis=1), kind="stable")[:keep]):
            row, column = divmod(int(peaks[image].argmax()), array.shape[3])
            place = {"site": site, "unit": unit, "band": "top", "rank": rank, "image": int(image)}
            place |= {"value": peaks[image].max(), "row": row, "column": column}
            boxes = {
                f"{kind}_{edge}": value for kind in ("box", "input") for edge, value in _box(row, column)
            }
            rows.append(place | boxes)
    return rows


def _box(row: int, column: int) -> list[tuple[str, float]]:
    return [("x0", column), ("y0", row), ("x1", column + 3), ("y1", row + 3)]


def _image(index: int, label: int) -> dict:
    place = {"image": index, "id": f"{index:03d}.png", "label": label, "width": 8, "height": 8}
    return place | {"skipped": False, "sampled": True}


def _arrays(folder: Path, site: str, array: np.ndarray, labels: Sequence[int]) -> None:
    fine = np.bincount(FINE.index(array).ravel(), minlength=FINE.size)
    classes = sorted(set(labels) - {-1})
    filled = np.flatnonzero(fine)
    tensors = {
        "fine_index": filled.astype(np.int32),
        "fine_count": fine[filled].astype(np.int64),
        "unit_counts": np.stack([_coarse(array[:, unit]) for unit in range(array.shape[1])]),
        "class_ids": np.asarray(classes, np.int64),
        "class_counts": np.stack([_coarse(array[np.asarray(labels) == one]) for one in classes or [-1]]),
        "mean_map": array.mean(axis=0),
    }
    save_file(tensors, folder / "arrays" / f"{schema.escape(site)}.safetensors")


def _coarse(array: np.ndarray) -> np.ndarray:
    return np.bincount(COARSE.index(array).ravel(), minlength=COARSE.size).astype(np.int64)


def _samples(folder: Path, site: str, array: np.ndarray) -> None:
    flat = array.reshape(*array.shape[:2], -1)
    held, name = folder / "samples", schema.escape(site)
    np.save(held / "images.npy", np.arange(len(array)))
    np.save(held / f"{name}.mean.npy", flat.mean(axis=2))
    np.save(held / f"{name}.max.npy", flat.max(axis=2))
    np.save(held / f"{name}.argmax.npy", flat.argmax(axis=2).astype(np.int32))


def _manifest(layers: list[dict], labels: Sequence[int], class_names: Sequence[str], images: str) -> dict:
    sites = [
        {key: row[key] for key in ("site", "address", "order", "type", "kind", "shape")} for row in layers
    ]
    about = {"name": images, "spec": f"folder:{images}", "digest": "da7a", "classes": list(class_names)}
    labelled = sum(bool(label >= 0) for label in labels)
    about |= {"total": len(labels), "read": len(labels), "skipped": 0, "labelled": labelled}
    return {
        "schema": schema.SCHEMA_VERSION,
        "neurolupa": "0.1.0",
        "model": {
            "name": "tinynet",
            "spec": "tinynet",
            "weights_digest": "c0ffee" * 10,
            "classes": None,
            "notes": [],
        },
        "images": about,
        "sites": sites,
        "settings": {},
        "counts": {},
        "notes": [],
    }
