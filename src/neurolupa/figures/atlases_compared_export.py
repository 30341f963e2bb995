"""A comparison of atlases on disk: tables, figures and what they amount to, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.schema import escape
from neurolupa.figures.atlases_compared import dead_compared, layers_compared
from neurolupa.figures.atlases_compared_layers import cka_compared
from neurolupa.figures.atlases_compared_units import units_matched
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.comparison.atlases import AtlasComparison

FOLDER = FolderKind("comparison.json", "neurolupa compare")


def export_comparison(
    found: AtlasComparison, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a comparison of two atlases: all files appear, or none does.

    `layers.csv`, a row for each site in both; `silent.csv` and `silent_units.csv`, dead and dormant units
    gained, lost and kept; `units.csv`, a row for each unit with the same number in both; `matching.csv` and
    `matches.csv`, units matched by correlation, a row for each pair of sites and of units; `cka.csv`, a row
    for each two layers. What there is nothing to say of is left out. `layers.png`, `dead.png`, `dormant.png`,
    `cka.png` and for each matched site `matched_SITE.png`; `comparison.json`, both sources, codes, settings
    and the names of the files.

    Args:
        found: Of `neurolupa.compare`.
        out: A new or empty folder.
        lang: Of the figures' words.
        overwrite: Whether the files of an earlier comparison in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: The folder holds files, or cannot be written.
    """
    return FOLDER.write(Path(out), partial(_fill, found, lang), overwrite)


def _fill(found: AtlasComparison, lang: str, place: Path) -> None:
    for name, table in _tables(found):
        if len(table):
            write_csv(table, place / f"{name}.csv")
    for name, figure in _figures(found, lang):
        figure.savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})
    FOLDER.tell(place, found.facts())


def _tables(found: AtlasComparison) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "layers", found.to_frame()
    yield "silent", found.silent_frame()
    yield "silent_units", found.silent_units_frame()
    yield "units", found.units_frame()
    yield "matching", found.matching_frame()
    yield "matches", found.matches_frame()
    yield "cka", found.similarity_frame()


def _figures(found: AtlasComparison, lang: str) -> Iterator[tuple[str, Figure]]:
    if found.layers:
        yield "layers", layers_compared(found, lang)
    for kind in ("dead", "dormant"):
        yield kind, dead_compared(found, kind, lang)
    if found.similarity is not None:
        yield "cka", cka_compared(found, lang)
    for each in found.matches:
        yield f"matched_{escape(each.site_a)}", units_matched(found, each.site_a, lang)
