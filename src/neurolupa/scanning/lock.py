"""One scan at a time in one folder: a lock that the operating system gives up with the process."""

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from neurolupa.atlas.ownership import LOCK_WORDS
from neurolupa.errors import DataError

try:
    import fcntl
except ImportError:  # a system without such locks cannot tell two scans apart
    fcntl = None  # type: ignore[assignment]


class Lock:
    """A file that is held while a scan runs; what a dead process left behind holds nobody up."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path, self._file = path, file

    @classmethod
    def take(cls, path: Path) -> Self:
        """Makes the file and holds it; DataError while another scan does."""
        file = path.open("a+", encoding="utf-8")
        try:
            if not _hold(file) or not _is_at(file, path):
                raise busy(path.parent)
            _sign(file, path)
        except BaseException:
            with suppress(OSError):  # what could not be written is tried again
                file.close()
            raise
        return cls(path, file)

    def release(self) -> None:
        """Removes the file, if it is still the one that was made."""
        if _is_at(self._file, self._path):
            self._path.unlink()
        self._file.close()


def _sign(file: IO[str], path: Path) -> None:
    """Say whose the file is; one that cannot hold so much, as on a full disk, does not stay."""
    try:
        file.truncate(0)
        file.write(f"{LOCK_WORDS}, process {os.getpid()}\n")
        file.flush()
    except OSError:
        path.unlink()
        raise


def is_held(path: Path) -> bool:
    """Whether a running scan holds the lock file at `path`."""
    try:
        with path.open(encoding="utf-8") as file:
            return not _hold(file)
    except (FileNotFoundError, NotADirectoryError):
        return False


def busy(folder: Path) -> DataError:
    """The error for a folder that another scan holds."""
    return DataError(f"another scan is writing into {folder}; wait for its end, or choose another --out")


def _hold(file: IO[str]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems have no locks; a scan is not refused for that
        return True
    return True


def _is_at(file: IO[str], path: Path) -> bool:
    """Whether `path` still names the open file: its holder may have removed it in the meantime."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
