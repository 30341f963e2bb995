"""Tables on disk: written in a fixed order to the same bytes, read one row group at a time."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from neurolupa.atlas.checks import first_line
from neurolupa.atlas.checksums import require_unchanged
from neurolupa.atlas.schema import BANDS, IMAGES, ROW_GROUP, Table
from neurolupa.errors import DataError

_TYPES = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}


def write_table(frames: pd.DataFrame | Iterable[pd.DataFrame], path: str | os.PathLike, table: Table) -> None:
    """Write `frames` as one table: the same rows give the same bytes, and a failure leaves no file at `path`.

    Several frames are written one after the other, each holding whole sites, so that a big table is never in
    memory at once. Sites keep the order in which they come; within a site rows are sorted by `table.keys`.
    Raises ValueError when a frame lacks a column of the table or has one too many.

    >>> import tempfile
    >>> from neurolupa.atlas.schema import UNIT_CLASSES
    >>> frame = pd.DataFrame({"site": "relu", "unit": [1, 0], "class_id": 0, "num_samples": 2,
    ...                       "mean": [4.0, 3.0], "std": 0.0, "min": 1.0, "max": 5.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(frame, Path(folder) / "unit_classes.parquet", UNIT_CLASSES)
    ...     read_table(folder, UNIT_CLASSES)["mean"].tolist()
    [3.0, 4.0]
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    schema = arrow_schema(table)
    chunks = [frames] if isinstance(frames, pd.DataFrame) else frames
    try:
        with pq.ParquetWriter(
            part, schema, compression="zstd", store_schema=False, write_page_checksum=True
        ) as writer:
            for chunk in chunks:
                for group in _row_groups(_sorted(chunk, table), table):
                    writer.write_table(pa.Table.from_pandas(group, schema, preserve_index=False))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_table(folder: str | os.PathLike, table: Table) -> pd.DataFrame:
    """The whole table of the atlas in `folder`.

    Raises DataError when the file is missing or damaged. `write_table` shows it at work.
    """
    return _load(folder, table, {})


def read_rows(folder: str | os.PathLike, table: Table, site: str, unit: int | None = None) -> pd.DataFrame:
    """The rows of one site, or of one unit of it; only the row groups that can hold them are read.

    Raises DataError when the file is missing or damaged.

    >>> from neurolupa.atlas.schema import UNITS
    >>> read_rows("nowhere", UNITS, "relu", 3)
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: the atlas nowhere lacks units.parquet; scan again with --overwrite
    """
    wanted: dict[str, Collection] = {"site": (site,)} if unit is None else {"site": (site,), "unit": (unit,)}
    return _load(folder, table, wanted)


def read_images(folder: str | os.PathLike, images: Collection[int]) -> pd.DataFrame:
    """The rows of some images, in their order in the set; only the row groups that can hold them are read.

    Raises DataError when the file is missing or damaged.

    >>> read_images("nowhere", [5])
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: the atlas nowhere lacks images.parquet; scan again with --overwrite
    """
    return _load(folder, IMAGES, {"image": images})


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns as Arrow types, without any metadata.

    >>> from neurolupa.atlas.schema import CLASSES
    >>> arrow_schema(CLASSES).field("class_id").type
    DataType(int64)
    """
    return pa.schema(
        [
            pa.field(name, _TYPES[kind.rstrip("?")], nullable=kind[-1] == "?" or kind == "float")
            for name, kind in table.columns.items()
        ]
    )


def _sorted(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    if set(frame.columns) != set(table.columns):
        odd = sorted(set(frame.columns) ^ set(table.columns))
        raise ValueError(f"the {table.name} table has other columns; missing or unknown: {', '.join(odd)}")
    order = np.lexsort([_rank(frame[key]) for key in reversed(table.keys)])
    return frame[list(table.columns)].iloc[order]


def _rank(column: pd.Series) -> np.ndarray:
    if column.name == "site":
        return pd.factorize(column)[0]
    if column.name == "band":
        return column.map(BANDS.index).to_numpy()
    return column.to_numpy()


def _row_groups(frame: pd.DataFrame, table: Table) -> Iterator[pd.DataFrame]:
    """Slices of at most ROW_GROUP rows, never of two sites with many: a group's statistics name its site."""
    apart = "site" in table.keys and len(table.keys) > 1
    sites = [part for _, part in frame.groupby("site", sort=False)] if apart else [frame]
    for part in sites:
        for start in range(0, len(part), ROW_GROUP):
            yield part.iloc[start : start + ROW_GROUP]


def _load(folder: str | os.PathLike, table: Table, wanted: Mapping[str, Collection]) -> pd.DataFrame:
    path = Path(folder) / table.file
    try:
        require_unchanged(Path(folder), path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _check(file, path, table)
            rows = file.read_row_groups(_held(file, wanted), columns=list(table.columns))
        rows.validate(full=True)
        return _to_pandas(_only(rows, wanted), table)
    except FileNotFoundError:
        raise DataError(f"the atlas {Path(folder)} lacks {table.file}; scan again with --overwrite") from None
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise DataError(f"{path} is damaged: {first_line(error)}") from None


def _only(rows: pa.Table, wanted: Mapping[str, Collection]) -> pa.Table:
    """The rows whose columns hold a wanted value; picked here, because pandas is slower at it."""
    for column, values in wanted.items():
        held = rows[column]
        rows = rows.filter(pc.is_in(held, value_set=pa.array(list(values), held.type)))
    return rows


def _check(file: pq.ParquetFile, path: Path, table: Table) -> None:
    missing = [name for name in table.columns if name not in file.schema_arrow.names]
    if missing:
        raise DataError(f"{path} is damaged: it has no column {missing[0]!r}")
    expected, found = arrow_schema(table), file.schema_arrow
    odd = [field.name for field in expected if found.field(field.name).type != field.type]
    if odd:
        raise DataError(f"{path} is damaged: its column {odd[0]!r} is of another type")


def _held(file: pq.ParquetFile, wanted: Mapping[str, Collection]) -> list[int]:
    names = file.schema_arrow.names
    columns = {names.index(column): values for column, values in wanted.items()}
    groups = range(file.num_row_groups)
    return [index for index in groups if _may_hold(file.metadata.row_group(index), columns)]


def _may_hold(group: pq.RowGroupMetaData, wanted: Mapping[int, Collection]) -> bool:
    """Whether the row group's statistics leave room for the wanted values of its columns."""
    for index, values in wanted.items():
        statistics = group.column(index).statistics
        if statistics is not None and statistics.has_min_max:
            low, high = statistics.min, statistics.max
            if not any(low <= value <= high for value in values):
                return False
    return True


def _to_pandas(rows: pa.Table, table: Table) -> pd.DataFrame:
    frame = rows.to_pandas()
    for name in (name for name, kind in table.columns.items() if kind == "int?"):
        frame[name] = frame[name].astype("Int64")  # column by column: pandas copies the others else
    return frame
