"""The folder that a scan writes into: never half an atlas, never somebody's other files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from neurolupa.atlas.checks import path_of, shown
from neurolupa.atlas.manifest import BUILDING, CHECKPOINT, MANIFEST, beside
from neurolupa.atlas.ownership import LOCK, foreign_entry, is_ours, remove_own
from neurolupa.errors import DataError, UsageError
from neurolupa.scanning.lock import Lock, busy, is_held


@dataclass(frozen=True)
class Workplace:
    """Where a scan builds, and where the atlas stands in the end.

    Attributes:
        folder: of the atlas; where `out` is a link, what it leads to.
        building: where it is built: the same, or a neighbour while an older atlas still stands there.
        resuming: whether there is a checkpoint to go on from.
        finished: whether all is built, and only its way to the older atlas's place was cut short.
    """

    folder: Path
    building: Path
    resuming: bool
    finished: bool = False

    @classmethod
    def choose(cls, out: str | os.PathLike, *, overwrite: bool, resume: bool) -> Self:
        """Decides what to do with what stands in `out`, and changes nothing.

        Raises:
            UsageError: both `overwrite` and `resume`, no path that a new folder can have, or an atlas or
                checkpoint is in the way and neither.
            DataError: the folder holds other files, another scan writes there, or there is nothing to resume.
        """
        if overwrite and resume:
            raise UsageError("--overwrite starts anew and --resume goes on: choose one")
        try:
            folder = folder_of(out)
            building = beside(folder, BUILDING)
            _refuse_busy(folder, building)
            return cls._resume(folder, building) if resume else cls._begin(folder, building, overwrite)
        except OSError as error:
            raise DataError(f"cannot write to {shown(str(out))}: {error.strerror or error}") from None

    @classmethod
    def _begin(cls, folder: Path, building: Path, overwrite: bool) -> Self:
        for place in (folder, building, beside(folder, "old")):
            _refuse_foreign(place)
        if overwrite:
            return cls(folder, building if folder.exists() else folder, resuming=False)
        if (folder / MANIFEST).exists():
            raise UsageError(
                f"{folder} is a finished atlas; --overwrite replaces it, or choose another --out"
            )
        if (folder / CHECKPOINT).exists() or (building / MANIFEST).exists():
            raise UsageError(f"{folder} holds an interrupted scan; --resume goes on, --overwrite starts anew")
        return cls(folder, folder, resuming=False)

    @classmethod
    def _resume(cls, folder: Path, building: Path) -> Self:
        if (building / MANIFEST).exists():
            return cls(folder, building, resuming=True, finished=True)
        for place in (building, folder):
            if (place / CHECKPOINT).is_dir() and not (place / MANIFEST).exists():
                return cls(folder, place, resuming=True)
        state = "is a finished atlas" if (folder / MANIFEST).exists() else "holds no interrupted scan"
        raise DataError(f"nothing to resume: {folder} {state}")

    @contextmanager
    def open(self) -> Iterator[None]:
        """Within it the place is this scan's alone, and empty unless the scan resumes.

        Raises:
            DataError: another scan writes there or has just done so.
        """
        found = self.building.exists()
        if not self.resuming:
            self.building.mkdir(parents=True, exist_ok=True)
        try:
            lock = Lock.take(self.building / LOCK)
            try:
                if not self.resuming:
                    self._clear()
                yield
            finally:
                lock.release()
        finally:
            if not found:
                with suppress(OSError):
                    self.building.rmdir()

    def _clear(self) -> None:
        begun = (MANIFEST, CHECKPOINT)
        if self.building == self.folder and any((self.folder / name).exists() for name in begun):
            raise busy(self.folder)
        remove_own(self.building, keep=(LOCK,))

    def land(self) -> None:
        """Puts what was built beside an older atlas in its place."""
        if self.building == self.folder:
            return
        old = beside(self.folder, "old")
        if self.folder.exists():
            remove_own(old)
            self.folder.replace(old)
        self.building.replace(self.folder)
        remove_own(old)

    def abandon(self) -> None:
        """Removes what was begun, and nothing that a scan does not write."""
        with suppress(OSError):
            remove_own(self.building)


def folder_of(out: str | os.PathLike) -> Path:
    """The folder that `out` names, through a link.

    Raises:
        UsageError: no path, or the folder that the process is in.
        DataError: a file, something in a file, or a link to nothing.

    >>> folder_of("new/atlas").as_posix()
    'new/atlas'
    """
    path = path_of("out", out)
    if path.is_symlink() and not path.exists():
        raise DataError(f"{path} is a link to what is not there; remove it or choose another --out")
    if Path.cwd().is_relative_to(path.resolve()):
        raise UsageError(f"{path} is the folder that you are in, or holds it; name a new folder")
    folder = path.resolve() if path.is_symlink() or path.name in ("", "..") else path
    _refuse_file(folder)
    with suppress(FileNotFoundError):
        os.lstat(beside(folder, BUILDING))  # asks whether the longest name that is needed can be had
    return folder


def _refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder} is a file; an atlas is a folder")
    standing = next(parent for parent in folder.absolute().parents if parent.exists())
    if not standing.is_dir():
        raise DataError(f"{standing.name} is a file, so that there is no folder {folder}")


def _refuse_busy(*places: Path) -> None:
    for place in places:
        if is_held(place / LOCK):
            raise busy(place)


def _refuse_foreign(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    advice = "choose an empty or a new folder"
    if not is_ours(folder):
        raise DataError(f"{folder} holds other files and is no atlas; {advice}")
    if odd := foreign_entry(folder):
        raise DataError(f"{folder} holds {odd}, which no scan writes; {advice}")
