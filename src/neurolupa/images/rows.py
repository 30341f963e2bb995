"""One column of bytes in parquet files, row by row, with a small memory."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from neurolupa.images.columns import readable

if TYPE_CHECKING:
    import pyarrow

_BLOCK_ROWS = 64
_KEPT_BYTES = 32 * 2**20


class _Group(NamedTuple):
    """A row group: its file, its number there, and its first row counted over all files."""

    file: Path
    number: int
    start: int


class _Block(NamedTuple):
    """Consecutive rows, encoded as they are in the file."""

    start: int
    values: "pyarrow.Array"

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and self.start <= row < self.start + len(self.values)


class ByteRows:
    """Random access to a column of bytes, or of structs with a field `bytes`; best when read in order.

    Row groups are streamed in blocks of 64 rows, and about 32 MB of blocks are kept: a step back beyond these
    starts the row group again. One thread reads at a time.
    """

    def __init__(self, files: Sequence[Path], column: str) -> None:
        self._files, self._column = tuple(files), column
        self._groups = _row_groups(files)
        self._starts = np.array([group.start for group in self._groups])
        self._blocks: list[_Block] = []
        self._stream: Iterator[pyarrow.RecordBatch] = iter(())
        self._streamed: _Group | None = None
        self._next_row = 0
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple:
        """What another process needs: it opens the files for itself."""
        return type(self), (self._files, self._column)

    def __getitem__(self, row: int) -> bytes | None:
        """The bytes of a row, None where it is null; pyarrow's errors where the file is damaged there."""
        with self._lock:
            block = next((block for block in reversed(self._blocks) if row in block), None)
            block = block or self._advance_to(row)
            return block.values[row - block.start].as_py()

    def _advance_to(self, row: int) -> _Block:
        group = self._groups[int(np.searchsorted(self._starts, row, side="right")) - 1]
        if group != self._streamed or row < self._next_row:
            self._restart(group)
        while True:
            block = self._read_block()
            if row in block:
                return block

    def _restart(self, group: _Group) -> None:
        import pyarrow.parquet as parquet

        self._streamed = None  # should opening fail, the next row starts afresh
        file = parquet.ParquetFile(group.file, pre_buffer=False, buffer_size=2**20)
        self._stream = file.iter_batches(_BLOCK_ROWS, row_groups=[group.number], columns=[self._column])
        self._next_row = group.start
        self._streamed = group

    def _read_block(self) -> _Block:
        try:
            batch = next(self._stream)
        except Exception:
            self._streamed = None
            raise
        block = _Block(self._next_row, _bytes_of(batch.column(0)))
        self._next_row += batch.num_rows
        self._blocks.append(block)
        while sum(kept.values.nbytes for kept in self._blocks[:-1]) > _KEPT_BYTES:
            self._blocks.pop(0)
        return block


def _row_groups(files: Sequence[Path]) -> list[_Group]:
    import pyarrow.parquet as parquet

    groups = []
    start = 0
    for file in files:
        with readable(file):
            metadata = parquet.read_metadata(file)
        for number in range(metadata.num_row_groups):
            groups.append(_Group(file, number, start))
            start += metadata.row_group(number).num_rows
    return groups


def _bytes_of(column: "pyarrow.Array") -> "pyarrow.Array":
    import pyarrow
    import pyarrow.compute as compute

    return compute.struct_field(column, "bytes") if pyarrow.types.is_struct(column.type) else column
