"""Folders of results that may replace an earlier one of their own kind, and nothing else."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Any

from neurolupa.atlas.export import write_together
from neurolupa.errors import DataError


@dataclass(frozen=True)
class FolderKind:
    """One kind of folder of results, which a file in it names.

    Attributes:
        told_in: Name of a JSON file in it, with "format" and "files", the names of all files.
        form: What "format" says there.

    >>> FolderKind("analysis.json", "neurolupa inspect").earlier(Path("nowhere"), overwrite=False)
    set()
    """

    told_in: str
    form: str

    def earlier(self, folder: Path, overwrite: bool) -> set[str]:
        """The names of the files of an earlier result in the folder, which may be replaced.

        Raises:
            DataError: The folder holds files, and they are not to be replaced.
        """
        if not folder.is_dir() or not any(folder.iterdir()):
            return set()
        if not overwrite:
            raise DataError(f"{folder} holds files; name a new folder, or --overwrite")
        try:
            told = json.loads((folder / self.told_in).read_text(encoding="utf-8"))
            names = told["files"] if told["format"] == self.form else ()
        except (OSError, ValueError, LookupError, TypeError):
            names = ()
        return {name for name in names if isinstance(name, str) and Path(name).name == name}

    def ready(self, folder: Path, overwrite: bool) -> None:
        """Refuse a folder that a result could not be written to, before it is computed.

        Raises:
            DataError: The folder holds files that are not to be replaced, or cannot be written.
        """
        writable(folder)
        self.earlier(folder, overwrite)

    def tell(self, folder: Path, facts: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Write what a result is and the names of all its files, the last of them."""
        files = sorted(path.name for path in folder.iterdir())
        told = {"format": self.form, **facts, "files": [*files, self.told_in]}
        words = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / self.told_in).write_text(f"{words}\n", encoding="utf-8")

    def write(self, folder: Path, fill: Callable[[Path], None], overwrite: bool) -> tuple[Path, ...]:
        """All files that `fill` writes appear in the folder, or none; those of an earlier result go.

        Raises:
            DataError: The folder holds files that are not to be replaced, or cannot be written.
        """
        old = self.earlier(folder, overwrite)
        written = write_together(folder, fill)
        for name in old - {path.name for path in written}:
            (folder / name).unlink(missing_ok=True)
        return written


def writable(folder: Path) -> None:
    """Refuse a folder in which no file can be made, nor in the nearest one above it that is there.

    Raises:
        DataError: With the reason.
    """
    standing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        with TemporaryFile(dir=standing):
            return
    except OSError as error:
        raise DataError(f"cannot write to {folder}: {error.strerror or error}") from None
