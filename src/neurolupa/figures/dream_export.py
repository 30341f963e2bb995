"""A dream on disk: the picture, what is known of it and the figure, all of them or none."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL.PngImagePlugin import PngInfo

from neurolupa.atlas.export import write_together
from neurolupa.errors import DataError
from neurolupa.figures.dream import dream_beside_original
from neurolupa.figures.dream_words import dream_caution, dream_provenance
from neurolupa.figures.replacing import FolderKind, writable
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    from neurolupa.synthesis import Dream

FOLDER = FolderKind("files.json", "neurolupa dream")
_ENDING = ".png"


def export_dream(
    dream: Dream, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a dream: all files appear, or none does.

    Into a folder: `dream.png`, pixel by pixel, with a line of provenance in the PNG's text;
    `beside_original.png`; `dream.json` and `dream.safetensors`, which `Dream.load` reads; `files.json`, which
    names them. Where `out` ends in .png: that file, and beside it a JSON and the figure of the same name.

    Args:
        dream: Of `neurolupa.dream`.
        out: A new or empty folder, or a PNG's path.
        lang: Of the figure's words.
        overwrite: Whether the files of an earlier dream may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: There are files that are not to be replaced, or nothing can be written there.
    """
    place = Path(out)
    if not _is_file(place):
        return FOLDER.write(place, lambda folder: _fill(dream, folder, lang), overwrite)
    room_for(place, overwrite)
    return write_together(place.parent, lambda folder: _picture(dream, folder, place.stem, lang))


def room_for(out: str | os.PathLike, overwrite: bool) -> None:
    """Refuse a place where a dream could not be written, before it is dreamt.

    Raises:
        DataError: There are files that are not to be replaced, or nothing can be written there.
    """
    place = Path(out)
    if not _is_file(place):
        FOLDER.ready(place, overwrite)
        return
    taken = [name for name in _names(place.stem) if (place.parent / name).exists()]
    if taken and not overwrite:
        raise DataError(f"{place.parent / taken[0]} exists; name another file, or --overwrite")
    writable(place.parent)


def dream_png(dream: Dream) -> bytes:
    """The picture as a PNG whose text says that it is synthetic and how it was made."""
    note, written = PngInfo(), BytesIO()
    note.add_text("Description", dream_provenance(dream))
    note.add_text("Comment", dream_caution("en"))
    dream.image.save(written, "PNG", pnginfo=note)
    return written.getvalue()


def _is_file(place: Path) -> bool:
    return place.suffix.lower() == _ENDING and not place.is_dir()


def _names(stem: str) -> Sequence[str]:
    return f"{stem}{_ENDING}", f"{stem}.json", f"{stem}_beside_original{_ENDING}"


def _fill(dream: Dream, folder: Path, lang: str) -> None:
    dream.save(folder)
    _png(dream, folder / "dream.png")
    _figure(dream, folder / "beside_original.png", lang)
    FOLDER.tell(folder)


def _picture(dream: Dream, folder: Path, stem: str, lang: str) -> None:
    picture, facts, beside = _names(stem)
    _png(dream, folder / picture)
    _json(folder / facts, dream.to_dict())
    _figure(dream, folder / beside, lang)


def _png(dream: Dream, path: Path) -> None:
    path.write_bytes(dream_png(dream))


def _figure(dream: Dream, path: Path, lang: str) -> None:
    dream_beside_original(dream, lang).savefig(path, dpi=DPI, metadata={"Software": None})


def _json(path: Path, facts: Any) -> None:
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
