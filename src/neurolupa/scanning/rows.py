"""A NumPy file that grows row by row on disk, so that what is stored per image never stands in memory."""

import os
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


class RowFile:
    """An `.npy` file of shape (rows, *shape) that is written in order and may be resumed at any row."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: Any, rows: int = 0) -> None:
        self.path = path
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._rows = rows
        self._file = path.open("r+b" if rows else "w+b")
        self._write_header()
        self._start = self._file.tell()
        self._file.seek(self._start + rows * self._row_bytes)
        self._file.truncate()

    @property
    def _row_bytes(self) -> int:
        return int(np.prod(self._shape, dtype=np.int64)) * self._dtype.itemsize

    def append(self, rows: NDArray) -> None:
        """Adds (n, *shape) rows."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).tobytes())
        self._rows += len(rows)

    def flush(self) -> None:
        """Hands everything to the operating system, so that a killed process loses nothing of it."""
        self._file.flush()

    def close(self) -> None:
        """States the number of rows in the header and closes the file."""
        if not self._file.closed:
            self._file.seek(0)
            self._write_header()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_header(self) -> None:
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False}
        npy.write_array_header_1_0(self._file, header | {"shape": (self._rows, *self._shape)})
