"""The image files of a folder, in natural order, whatever order the file system gives."""

import os
import re
from difflib import get_close_matches
from pathlib import Path

from neurolupa.errors import DataError

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
_PPM = (".ppm", ".pgm", ".pbm", ".pnm")
EXTENSIONS = frozenset((*_JPEG, ".png", ".apng", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp", *_PPM))
_DIGITS = re.compile(r"([0-9]+)")
NaturalKey = tuple[tuple[tuple[int, int, str], ...], ...]


def natural_key(path: str) -> tuple[NaturalKey, str]:
    """Sorts paths part by part, runs of digits by their value: img2 before img10.

    >>> sorted(["b/img10.jpg", "b/img2.jpg", "a-1.jpg"], key=natural_key)
    ['a-1.jpg', 'b/img2.jpg', 'b/img10.jpg']
    """
    return tuple(tuple(map(_chunk, _DIGITS.split(part))) for part in path.split("/")), path


def _chunk(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text and text[0] in "0123456789" else (1, 0, text.casefold())


def list_images(root: Path) -> tuple[list[str], int]:
    """Paths of the image files below `root`, relative, with "/", in natural order; and how many others.

    A file counts by its extension, readable or not; hidden files and folders are passed over. Links to
    folders are followed, but never in a circle. DataError for a folder that cannot be listed.

    >>> list_images(Path(__file__).parent)[0]
    []
    """
    found: list[str] = []
    left_out = 0
    pending: list[tuple[Path, str, frozenset[str]]] = [(root, "", frozenset())]
    while pending:
        folder, prefix, above = pending.pop()
        here = os.path.realpath(folder)
        if here in above:
            continue
        for item in _scan(folder):
            path = prefix + item.name
            if item.is_dir():
                pending.append((folder / item.name, path + "/", above | {here}))
            elif Path(item.name).suffix.lower() in EXTENSIONS:
                found.append(path)
            else:
                left_out += 1
    return sorted(found, key=natural_key), left_out


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return [item for item in items if not item.name.startswith(".")]
    except OSError as error:
        raise DataError(f"cannot list the folder {str(folder)!r}: {error.strerror}") from error


def missing(kind: str, path: Path) -> DataError:
    """The error for a path that does not exist, with the nearest names beside it.

    >>> str(missing("folder", Path("no/such/place")))
    "no folder 'no/such/place'"
    """
    try:
        near = get_close_matches(path.name, [item.name for item in path.parent.iterdir()], n=3, cutoff=0.6)
    except OSError:
        near = []
    return DataError(f"no {kind} {str(path)!r}" + (f"; nearest: {', '.join(near)}" if near else ""))
