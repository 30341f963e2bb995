"""Levels on disk: the table, the source and the figure, all of them or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.atlas.csv_files import write_csv
from neurolupa.figures.levels import levels
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    from neurolupa.synthesis import Levels

FOLDER = FolderKind("levels.json", "neurolupa levels")
_TABLE, _FIGURE = "levels.csv", "levels.png"


def export_levels(
    found: Levels, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write `levels.csv` (a row for each unit), `levels.json` (counts and source) and `levels.png`.

    Args:
        found: Of `neurolupa.levels`.
        out: A new or empty folder.
        lang: Of the figure's words.
        overwrite: Whether the files of earlier levels may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: There are files that are not to be replaced, or nothing can be written there.
    """
    return FOLDER.write(Path(out), lambda folder: _fill(found, folder, lang), overwrite)


def _fill(found: Levels, folder: Path, lang: str) -> None:
    write_csv(found.to_frame(), folder / _TABLE)
    levels(found, lang).savefig(folder / _FIGURE, dpi=DPI, metadata={"Software": None})
    FOLDER.tell(folder, {"counts": found.counts, "source": found.source.to_dict()})
