"""Attributions and ablations on disk: results, tables and figures, all of them or none."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from neurolupa.atlas.csv_files import write_csv
from neurolupa.figures.ablation import ablation, ablation_classes
from neurolupa.figures.attribution import attribution
from neurolupa.figures.attribution_checks import deletion_insertion, sanity
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI
from neurolupa.figures.unit_effects import unit_effects

if TYPE_CHECKING:
    from neurolupa.attribution import Ablation, Attribution, DeletionInsertion, SanityCheck, UnitEffects

ATTRIBUTION = FolderKind("files.json", "neurolupa attribute")
ABLATION = FolderKind("files.json", "neurolupa ablate")


@dataclass(frozen=True, eq=False)
class Attributed:
    """One map with what was found out about it.

    Attributes:
        attribution: The map.
        check: Its sanity check, if one was made.
        curves: Its deletion and insertion, if they were made.
        effects: What units do for the class, if that was asked.
    """

    attribution: Attribution
    check: SanityCheck | None = None
    curves: DeletionInsertion | None = None
    effects: UnitEffects | None = None


def export_attribution(
    found: Attributed, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write one map: all files appear, or none does.

    `attribution.json`, `.safetensors`, `original.png` and `seen.png`, which `Attribution.load` reads;
    `map.png`, its figure; `units.csv` for methods of a site; `sanity.csv`, `.json` and `.png`,
    `deletion_insertion.csv`, `.json` and `.png`, `unit_effects.csv` and `.png` for what was asked;
    `files.json`.

    Args:
        found: The map and what was found out about it.
        out: A new or empty folder.
        lang: Of the figures' words.
        overwrite: Whether the files of an earlier attribution in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language.
        DataError: The folder holds files, or cannot be written.
    """
    return ATTRIBUTION.write(Path(out), partial(_fill_attribution, found, lang), overwrite)


def export_ablation(
    found: Ablation, out: str | os.PathLike, *, lang: str = "en", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write an ablation: all files appear, or none does.

    `ablation.json` and `.safetensors`, which `Ablation.load` reads; `groups.csv` and `groups.png`, over all
    classes; `classes.csv` and `classes.png`, class by class; `files.json`. Arguments and errors as for
    `export_attribution`.
    """
    return ABLATION.write(Path(out), partial(_fill_ablation, found, lang), overwrite)


def _fill_attribution(found: Attributed, lang: str, place: Path) -> None:
    found.attribution.save(place)
    _draw(place / "map.png", attribution(found.attribution, lang))
    if found.attribution.units is not None:
        write_csv(found.attribution.to_frame(), place / "units.csv")
    if found.check is not None:
        write_csv(found.check.to_frame(), place / "sanity.csv")
        _tell(place / "sanity.json", found.check.to_dict())
        _draw(place / "sanity.png", sanity(found.check, lang))
    if found.curves is not None:
        write_csv(found.curves.to_frame(), place / "deletion_insertion.csv")
        _tell(place / "deletion_insertion.json", found.curves.to_dict())
        _draw(place / "deletion_insertion.png", deletion_insertion(found.curves, lang))
    if found.effects is not None:
        write_csv(found.effects.to_frame(), place / "unit_effects.csv")
        _draw(place / "unit_effects.png", unit_effects(found.effects, lang))
    ATTRIBUTION.tell(place)


def _fill_ablation(found: Ablation, lang: str, place: Path) -> None:
    found.save(place)
    write_csv(found.to_frame(), place / "groups.csv")
    write_csv(found.class_frame(), place / "classes.csv")
    _draw(place / "groups.png", ablation(found, lang))
    _draw(place / "classes.png", ablation_classes(found, lang))
    ABLATION.tell(place)


def _draw(path: Path, figure: Figure) -> None:
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _tell(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
