"""The arrays of one site: its sketches, its mean maps and its sampled images, read piece by piece."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from neurolupa.atlas.checks import ascending, first_line, fractions, whole_number
from neurolupa.atlas.checksums import require_unchanged
from neurolupa.atlas.schema import escape
from neurolupa.core.sketch import COARSE, FINE, Numbers, histogram, quantiles
from neurolupa.errors import DataError, UsageError

_UNREADABLE = (
    ValueError, TypeError, LookupError, EOFError, AttributeError, OverflowError, MemoryError, SyntaxError,
    TokenError, RecursionError,
)  # fmt: skip
"""What NumPy and the JSON in an array file's head raise on damaged bytes."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Values of every unit on the sampled images of an atlas, memory-mapped.

    Attributes:
        images: (S,) int64, indices of the images.
        mean: (S, C) float32, spatial means.
        max: (S, C) float32, spatial maxima.
        argmax: (S, C) int32, where the maximum lies: row * width + column.
    """

    images: NDArray[np.int64]
    mean: NDArray[np.float32]
    max: NDArray[np.float32]
    argmax: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Sketch:
    """The distribution of a site's values as counts in bins; quantiles are within 2^-8 of the value.

    Attributes:
        site: its name.
        thinning: one value in so many was counted; 1 where all were.
    """

    site: str
    thinning: int
    folder: Path
    layer: pd.Series
    units: pd.DataFrame

    @property
    def path(self) -> Path:
        """Where the counts lie."""
        return array_file(self.folder, self.site)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Counts of the whole site in `core.sketch.FINE`, shape (FINE.size,)."""
        dense = np.zeros(FINE.size, np.int64)
        with _arrays(self.folder, self.path) as arrays:
            dense[arrays.get_tensor("fine_index")] = arrays.get_tensor("fine_count")
        return dense

    def quantile(self, q: Numbers) -> NDArray[np.float64]:
        """Quantiles of the whole site, in the shape of `q` (0..1)."""
        levels = fractions("quantiles", q)
        return quantiles(self.counts, FINE, levels, self.layer["min"], self.layer["max"])

    def histogram(self, edges: Numbers) -> NDArray[np.float64]:
        """Counts between the (B + 1) ascending edges, shape (B,); a bin that an edge cuts is shared out."""
        return histogram(self.counts, FINE, ascending("edges", edges))

    def unit_counts(self, unit: int) -> NDArray[np.int64]:
        """Counts of one unit in `core.sketch.COARSE`, shape (COARSE.size,)."""
        index = unit_index(self.site, unit, len(self.units))
        with _arrays(self.folder, self.path) as arrays:
            return arrays.get_slice("unit_counts")[index]

    def unit_quantile(self, unit: int, q: Numbers) -> NDArray[np.float64]:
        """Quantiles of one unit, in the shape of `q`; coarser than the site's (eight bins an octave)."""
        levels, counts = fractions("quantiles", q), self.unit_counts(unit)
        row = self.units.iloc[int(unit)]
        return quantiles(counts, COARSE, levels, row["min"], row["max"])


def unit_index(site: str, unit: int, count: int) -> int:
    """The index of one of a site's `count` units; UsageError when it has no such unit.

    >>> unit_index("relu", 4, 4)
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: relu has no unit 4; its units are 0 to 3
    """
    index = whole_number("unit", unit)
    if not 0 <= index < count:
        raise UsageError(f"{site} has no unit {index}; its units are 0 to {count - 1}")
    return index


def read_samples(folder: Path, site: str) -> Samples:
    """The sampled values of a site; DataError when a file is missing or damaged."""
    held = folder / "samples"
    images = _map(folder, held / "images.npy", np.int64, 1)
    kinds = {"mean": np.float32, "max": np.float32, "argmax": np.int32}
    paths = {what: held / f"{escape(site)}.{what}.npy" for what in kinds}
    columns = {what: _map(folder, path, kinds[what], 2) for what, path in paths.items()}
    for what, column in columns.items():
        if len(column) != len(images):
            raise DataError(f"{paths[what]} is damaged: {len(column)} rows for {len(images)} images")
    return Samples(images, **columns)


def read_mean_map(folder: Path, site: str, unit: int | None = None) -> NDArray[np.float32]:
    """The mean map of one unit (H, W), or of all (C, H, W), over the images; reads no other unit's."""
    with _arrays(folder, array_file(folder, site)) as arrays:
        return arrays.get_tensor("mean_map") if unit is None else arrays.get_slice("mean_map")[unit]


KERNELS_FILE = "kernels.safetensors"
KERNELS_KEPT = 16
"""Of every convolution so many kernels are kept, so that they can be looked at without the network."""


@dataclass(frozen=True, eq=False)
class Kernels:
    """The first kernels of a convolution.

    Attributes:
        layer: its name.
        weight: (K, in, height, width) float32.
        total: how many kernels the layer has.
    """

    layer: str
    weight: NDArray[np.float32]
    total: int


def read_kernels(folder: Path) -> dict[str, Kernels]:
    """The kept kernels of every convolution of the network, by layer, in forward order."""
    with _arrays(folder, folder / KERNELS_FILE) as arrays:
        totals = json.loads(arrays.metadata()["totals"])
        return {layer: Kernels(layer, arrays.get_tensor(layer), total) for layer, total in totals.items()}


def write_kernels(folder: Path, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Keeps the first kernels of every layer's weight (out, in, height, width).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_kernels(Path(place), {"conv1": np.zeros((64, 3, 7, 7), np.float32)})
    ...     kept = read_kernels(Path(place))["conv1"]
    ...     kept.weight.shape, kept.total
    ((16, 3, 7, 7), 64)
    """
    kept = {layer: np.ascontiguousarray(weight[:KERNELS_KEPT]) for layer, weight in weights.items()}
    totals = {layer: len(weight) for layer, weight in weights.items()}
    save_file(kept, folder / KERNELS_FILE, {"totals": json.dumps(totals)})


def array_file(folder: Path, site: str) -> Path:
    """Where a site's arrays lie.

    >>> array_file(Path("atlas"), "layer1.0/relu").as_posix()
    'atlas/arrays/layer1.0%2Frelu.safetensors'
    """
    return folder / "arrays" / f"{escape(site)}.safetensors"


def _map(folder: Path, path: Path, dtype: type, axes: int) -> Any:
    try:
        require_unchanged(folder, path)
        held = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, *_UNREADABLE) as error:
        raise DataError(f"{path} cannot be read: {first_line(error)}") from None
    if held.dtype != dtype or held.ndim != axes:
        raise DataError(f"{path} is damaged: it holds {held.dtype} values on {held.ndim} axes")
    return held


@contextmanager
def _arrays(folder: Path, path: Path) -> Iterator[Any]:
    """The arrays of a file; what goes wrong with them within is the file's fault."""
    try:
        require_unchanged(folder, path)
        with safe_open(path, framework="np") as arrays:
            yield arrays
    except (OSError, SafetensorError, *_UNREADABLE) as error:
        raise DataError(f"{path} cannot be read: {first_line(error)}") from None
