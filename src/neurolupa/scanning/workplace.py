"""The folder that a scan writes into: never half an atlas, never somebody's other files."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from neurolupa.atlas.manifest import CHECKPOINT, MANIFEST
from neurolupa.errors import DataError, UsageError


@dataclass(frozen=True)
class Workplace:
    """Where a scan builds, and where the atlas stands in the end.

    Attributes:
        folder: of the atlas.
        building: where it is built: the same, or a neighbour while an older atlas still stands there.
        resuming: whether there is a checkpoint to go on from.
    """

    folder: Path
    building: Path
    resuming: bool

    @classmethod
    def choose(cls, folder: Path, *, overwrite: bool, resume: bool) -> Self:
        """Decides what to do with what stands in `folder`.

        Raises:
            UsageError: both `overwrite` and `resume`, or an atlas or checkpoint is in the way and neither.
            DataError: the folder holds other files, or there is nothing to resume.
        """
        if overwrite and resume:
            raise UsageError("--overwrite starts anew and --resume goes on: choose one")
        beside = folder.with_name(f".{folder.name}.building")
        if resume:
            return cls._resume(folder, beside)
        _refuse_foreign(folder)
        if overwrite:
            shutil.rmtree(beside, ignore_errors=True)
            return cls(folder, beside if folder.exists() else folder, resuming=False)
        if (folder / MANIFEST).exists():
            raise UsageError(
                f"{folder} is a finished atlas; --overwrite replaces it, or choose another --out"
            )
        if (folder / CHECKPOINT).exists():
            raise UsageError(f"{folder} holds an interrupted scan; --resume goes on, --overwrite starts anew")
        return cls(folder, folder, resuming=False)

    @classmethod
    def _resume(cls, folder: Path, beside: Path) -> Self:
        for building in (beside, folder):
            if (building / CHECKPOINT).is_dir() and not (building / MANIFEST).exists():
                return cls(folder, building, resuming=True)
        state = "is a finished atlas" if (folder / MANIFEST).exists() else "holds no interrupted scan"
        raise DataError(f"nothing to resume: {folder} {state}")

    def land(self) -> None:
        """Puts what was built beside an older atlas in its place."""
        if self.building == self.folder:
            return
        old = self.folder.with_name(f".{self.folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        self.folder.replace(old)
        self.building.replace(self.folder)
        shutil.rmtree(old)

    def abandon(self) -> None:
        """Removes what was begun."""
        shutil.rmtree(self.building, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    if folder.is_file():
        raise DataError(f"{folder} is a file; an atlas is a folder")
    known = (MANIFEST, CHECKPOINT)
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).exists() for name in known):
        raise DataError(f"{folder} holds other files and is no atlas; choose an empty or a new folder")
