"""A NumPy file that grows row by row on disk, so that what is stored per image never stands in memory."""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from safetensors import SafetensorError

from neurolupa.errors import DataError


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Within it, an error of the disk says which file it is about, also where the library does not.

    >>> with naming(Path("atlas/run.json")):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    ...
    OSError: [Errno 28] No space left on device: 'atlas/run.json'
    """
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


class RowFile:
    """An `.npy` file of shape (rows, *shape) that is written in order and may be resumed at any row.

    Raises:
        DataError: it holds fewer rows than it is resumed at.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: Any, rows: int = 0) -> None:
        self.path = path
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._rows = rows
        self._file = path.open("r+b" if rows else "w+b")
        with naming(path), ExitStack() as failing:
            failing.callback(self._file.close)
            self._write_header()
            self._start = self._file.tell()
            end = self._start + rows * self._row_bytes
            if self._file.seek(0, os.SEEK_END) < end:
                raise DataError(f"{path} lacks rows that the checkpoint counts; start anew with --overwrite")
            self._file.seek(end)
            self._file.truncate()
            failing.pop_all()

    @property
    def _row_bytes(self) -> int:
        return int(np.prod(self._shape, dtype=np.int64)) * self._dtype.itemsize

    def append(self, rows: NDArray) -> None:
        """Adds (n, *shape) rows."""
        with naming(self.path):
            self._file.write(np.ascontiguousarray(rows, self._dtype).tobytes())
        self._rows += len(rows)

    def flush(self) -> None:
        """Hands everything to the operating system, so that a killed process loses nothing of it."""
        with naming(self.path):
            self._file.flush()

    def close(self) -> None:
        """States the number of rows in the header and closes the file."""
        if self._file.closed:
            return
        with naming(self.path), self._file:
            self._file.seek(0)
            self._write_header()
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_header(self) -> None:
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False}
        npy.write_array_header_1_0(self._file, header | {"shape": (self._rows, *self._shape)})
