"""Probes on disk: the report itself, tables and figures, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.schema import escape
from neurolupa.figures.probing import probes
from neurolupa.figures.probing_confusion import confusion
from neurolupa.figures.probing_emergence import emergence
from neurolupa.figures.probing_units import carriers, sparse_probes
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing.result import ConceptProbes, ProbeReport
    from neurolupa.probing.sparse import UnitProbes

FOLDER = FolderKind("files.json", "neurolupa probe")


def export_probes(
    report: ProbeReport,
    out: str | os.PathLike,
    *,
    narrowed: Iterable[UnitProbes] = (),
    lang: str = "en",
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write a report of probes: all files appear, or none does.

    `probes.json` and `.safetensors`, which `ProbeReport.load` reads; `probes.csv`, a row for each concept,
    site and control, and `emergence.csv`, one for each concept, each with its figure; for each concept, at
    the site that tells it best, `carriers_<concept>.csv` and `.png` and, where it has classes,
    `confusion_<concept>.csv` and `.png`; `units_<concept>.csv` and `.png` of sparse probes; `files.json`.

    Args:
        report: Of `neurolupa.probe`.
        out: A new or empty folder.
        narrowed: Of `neurolupa.probing.probe_units`, one for each of some concepts.
        lang: Of the figures' words.
        overwrite: Whether the files of earlier probes in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: The folder holds files, or cannot be written.
    """
    return FOLDER.write(Path(out), partial(_fill, report, tuple(narrowed), lang), overwrite)


def _fill(report: ProbeReport, narrowed: tuple[UnitProbes, ...], lang: str, place: Path) -> None:
    report.save(place)
    for name, table in _tables(report, narrowed):
        write_csv(table, place / f"{name}.csv")
    for name, figure in _figures(report, narrowed, lang):
        figure.savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})
    FOLDER.tell(place)


def _tables(report: ProbeReport, narrowed: tuple[UnitProbes, ...]) -> Iterator[tuple[str, pd.DataFrame]]:
    import pandas as pd

    depths = report.emergence()
    yield "probes", report.to_frame()
    yield "emergence", pd.DataFrame([each.to_dict() for each in depths])
    for each in depths:
        found = report.concept(each.concept)
        if found.classes:
            yield f"confusion_{escape(each.concept)}", confusion_table(found, each.best_site)
        yield f"carriers_{escape(each.concept)}", report.carriers(each.concept, each.best_site)
    for one in narrowed:
        yield f"units_{escape(one.concept)}", one.to_frame()


def confusion_table(found: ConceptProbes, site: str) -> pd.DataFrame:
    """A row for each true class: its name, recall, and how many test pictures are taken for which class."""
    import pandas as pd

    table = pd.DataFrame(found.confusion(site), columns=list(found.classes))
    rows = pd.DataFrame({"site": site, "class": found.classes, "recall": found.recalls(site)})
    return pd.concat([rows, table], axis=1)


def _figures(
    report: ProbeReport, narrowed: tuple[UnitProbes, ...], lang: str
) -> Iterator[tuple[str, Figure]]:
    yield "probes", probes(report, lang=lang)
    yield "emergence", emergence(report, lang)
    for each in report.emergence():
        if report.concept(each.concept).classes:
            yield f"confusion_{escape(each.concept)}", confusion(report, each.concept, each.best_site, lang)
        yield f"carriers_{escape(each.concept)}", carriers(report, each.concept, each.best_site, lang=lang)
    for one in narrowed:
        yield f"units_{escape(one.concept)}", sparse_probes(one, lang)
