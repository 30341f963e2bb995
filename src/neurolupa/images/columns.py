"""Which columns of parquet files are the image and the label, and what the classes are called."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.errors import DataError
from neurolupa.images.classes import checked_labels, complete_classes, encode_names
from neurolupa.images.records import UNLABELLED

if TYPE_CHECKING:
    import pyarrow

_IMAGE_COLUMNS = ("image", "img")
_LABEL_COLUMNS = ("label", "labels")


@dataclass(frozen=True)
class Columns:
    """The names of the image and the label column ("" if there is none), and class names kept in the file."""

    image: str
    label: str
    names: tuple[str, ...] | None


def find_columns(files: Sequence[Path], image: str, label: str) -> Columns:
    """The columns asked for, or the usual ones; DataError where a file lacks them or is no parquet file."""
    schemas = [(file.name, _schema(file)) for file in files]
    name, first = schemas[0]
    found_image = _column(first, image, _IMAGE_COLUMNS, name)
    found_label = _column(first, label, _LABEL_COLUMNS, name)
    if not found_image:
        raise DataError(f"{name} has no column image; it has {', '.join(first.names)}")
    for other, schema in schemas:
        _require_types(schema, found_image, found_label, other)
    return Columns(found_image, found_label, _embedded_names(first, found_label))


def row_counts(files: Sequence[Path]) -> list[int]:
    """The number of rows of each file."""
    import pyarrow.parquet as parquet

    found = []
    for file in files:
        with readable(file):
            found.append(parquet.read_metadata(file).num_rows)
    return found


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Within it, whatever pyarrow raises on damaged bytes is a DataError that names the file."""
    try:
        yield
    except Exception as error:
        raise DataError(f"{file.name} is not a readable parquet file") from error


def read_labels(
    files: Sequence[Path], columns: Columns, names: Sequence[str] | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels (N,) over all files and the class names that they index; a null is unlabelled.

    Labels kept as text index the given names, or without them their own sorted distinct values.
    """
    if not columns.label:
        return np.full(sum(row_counts(files)), UNLABELLED, dtype=np.int64), ()
    found = [_column_values(file, columns.label) for file in files]
    if all(_holds_indices(column.type) for column in found):
        labels = checked_labels(np.concatenate([_indices(column) for column in found]), files[0].name)
        return labels, complete_classes(labels, names, files[0].name)
    values = [value for column in found for value in column.to_pylist()]
    if any(isinstance(value, str) for value in values):
        return encode_names(values, names, files[0].name)
    labels = checked_labels(values, files[0].name)
    return labels, complete_classes(labels, names, files[0].name)


def _column_values(file: Path, name: str) -> "pyarrow.ChunkedArray":
    import pyarrow.parquet as parquet

    with readable(file):
        return parquet.read_table(file, columns=[name], partitioning=None).column(0)


def _schema(file: Path) -> "pyarrow.Schema":
    import pyarrow.parquet as parquet

    with readable(file):
        return parquet.read_schema(file)


def _column(schema: "pyarrow.Schema", asked: str, usual: Sequence[str], file: str) -> str:
    if asked and asked not in schema.names:
        raise DataError(f"{file} has no column {asked!r}; it has {', '.join(schema.names)}")
    return asked or next((name for name in usual if name in schema.names), "")


def _require_types(schema: "pyarrow.Schema", image: str, label: str, file: str) -> None:
    if not {image, label} - {""} <= set(schema.names):
        raise DataError(f"{file} lacks the columns of the other files: {image}, {label}")
    if not _holds_bytes(schema.field(image).type):
        raise DataError(f"{file}: the column {image} holds {schema.field(image).type}, not encoded images")
    if label and _holds_lists(schema.field(label).type):
        raise DataError(f"{file}: several labels for an image; multi-label sets are not read")


def _holds_bytes(kind: "pyarrow.DataType") -> bool:
    import pyarrow.types as types

    if types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and _holds_bytes(kind.field("bytes").type)
    return types.is_binary(kind) or types.is_large_binary(kind)


def _holds_indices(kind: "pyarrow.DataType") -> bool:
    """Whether every value fits into int64."""
    import pyarrow.types as types

    return types.is_integer(kind) and not types.is_uint64(kind)


def _indices(column: "pyarrow.ChunkedArray") -> np.ndarray:
    """(n,) int64, nulls as -1: eight bytes a row, where Python's numbers would take forty."""
    return column.cast("int64").fill_null(UNLABELLED).to_numpy()


def _holds_lists(kind: "pyarrow.DataType") -> bool:
    import pyarrow.types as types

    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)


def _embedded_names(schema: "pyarrow.Schema", label: str) -> tuple[str, ...] | None:
    """The class names that Hugging Face's library keeps in the schema's metadata."""
    try:
        features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
        names = features[label]["names"]
    except (TypeError, KeyError, ValueError, RecursionError):
        return None
    return tuple(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else None
