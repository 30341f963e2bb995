"""Where each image of tar files begins, how long it is and what its label is: an index on disk."""

import json
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import DataError
from neurolupa.folders import user_folder
from neurolupa.images.classes import HIGHEST_LABEL
from neurolupa.images.records import UNLABELLED
from neurolupa.images.shard_paths import Shard, opened

_IMAGES = frozenset(["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "ppm", "pgm", "jp2"])
_COLUMNS = 3
_SCHEMA = 1
_LARGEST_LABEL_FILE = 1_000_000


@dataclass(frozen=True, eq=False)
class ShardIndex:
    """The images of all shards in their order.

    Attributes:
        table: (N, 3) int64, mapped from disk: offset in the shard, bytes, label (-1 without one).
        starts: (shards + 1,) number of the first image of each shard, and N.
        names: class names, where labels were given as names; else none.
    """

    table: NDArray[np.int64]
    starts: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,)."""
        return self.table[:, 2]

    def shard_of(self, index: int) -> int:
        """Which shard holds an image."""
        return int(np.searchsorted(self.starts, index, side="right")) - 1

    def place_of(self, index: int) -> tuple[int, int]:
        """Offset and bytes of an image."""
        offset, size, _ = self.table[index]
        return int(offset), int(size)


@dataclass(frozen=True)
class _Found:
    """One sample of a shard."""

    offset: int
    size: int
    label: int | str | None


def index_of(shards: Sequence[Shard], label: str) -> ShardIndex:
    """The index of these shards, from disk if it was made before and no shard has changed since.

    One pass over the headers, a few bytes of memory an image while a shard is read.

    Args:
        shards: In order.
        label: The field of `.json` that holds the label.

    Raises:
        DataError: a shard is no tar file, is truncated, or holds no image; labels of two kinds.
    """
    folder = user_folder() / "shards"
    told = json.dumps([_SCHEMA, label, [(one.path, one.size, one.stamp) for one in shards]])
    stem = folder / sha256(told.encode()).hexdigest()[:32]
    facts = stem.with_suffix(".json")
    if not facts.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _make(shards, label, stem)
        except OSError as error:
            raise DataError(f"the index of the shards cannot be kept in {folder}: {error}") from error
    held = json.loads(facts.read_text(encoding="utf-8"))
    table = np.memmap(stem.with_suffix(".bin"), np.int64, "r", shape=(held["starts"][-1], _COLUMNS))
    return ShardIndex(table, np.array(held["starts"], np.int64), tuple(held["names"]))


def _make(shards: Sequence[Shard], label: str, stem: Path) -> None:
    """Write both files of an index, the one that says that it is whole last."""
    names: dict[str, int] = {}
    starts, numbers = [0], False
    with NamedTemporaryFile(dir=stem.parent, delete=False) as file:
        part = Path(file.name)
        try:
            for shard in shards:
                rows = []
                for found in samples(shard, label):
                    numbers |= isinstance(found.label, int)
                    rows.append((found.offset, found.size, _coded(found.label, names)))
                starts.append(starts[-1] + len(rows))
                file.write(np.array(rows, np.int64).reshape(-1, _COLUMNS).tobytes())
        except BaseException:
            part.unlink()
            raise
    if numbers and names:
        part.unlink()
        raise DataError(f"some labels of the shards are numbers and some are names, as {min(names)!r}")
    if not starts[-1]:
        part.unlink()
        more = ", nor do the others" if len(shards) > 1 else ""
        raise DataError(f"{shards[0].path} holds no image{more}")
    ordered = sorted(names)
    if ordered:
        _recode(part, np.argsort(np.argsort(list(names))), starts[-1])
    part.replace(stem.with_suffix(".bin"))
    told = json.dumps({"starts": starts, "names": ordered})
    whole = stem.with_suffix(f".{os.getpid()}.part")
    whole.write_text(told, encoding="utf-8")
    whole.replace(stem.with_suffix(".json"))


def _coded(label: int | str | None, names: dict[str, int]) -> int:
    """The number of a label; names are numbered as they come."""
    if label is None:
        return UNLABELLED
    return label if isinstance(label, int) else names.setdefault(label, len(names))


def _recode(part: Path, order: NDArray[np.int64], count: int) -> None:
    """Number the names in their alphabetical order, block by block."""
    table = np.memmap(part, np.int64, "r+", shape=(count, _COLUMNS))
    for first in range(0, count, 1 << 20):
        block = table[first : first + (1 << 20), 2]
        block[block >= 0] = order[block[block >= 0]]
    table.flush()


def samples(shard: Shard, label: str) -> Iterator[_Found]:
    """The samples of one shard, in order; members that are no sample's image or label are passed over.

    Raises:
        DataError: it is no tar file, or ends too early.
    """
    count = 0
    try:
        with opened(shard.path) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            key: str | None = None
            held: dict[str, Any] = {}
            for member in tar:
                tar.members.clear()  # type: ignore[attr-defined]
                if not member.isfile():
                    continue
                own, kind = _split(member.name)
                if own != key:
                    found = _sample(held, label, f"{shard.path}: {key}")
                    if found is not None:
                        yield found
                        count += 1
                    key, held = own, {}
                held.setdefault(*_member(tar, member, kind))
            found = _sample(held, label, f"{shard.path}: {key}")
            if found is not None:
                yield found
                count += 1
            file.seek(tar.offset)  # a file that was cut between two members lacks the mark of its end
            if not file.read(tarfile.BLOCKSIZE):
                raise tarfile.ReadError("it ends without an end mark")
    except tarfile.TarError as error:
        raise DataError(f"{shard.path} is no whole tar file: {error}, after {count} images") from None


def _split(name: str) -> tuple[str, str]:
    """A member's sample, which is its path up to the first dot of the name, and the rest.

    >>> _split("train/000012.seg.png"), _split("n01.jpg")
    (('train/000012', 'seg.png'), ('n01', 'jpg'))
    """
    path = PurePosixPath(name)
    stem, _, kind = path.name.partition(".")
    return (path.parent / stem).as_posix(), kind.lower()


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo, kind: str) -> tuple[str, tuple[int, int] | bytes]:
    """Under what a member is held: an image's place, or a label's bytes."""
    if kind in _IMAGES:
        return "image", (member.offset_data, member.size)
    if kind in ("cls", "json") and member.size <= _LARGEST_LABEL_FILE:
        file = tar.extractfile(member)
        return kind, b"" if file is None else file.read()
    return kind, b""


def _sample(held: dict[str, Any], label: str, what: str) -> _Found | None:
    if "image" not in held:
        return None
    offset, size = held["image"]
    try:
        return _Found(offset, size, _label(held, label))
    except ValueError as error:
        raise DataError(f"{what} has no label that can be read: {error}") from None


def _label(held: dict[str, Any], label: str) -> int | str | None:
    if "cls" in held:
        return _number_or_name(held["cls"].decode().strip())
    if "json" not in held:
        return None
    told = json.loads(held["json"])
    found = told.get(label) if isinstance(told, dict) else None
    if isinstance(found, bool | float | list | dict):
        raise ValueError(f"{label} is {found!r:.40}, neither a whole number nor a name")
    if isinstance(found, str):
        return _number_or_name(found)
    return None if found is None else _class_index(found)


def _number_or_name(text: str) -> int | str | None:
    if not text:
        return None
    if not text.lstrip("-").isdecimal():
        return text
    return _class_index(int(text))


def _class_index(number: int) -> int:
    if not UNLABELLED <= number <= HIGHEST_LABEL:
        raise ValueError(f"{number} is no class index")
    return number
