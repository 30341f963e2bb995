"""A dissection on disk: the result itself, tables and figures, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.schema import escape
from neurolupa.figures.dissection import detectors
from neurolupa.figures.dissection_units import dissected_units
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing import Dissection

FOLDER = FolderKind("files.json", "neurolupa dissect")


def export_dissection(
    found: Dissection, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a dissection: all files appear, or none does.

    `dissection.json` and `.safetensors`, which `Dissection.load` reads; `sites.csv`, a row for each site, and
    `detectors.png`, its figure; `units.csv`, a row for each unit and category, and `detectors.csv`, those of
    them that exceed the rule's IoU; `concepts.csv`, a row for each unit and concept; `units_<site>.png`, the
    units furthest above their nulls; `files.json`.

    Args:
        found: Of `neurolupa.dissect`.
        out: A new or empty folder.
        lang: Of the figures' words.
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
    for name, table in _tables(found):
        write_csv(table, place / f"{name}.csv")
    for name, figure in _figures(found, lang):
        figure.savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})
    FOLDER.tell(place)


def _tables(found: Dissection) -> Iterator[tuple[str, pd.DataFrame]]:
    import pandas as pd

    units = found.to_frame()
    yield "sites", found.sites_frame()
    yield "units", units
    yield "detectors", units[units["detector"]]
    names = [each.site for each in found.sites]
    concepts = pd.concat([found.concepts(name) for name in names], keys=names, names=["site", None])
    yield "concepts", concepts.reset_index(level="site")


def _figures(found: Dissection, lang: str) -> Iterator[tuple[str, Figure]]:
    yield "detectors", detectors(found, lang)
    for each in found.sites:
        yield f"units_{escape(each.site)}", dissected_units(found, each.site, lang=lang)
