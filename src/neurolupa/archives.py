"""Archives that are small on disk and huge once unpacked are refused before anything is unpacked."""

import zipfile
from pathlib import Path

from neurolupa.errors import DataError

SMALL = 256_000_000
"""What may be unpacked from an archive of any size."""
RATIO = 100
"""How many times its bytes on disk a larger archive may hold; tensors and pictures give 1 to 10."""


def refuse_bomb(path: Path) -> None:
    """Pass over what is no ZIP archive, and one whose content is not out of proportion to its size.

    What an entry declares is all that is read of it, so that lying about it gains nothing.

    Raises:
        DataError: It would unpack to more than `RATIO` times its size, and to more than `SMALL` bytes.

    >>> refuse_bomb(Path("missing.npz"))
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return
    size = path.stat().st_size
    if unpacked > max(SMALL, RATIO * size):
        told = f"{size / 1e6:.3g} MB that unpack to {unpacked / 1e9:.3g} GB"
        raise DataError(f"{path.name} holds {told}: a decompression bomb, not opened")
