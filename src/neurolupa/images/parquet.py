"""`parquet:FILE_OR_GLOB`: encoded images and labels in parquet files, as data sets are published."""

import os
from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path

import numpy as np

from neurolupa.errors import DataError, UsageError
from neurolupa.images.classes import read_names
from neurolupa.images.columns import Columns, find_columns, read_labels, row_counts
from neurolupa.images.listing import missing, natural_key
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.rows import ByteRows
from neurolupa.images.sets import ImageSet
from neurolupa.images.unreadable import UnreadableImage


@IMAGE_SETS.register("parquet")
def open_parquet(
    where: str, *, names: str | Sequence[str] | None = None, image: str = "", label: str = ""
) -> "ParquetSet":
    """The rows of one parquet file, or of all that a glob finds, in natural order of their paths.

    `image` names the column of encoded images, bytes or structs with a field bytes (without it: image or
    img), `label` that of class indices or class names (label or labels; there may be none). `names` gives the
    class names: a list, "cifar10", or a .txt or .json file; without it those that Hugging Face's library puts
    into the file.
    """
    files = _found_files(where)
    columns = find_columns(files, image, label)
    given = read_names(names) if names is not None else columns.names
    labels, classes = read_labels(files, columns, given)
    return ParquetSet(f"parquet:{where}", files, columns, labels, classes)


def _found_files(where: str) -> tuple[Path, ...]:
    if not where:
        raise UsageError("parquet needs a file or a glob: parquet:FILE")
    path = Path(where).expanduser()
    if path.is_dir():
        raise DataError(f"{where!r} is a folder; try parquet:{where.rstrip('/')}/*.parquet")
    if path.is_file():
        return (path,)
    matches = glob(str(path), recursive=True)  # noqa: PTH207 (a whole pattern, not a path and a pattern)
    found = [Path(name) for name in sorted(matches, key=natural_key)]
    if not found:
        raise DataError(f"no file matches {where!r}") if has_magic(where) else missing("file", path)
    return tuple(found)


class ParquetSet(ImageSet):
    """Encoded images in parquet files, read a few rows at a time; the id is "<file>/000123"."""

    def __init__(
        self, spec: str, files: Sequence[Path], columns: Columns, labels: np.ndarray, classes: tuple[str, ...]
    ) -> None:
        super().__init__(_name(files), spec, labels, classes, labelled_by="column")
        self._files = files
        self._rows = ByteRows(files, columns.image)
        self._prefixes = _prefixes(files)
        self._starts = np.cumsum([0, *row_counts(files)])

    def id_of(self, index: int) -> str:
        """The file without its extension, and the row in it."""
        place = int(np.searchsorted(self._starts, index, side="right")) - 1
        return f"{self._prefixes[place]}/{index - int(self._starts[place]):06d}"

    def source_of(self, index: int) -> bytes:
        """The encoded image."""
        try:
            data = self._rows[index]
        except Exception as error:  # pyarrow trips over damaged pages in many ways
            raise UnreadableImage("the parquet file is damaged") from error
        if data is None:
            raise UnreadableImage("no bytes")
        return data

    def size_of(self, index: int) -> None:
        """Unknown: parquet tells a value's length only when it is read."""

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """The files and their bytes."""
        return tuple((file.name, file.stat().st_size) for file in self._files)


def _name(files: Sequence[Path]) -> str:
    return files[0].stem if len(files) == 1 else files[0].absolute().parent.name


def _prefixes(files: Sequence[Path]) -> list[str]:
    """Each file without its extension, relative to the folder that all share."""
    if len({file.parent for file in files}) == 1:
        return [file.stem for file in files]
    shared = Path(os.path.commonpath([file.parent for file in files]))
    return [file.relative_to(shared).with_suffix("").as_posix() for file in files]
