"""A comparison of classes on disk: the result itself, tables and figures, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.csv_files import write_csv
from neurolupa.figures.classes_compared import class_differences
from neurolupa.figures.classes_compared_heat import class_units
from neurolupa.figures.classes_compared_maps import class_maps
from neurolupa.figures.classes_compared_pictures import lookalikes
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas
    from neurolupa.comparison.classes import ClassComparison
    from neurolupa.images import ImageSet

FOLDER = FolderKind("files.json", "neurolupa compare-classes")


def export_class_comparison(
    found: ClassComparison,
    out: str | os.PathLike,
    *,
    pictures: Atlas | ImageSet | None = None,
    units: int = 16,
    lang: str = "en",
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write a comparison of classes: all files appear, or none does.

    `comparison.json` and `.safetensors`, which `ClassComparison.load` reads; `units.csv`, a row for each pair
    and unit; `classes.csv`, one for each class and unit; `variance.csv`, one for each unit, with more than
    two classes; `lookalikes.csv`; `differences.png`, `heat_map.png`, `lookalikes.png` and, with maps,
    `maps.png`; `files.json`.

    Args:
        found: Of `neurolupa.compare_classes`.
        out: A new or empty folder.
        pictures: The image set or the atlas, for `lookalikes.png`.
        units: How many are drawn in `differences.png`.
        lang: Of the figures' words.
        overwrite: Whether the files of an earlier comparison in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language, or fewer than one unit.
        DataError: The folder holds files, or cannot be written.
    """
    return FOLDER.write(Path(out), partial(_fill, found, pictures, units, lang), overwrite)


def _fill(
    found: ClassComparison, pictures: Atlas | ImageSet | None, units: int, lang: str, place: Path
) -> None:
    found.save(place)
    for name, table in _tables(found):
        write_csv(table, place / f"{name}.csv")
    for name, figure in _figures(found, pictures, units, lang):
        figure.savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})
    FOLDER.tell(place)


def _tables(found: ClassComparison) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "units", found.to_frame()
    yield "classes", found.classes_frame()
    yield "lookalikes", found.lookalikes.to_frame()
    if found.variance is not None:
        yield "variance", found.variance_frame()


def _figures(
    found: ClassComparison, pictures: Atlas | ImageSet | None, units: int, lang: str
) -> Iterator[tuple[str, Figure]]:
    yield "differences", class_differences(found, units, lang)
    yield "heat_map", class_units(found, lang=lang)
    yield "lookalikes", lookalikes(found, pictures, lang=lang)
    if found.maps is not None:
        yield "maps", class_maps(found, lang=lang)
