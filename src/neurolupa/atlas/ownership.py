"""Which folders a scan may empty: those that a scan has made and that hold nothing else."""

import json
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from neurolupa.atlas.arrays import KERNELS_FILE
from neurolupa.atlas.checksums import CHECKSUMS
from neurolupa.atlas.manifest import CHECKPOINT, MANIFEST
from neurolupa.atlas.schema import TABLES

LOCK = "scan.lock"
LOCK_WORDS = "neurolupa scan"
"""How the content of the lock file begins."""

STATE = "state.npz"
STATE_HEAD = "facts"
"""The first array in the state: an archive that begins with it is a checkpoint of ours."""

EARLIER = "earlier.npz"
"""The state before it, for when that one is damaged."""

_MARKS = (MANIFEST, CHECKPOINT, LOCK)
_TABLES = (table.file for table in TABLES.values())
_WRITTEN = frozenset(
    {*_TABLES, "arrays", "samples", "thumbs", KERNELS_FILE, "skipped.csv", "run.json", CHECKSUMS, *_MARKS}
)


def is_ours(folder: Path) -> bool:
    """Whether a scan has made the folder: it holds a front page, a checkpoint or a lock of neurolupa.

    >>> is_ours(Path("nowhere"))
    False
    """
    return _has_front_page(folder) or _has_state(folder) or _has_lock(folder)


def foreign_entry(folder: Path) -> str | None:
    """The first name in the folder that no scan writes; None where there is none.

    >>> foreign_entry(Path("nowhere")) is None
    True
    """
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return next((name for name in names if not _is_written(name)), None)


def remove_own(folder: Path, keep: Collection[str] = ()) -> None:
    """Removes what a scan writes, its marks last, and the folder when nothing else is in it."""
    if not folder.is_dir():
        return
    own = [path for path in folder.iterdir() if _is_written(path.name) and path.name not in keep]
    for path in sorted(own, key=lambda path: path.name in _MARKS):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    with suppress(OSError):
        folder.rmdir()


def _is_written(name: str) -> bool:
    return name.removesuffix(".part") in _WRITTEN


def _has_front_page(folder: Path) -> bool:
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(facts, dict) and type(facts.get("schema")) is int and "neurolupa" in facts


def _has_state(folder: Path) -> bool:
    heads = [_head(folder / CHECKPOINT / name) for name in (STATE, EARLIER)]
    return any(head.startswith(b"PK\x03\x04") and f"{STATE_HEAD}.npy".encode() in head for head in heads)


def _has_lock(folder: Path) -> bool:
    return _head(folder / LOCK).startswith(LOCK_WORDS.encode())


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        return b""
