"""Whether the files of an atlas are those that the scan wrote: `checksums.json`, looked at as they are read.

Of a parquet table only the end counts, which says where everything lies: its pages carry sums of their own,
so that one unit's rows are still read without the rest. Pictures and the record of the run are left out. An
atlas without the file is read unchecked.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from neurolupa.errors import DataError

CHECKSUMS = "checksums.json"
_KINDS = (".parquet", ".npy", ".safetensors")
_FOLDERS = ("", "arrays", "samples")
_PARQUET_END = 8
_PIECE = 1 << 20


def checksums_of(folder: Path) -> dict[str, list[int]]:
    """(bytes, CRC-32) of every file of numbers in a folder, by its path there; not of the front page.

    >>> checksums_of(Path("nowhere"))
    {}
    """
    return {path.relative_to(folder).as_posix(): checksum(path) for path in _files(folder)}


def checksum(path: Path) -> list[int]:
    """(bytes, CRC-32) of a file."""
    return list(_sum_once(path, *_stamp(path)))


def require_unchanged(folder: Path, path: Path) -> None:
    """DataError where a file of the atlas is another than the scan wrote; OSError where it cannot be read."""
    recorded = _recorded(folder)
    name = path.relative_to(folder).as_posix()
    if name in recorded and recorded[name] != checksum(path):
        raise DataError(f"{path} is damaged: it is not what the scan wrote; scan again with --overwrite")


def _files(folder: Path) -> Iterator[Path]:
    for part in _FOLDERS:
        here = folder / part
        found = sorted(here.iterdir()) if here.is_dir() else ()
        yield from (path for path in found if path.suffix in _KINDS)


def _recorded(folder: Path) -> Mapping[str, Any]:
    path = folder / CHECKSUMS
    try:
        return _parsed(path, *_stamp(path))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError):
        raise DataError(f"{path} is damaged; remove it to read the atlas unchecked") from None


@lru_cache(maxsize=8)
def _parsed(path: Path, *_stamp: int) -> Mapping[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes with a file: a sum is made again only then."""
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns, facts.st_ino


@lru_cache(maxsize=4096)
def _sum_once(path: Path, size: int, *_stamp: int) -> tuple[int, int]:
    found = 0
    with path.open("rb") as file:
        if path.suffix == ".parquet" and size >= _PARQUET_END:
            file.seek(-_PARQUET_END, os.SEEK_END)
            length = int.from_bytes(file.read(4), "little")
            file.seek(max(0, size - _PARQUET_END - length))
        while piece := file.read(_PIECE):
            found = crc32(piece, found)
    return size, found
