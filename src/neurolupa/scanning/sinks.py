"""Where values go besides the accumulators: the sampled images' rows, and activations that are kept whole."""

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.atlas.checks import path_of
from neurolupa.atlas.schema import escape
from neurolupa.capture import Site
from neurolupa.core.measurement import Measurement
from neurolupa.errors import DataError, UsageError
from neurolupa.scanning.rows import RowFile, naming
from neurolupa.scanning.sampling import SampleWriter


class SampleSink:
    """Hands the sampled images of every block to a `SampleWriter`; `sampled` is (N,)."""

    def __init__(self, writer: SampleWriter, sampled: NDArray[np.bool_]) -> None:
        self._writer = writer
        self._sampled = sampled

    def write(self, site: Site, planes: Tensor, measurement: Measurement, images: NDArray[np.int64]) -> None:
        """Appends the sampled images' rows."""
        self._writer.write(site, measurement, self._sampled[images])

    def flush(self) -> None:
        """Hands the rows to the operating system."""
        self._writer.flush()


class ActivationSink:
    """Keeps every activation of every image, on disk first and at the end in one file for `torch.load`.

    The file holds a dictionary: `activations` (site to (N, C, H, W) float32, or (N, F)), `labels` (N,),
    `class_names`, `num_samples`.
    """

    def __init__(self, file: Path, sites: Sequence[Site], rows: int = 0) -> None:
        self._file = file
        self._parts = file.with_name(f"{file.name}.parts")
        self._parts.mkdir(parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._rows = {
                site.address: opened.enter_context(
                    RowFile(self._parts / f"{escape(site.name)}.npy", kept_shape(site), np.float32, rows)
                )
                for site in sites
            }
            self._opened = opened.pop_all()
        self._names = {site.address: site.name for site in sites}

    def write(self, site: Site, planes: Tensor, measurement: Measurement, images: NDArray[np.int64]) -> None:
        """Appends a block."""
        values = planes.detach().to("cpu", torch.float32).numpy()
        self._rows[site.address].append(values.reshape(len(images), *kept_shape(site)))

    def flush(self) -> None:
        """Hands the rows to the operating system."""
        for rows in self._rows.values():
            rows.flush()

    def finish(self, labels: NDArray[np.int64], class_names: Sequence[str]) -> None:
        """Writes the file in one step; the parts stay, for a scan that is stopped before its end."""
        activations = {}
        self.close()
        for address, rows in self._rows.items():
            mapped = np.load(rows.path, mmap_mode="r+")
            activations[self._names[address]] = torch.from_numpy(mapped)
        content = {
            "activations": activations,
            "labels": torch.from_numpy(labels),
            "class_names": list(class_names),
            "num_samples": len(labels),
        }
        with naming(self._file):
            _save(content, self._file)

    def remove_parts(self) -> None:
        """Removes what only an interrupted scan needs."""
        shutil.rmtree(self._parts, ignore_errors=True)

    def close(self) -> None:
        """Closes the parts, which an interrupted scan goes on with."""
        self._opened.close()


def kept_shape(site: Site) -> tuple[int, ...]:
    """The shape in which one image's activations are kept: units first, then rows and columns if there are.

    >>> kept_shape(Site("fc", kind="linear", shape=(10,)))
    (10,)
    """
    flat = site.height == site.width == 1 and len(site.shape) == 1
    return (site.units,) if flat else (site.units, site.height, site.width)


def kept_bytes(sites: Sequence[Site], images: int) -> int:
    """How many bytes the kept activations of `images` images take.

    >>> kept_bytes([Site("relu", kind="relu", shape=(64, 56, 56))], 1000)
    802816000
    """
    return 4 * images * sum(site.units * site.height * site.width for site in sites)


def kept_file(value: str | os.PathLike, folder: Path) -> Path:
    """Where activations are kept, for a scan into `folder`.

    Raises:
        UsageError: no path of a file, or one that an atlas in `folder` would take along when it is replaced.

    >>> kept_file("kept.pth", Path("atlas")).name
    'kept.pth'
    """
    file = path_of("keep_activations", value)
    if file.is_dir():
        raise UsageError(f"keep_activations takes a file; {file} is a folder")
    if not _standing(file).is_dir():
        raise UsageError(f"keep_activations takes a file in a folder; {_standing(file)} is none")
    if file.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"keep_activations takes a file outside of the atlas {folder}, not {file}")
    return file


def refuse_too_large(file: Path, sites: Sequence[Site], images: int) -> None:
    """DataError when the activations would not fit on the disk, where they stand twice for a moment."""
    from neurolupa.scanning.plan import size  # which imports the scan itself

    needed, free = 2 * kept_bytes(sites, images), shutil.disk_usage(_standing(file)).free
    if needed > free:
        raise DataError(
            f"keeping all activations needs {size(needed)} of disk while it is written, "
            f"and {size(free)} are free; scan fewer images or sites"
        )


def _standing(file: Path) -> Path:
    """The nearest folder above that is already there."""
    return next(parent for parent in file.absolute().parents if parent.exists())


def _save(content: dict[str, Any], file: Path) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        torch.save(content, part)
    except RuntimeError as error:  # what torch makes of a full disk
        raise OSError(errno.EIO, str(error).partition("\n")[0]) from error
    part.replace(file)
