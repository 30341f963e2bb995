"""Which tar files a text names, on this machine or wherever fsspec reaches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path, PurePosixPath
from typing import IO

from neurolupa.errors import DataError, UsageError
from neurolupa.images.listing import natural_key

_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_MOST = 1_000_000
_COMPRESSED = (".gz", ".tgz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True)
class Shard:
    """One tar file.

    Attributes:
        path: as it is opened.
        size: bytes.
        stamp: when it was changed, as far as is known: with the size it tells an index that is out of date.
    """

    path: str
    size: int
    stamp: str

    @property
    def name(self) -> str:
        """Of the file."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """Of the file, without its extension."""
        return PurePosixPath(self.path).stem

    @property
    def folder(self) -> str:
        """Name of the folder that it lies in."""
        return PurePosixPath(self.path).parent.name


def expanded(where: str) -> tuple[Shard, ...]:
    """The shards that a path with braces or a glob names.

    Raises:
        UsageError: a range that is none.
        DataError: a shard is missing or compressed, or nothing matches.
    """
    paths = list(_named(where))
    found = tuple(_shard(path) for path in paths)
    names = [shard.stem for shard in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"two shards are called {twice}; images are told apart by the name of their shard")
    return found


def opened(path: str) -> IO[bytes]:
    """The file, for reading."""
    if "://" in path:
        import fsspec

        return fsspec.open(path, "rb").open()
    return Path(path).open("rb")


def ranges(where: str) -> Iterator[str]:
    """Every text that a path with `{first..last}` stands for, zeros in front kept.

    >>> list(ranges("part-{08..10}.tar"))
    ['part-08.tar', 'part-09.tar', 'part-10.tar']
    """
    match = _RANGE.search(where)
    if match is None:
        yield where
        return
    first, last = int(match[1]), int(match[2])
    if not first <= last < first + _MOST:
        raise UsageError(f"{match[0]} is no range of shards; write {{0000..0099}}")
    for number in range(first, last + 1):
        yield from ranges(f"{where[: match.start()]}{number:0{len(match[1])}d}{where[match.end() :]}")


def _named(where: str) -> Iterator[str]:
    for path in ranges(where):
        if "://" in path or not set("*?[") & set(path):
            yield path if "://" in path else str(Path(path).expanduser())
            continue
        matches = sorted(glob(str(Path(path).expanduser()), recursive=True), key=natural_key)  # noqa: PTH207
        if not matches:
            raise DataError(f"no file matches {path!r}")
        yield from matches


def _shard(path: str) -> Shard:
    if path.endswith(_COMPRESSED):
        raise DataError(f"{path} is compressed, so that no image can be read alone; unpack it to .tar")
    if "://" in path:
        return _remote(path)
    file = Path(path)
    if not file.is_file():
        raise DataError(f"no shard at {path}")
    stat = file.stat()
    return Shard(str(file.resolve()), stat.st_size, str(stat.st_mtime_ns))


def _remote(path: str) -> Shard:
    import fsspec

    try:
        system, inside = fsspec.core.url_to_fs(path)
        facts = system.info(inside)
    except (ImportError, OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise DataError(f"no shard at {path}: {reason}") from None
    stamp = facts.get("ETag") or facts.get("mtime") or facts.get("created") or ""
    return Shard(path, int(facts["size"]), str(stamp))
