"""The tables of an atlas as the CSV and JSON files that the notebooks know."""

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.reader import Atlas
from neurolupa.atlas.schema import DEAD_THRESHOLD, escape
from neurolupa.errors import DataError

_STATISTICS = (
    "layer",
    "shape",
    "total_elements",
    "mean",
    "std",
    "min",
    "max",
    "median",
    "q25",
    "q75",
    "sparsity_%",
    "active_neurons",
    "total_neurons",
)
_MORE_STATISTICS = ("address", "type", "kind", "link", "zeros", "dead", "dormant", "nan_count", "inf_count")
_CLASS_STATISTICS = ("class_id", "class_name", "num_samples", "mean", "std", "median", "sparsity_%")


def export_tables(
    atlas: Atlas, folder: str | os.PathLike, threshold: float = DEAD_THRESHOLD
) -> tuple[Path, ...]:
    """Write `activation_statistics.csv`, `dead_neurons_info.json` and for each site `class_stats_<site>.csv`.

    The notebooks' columns come first, further ones follow; sparsity is blank off rectified sites; an
    unlabelled atlas has no class files. `threshold` tells dead units. All files appear, or none does.

    Returns:
        The files, in the order in which they were written.

    Raises:
        DataError: the atlas is damaged or `folder` cannot be written.
    """

    def write(place: Path) -> None:
        _csv(_statistics(atlas), place / "activation_statistics.csv")
        text = json.dumps(_dead_units(atlas, threshold), indent=2, ensure_ascii=False)
        (place / "dead_neurons_info.json").write_text(text + "\n", encoding="utf-8")
        for site, name in zip(atlas.sites, class_files(atlas.sites), strict=True):
            rows = atlas.classes(site)
            if len(rows):
                _csv(rows[list(_CLASS_STATISTICS)], place / name)

    return write_together(folder, write)


def class_files(sites: Sequence[str]) -> tuple[str, ...]:
    """The class file of each site: `_` for `.`, other awkward characters percent-escaped.

    Where two sites would share a name, they keep their dots.

    >>> class_files(["layer1.0.relu", "layer1.0/relu:0"])
    ('class_stats_layer1_0_relu.csv', 'class_stats_layer1_0%2Frelu%3A0.csv')
    >>> class_files(["a.b", "a_b"])
    ('class_stats_a.b.csv', 'class_stats_a_b.csv')
    """
    plain = [escape(site).replace(".", "_") for site in sites]
    names = (
        name if plain.count(name) == 1 else escape(site) for site, name in zip(sites, plain, strict=True)
    )
    return tuple(f"class_stats_{name}.csv" for name in names)


def write_together(folder: str | os.PathLike, write: Callable[[Path], None]) -> tuple[Path, ...]:
    """Let `write` fill a folder beside `folder`, then move its files in: a failure leaves `folder` as it was.

    Raises DataError where the folder cannot be written.

    >>> with tempfile.TemporaryDirectory() as held:
    ...     written = write_together(held, lambda place: (place / "a.txt").touch())
    ...     [path.name for path in written], os.listdir(held)
    (['a.txt'], ['a.txt'])
    """
    target = Path(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target if target.is_dir() else target.parent
        with tempfile.TemporaryDirectory(dir=beside, prefix=".neurolupa-export-") as held:
            write(Path(held))
            target.mkdir(exist_ok=True)
            return tuple(path.replace(target / path.name) for path in sorted(Path(held).iterdir()))
    except OSError as error:
        raise DataError(f"cannot write to {target}: {error.strerror or error}") from None


def _statistics(atlas: Atlas) -> pd.DataFrame:
    layers = atlas.layers.rename(columns={"site": "layer"})
    return layers[[*_STATISTICS, *_MORE_STATISTICS]]


def _dead_units(atlas: Atlas, threshold: float) -> dict[str, dict]:
    found = atlas.dead(threshold)
    totals = dict(zip(atlas.layers["site"], atlas.layers["total_neurons"], strict=True))
    indices = {site: found.loc[found["site"] == site, "unit"].tolist() for site in atlas.sites}
    return {site: _dead_layer(int(totals[site]), indices[site], threshold) for site in atlas.sites}


def _dead_layer(total: int, indices: list[int], threshold: float) -> dict:
    return {
        "total_neurons": total,
        "dead_neurons": len(indices),
        "dead_percentage": 100 * len(indices) / total,
        "dead_indices_count": len(indices),
        "dead_indices": indices,
        "threshold": threshold,
    }


def _csv(frame: pd.DataFrame, path: Path) -> None:
    write_csv(frame, path)
