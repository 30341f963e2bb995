"""A dissection on disk: the result itself, tables and the figure, all of them or none."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.figures.dissection import detectors
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    from neurolupa.probing import Dissection

FOLDER = FolderKind("files.json", "neurolupa dissect")


def export_dissection(
    found: Dissection, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a dissection: all files appear, or none does.

    `dissection.json` and `.safetensors`, which `Dissection.load` reads; `sites.csv`, a row for each site;
    `units.csv`, one for each unit and category; `detectors.png`; `files.json`.

    Args:
        found: Of `neurolupa.dissect`.
        out: A new or empty folder.
        lang: Of the figure's words.
        overwrite: Whether the files of an earlier dissection in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: The folder holds files, or cannot be written.
    """
    return FOLDER.write(Path(out), partial(_fill, found, lang), overwrite)


def _fill(found: Dissection, lang: str, place: Path) -> None:
    found.save(place)
    for name, table in (("sites", found.sites_frame()), ("units", found.to_frame())):
        table.to_csv(place / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    detectors(found, lang).savefig(place / "detectors.png", dpi=DPI, metadata={"Software": None})
    files = sorted(path.name for path in place.iterdir())
    told = {"format": FOLDER.form, "files": [*files, FOLDER.told_in]}
    (place / FOLDER.told_in).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
