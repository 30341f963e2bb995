"""Features on disk: one array a site, filled block by block, whole or not there at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from neurolupa.atlas.checks import path_of, whole_number
from neurolupa.errors import DataError
from neurolupa.folders import user_folder

MOST_BYTES = 4 * 2**30

_ARRAY, _MARK, _PART = ".npy", ".json", ".part"


@dataclass(frozen=True)
class Mark:
    """Written last: that an array is complete.

    Attributes:
        bytes: of the array's file.
        skipped: index and reason of each picture that could not be read; its row is zero.
        broken: how many values were not finite; they are zero.
    """

    bytes: int
    skipped: tuple[tuple[int, str], ...]
    broken: int


@dataclass(frozen=True, eq=False)
class Kept:
    """A complete array (N, F), read only and read from disk as it is used, and its mark."""

    array: NDArray[np.float32]
    mark: Mark


class FeatureCache:
    """Pooled activations on disk, each site's under a digest of all that they depend on.

    Several processes may use it at the same time: an array is written under a name of its own and renamed
    when it is whole. What is damaged is taken for missing; above `most_bytes` what was not used for longest
    is removed.

    Args:
        folder: Where; None takes `$NEUROLUPA_CACHE`, else this user's folder for caches.
        most_bytes: See above.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     cache = FeatureCache(folder)
    ...     writing = cache.begin("key", (2, 3))
    ...     writing.put(np.arange(2), np.ones((2, 3), np.float32))
    ...     writing.finish(())
    ...     cache.find("key").array.sum()
    np.float32(6.0)
    """

    def __init__(self, folder: str | os.PathLike | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder = user_folder() / "features" if folder is None else path_of("folder", folder)
        self.most_bytes = whole_number("most_bytes", most_bytes, 0)

    def find(self, key: str) -> Kept | None:
        """The array under a key; None where there is none, or not a whole one."""
        place, mark = self._place(key, _ARRAY), self._place(key, _MARK)
        try:
            told = json.loads(mark.read_text(encoding="utf-8"))
            said = Mark(told["bytes"], tuple((i, why) for i, why in told["skipped"]), told["broken"])
            if place.stat().st_size != said.bytes:
                return None
            found = Kept(np.load(place, mmap_mode="r"), said)
            os.utime(mark)
            return found
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def begin(self, key: str, shape: tuple[int, int]) -> "Writing":
        """An array that is to be filled; DataError where it cannot be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._trim(4 * shape[0] * shape[1])
            return Writing(self.folder / f"{key}.{uuid4().hex}{_PART}", self._place(key, _ARRAY), shape)
        except OSError as error:
            raise DataError(f"features cannot be kept in {self.folder}: {error.strerror or error}") from None

    def room(self, needed: int) -> None:
        """DataError where the disk has not so many bytes left."""
        place = next(one for one in (self.folder, *self.folder.parents) if one.exists())
        free = shutil.disk_usage(place).free
        if free < needed:
            raise DataError(
                f"features need {needed / 1e6:,.0f} MB and {place} has {free / 1e6:,.0f} MB left; "
                "take fewer pictures, sites or cells, or another folder ($NEUROLUPA_CACHE)"
            )

    def _place(self, key: str, suffix: str) -> Path:
        return self.folder / f"{key}{suffix}"

    def _trim(self, coming: int) -> None:
        spare = sum(stat.st_size for _, stat in self._arrays()) + coming - self.most_bytes
        for path, stat in sorted(self._arrays(), key=lambda one: self._used(one[0])):
            if spare <= 0:
                return
            path.with_suffix(_MARK).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            spare -= stat.st_size

    def _used(self, path: Path) -> int:
        with suppress(OSError):
            return path.with_suffix(_MARK).stat().st_mtime_ns
        return 0

    def _arrays(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.glob(f"*{_ARRAY}"):
            with suppress(FileNotFoundError):  # another process may have trimmed it
                yield path, path.stat()


class Writing:
    """An array on its way to disk, under a name of its own until it is whole."""

    def __init__(self, part: Path, place: Path, shape: tuple[int, int]) -> None:
        self._part, self._place = part, place
        self._array = open_memmap(part, mode="w+", dtype=np.float32, shape=shape)
        self._broken = 0

    def put(self, rows: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """The features of some pictures; what is not finite counts as 0."""
        finite = np.isfinite(values)
        self._broken += int(values.size - finite.sum())
        self._array[rows] = np.where(finite, values, 0)

    def finish(self, skipped: tuple[tuple[int, str], ...]) -> None:
        """The array is whole: give it its name, then its mark."""
        self._array.flush()
        mark = Mark(self._part.stat().st_size, skipped, self._broken)
        self._part.replace(self._place)
        told = self._part.with_suffix(f".mark{_PART}")
        told.write_text(json.dumps(asdict(mark), ensure_ascii=False), encoding="utf-8")
        told.replace(self._place.with_suffix(_MARK))

    def drop(self) -> None:
        """Leave nothing behind."""
        self._part.unlink(missing_ok=True)
