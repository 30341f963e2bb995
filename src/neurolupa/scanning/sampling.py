"""The sampled images: a bounded, hash-chosen subset of which every unit's values are kept."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.schema import escape
from neurolupa.capture import Site
from neurolupa.core.measurement import Measurement
from neurolupa.scanning.rows import RowFile

_KINDS = {"mean": np.float32, "max": np.float32, "argmax": np.int32}


def hash_ids(ids: Iterable[str]) -> NDArray[np.uint64]:
    """A 64-bit hash of every id, the same on every machine.

    >>> hash_ids(["cat.jpg"])
    array([17319441901738941214], dtype=uint64)
    """
    digests = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in ids)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def choose(keys: NDArray[np.uint64], count: int) -> NDArray[np.int64]:
    """The indices of the `count` smallest keys, ascending; ties go to the smaller index.

    >>> choose(np.array([5, 1, 9, 1], np.uint64), 2)
    array([1, 3])
    """
    return np.sort(np.argsort(keys, kind="stable")[:count])


class SampleWriter:
    """The files of `samples/`: of each site the mean, maximum and its place, a row an image."""

    def __init__(self, folder: Path, sites: Sequence[Site], rows: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        with ExitStack() as opened:
            self._files = {
                (site.address, kind): opened.enter_context(
                    RowFile(sample_file(folder, site.name, kind), (site.units,), dtype, rows)
                )
                for site in sites
                for kind, dtype in _KINDS.items()
            }
            self._opened = opened.pop_all()

    def write(self, site: Site, measurement: Measurement, chosen: NDArray[np.bool_]) -> None:
        """Appends the chosen images of a block, NaN where nothing is finite; `chosen` is (B,)."""
        for kind, rows in sample_rows(measurement, chosen).items():
            self._files[site.address, kind].append(rows)

    def append(self, rows: Mapping[tuple[str, str], NDArray]) -> None:
        """Appends rows that were made elsewhere, by address of the site and kind of value."""
        for key, values in rows.items():
            self._files[key].append(values)

    def flush(self) -> None:
        """Hands the rows to the operating system."""
        for file in self._files.values():
            file.flush()

    def close(self, images: NDArray[np.int64] | None = None) -> None:
        """Closes every file; with `images` (S,), which image each row is of, the samples are complete."""
        self._opened.close()
        if images is not None:
            np.save(self._folder / "images.npy", images)


def sample_rows(measurement: Measurement, chosen: NDArray[np.bool_]) -> dict[str, NDArray]:
    """By kind of value, the (n, C) rows of a block's chosen images, NaN where nothing is finite.

    `chosen` is (B,); where nothing is chosen there is no kind either.
    """
    if not chosen.any():
        return {}
    maxima = measurement.extremes[1]
    if measurement.counts is not None:
        maxima = np.where(measurement.finite > 0, maxima, np.nan)
    values = zip(_KINDS, (measurement.means, maxima, measurement.places[3]), strict=True)
    return {
        kind: (array if chosen.all() else array[:, chosen]).T.astype(_KINDS[kind], copy=False)
        for kind, array in values
    }


def sample_file(folder: Path, site: str, kind: str) -> Path:
    """Where one kind of value of a site lies.

    >>> sample_file(Path("samples"), "layer1.0/relu", "max").as_posix()
    'samples/layer1.0%2Frelu.max.npy'
    """
    return folder / f"{escape(site)}.{kind}.npy"
