"""An inspection as a folder: figures, tables and facts, all of them or none."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.schema import escape
from neurolupa.figures.inspection import analysis_overlays, analysis_overview
from neurolupa.figures.inspection_bars import analysis_bars
from neurolupa.figures.inspection_kernels import analysis_kernels
from neurolupa.figures.inspection_layers import analysis_layers
from neurolupa.figures.overlays import checked_opacity, used
from neurolupa.figures.palettes import Scale
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI
from neurolupa.locales import text

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.inspection import ImageAnalysis, Ranking
    from neurolupa.inspection.kernels import Kernel

FOLDER = FolderKind("analysis.json", "neurolupa inspect")


@dataclass(frozen=True, eq=False)
class Inspected:
    """One site of an inspection.

    Attributes:
        analysis: What `neurolupa.inspect` gave.
        ranking: The units to look at first.
        kernels: Those of the ranked units, in that order; none where they are not wanted.
        more: A longer ranking for the overview; `ranking` itself by default.
    """

    analysis: ImageAnalysis
    ranking: Ranking
    kernels: tuple[Kernel, ...] = field(default=(), repr=False)
    more: Ranking | None = None


def export_inspection(
    inspected: Sequence[Inspected],
    folder: str | os.PathLike,
    *,
    palette: str = "viridis",
    opacity: float = 0.5,
    lang: str = "en",
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write one picture's inspection to `folder`: all files appear, or none does.

    For each site, percent-escaped: `overview_<site>.png`; where it has maps, `overlays_<site>.png` and, with
    kernels, `kernels_<site>.png`; where it has none, `bars_<site>.png`; with several sites `layers.png`.
    `units.csv` has all units of all sites, `regions.csv` those of the ranked units, `analysis.json` the
    prediction, the rankings and where all of it came from. A ranking without units leaves out what it would
    be drawn in.

    Args:
        inspected: One for each site.
        folder: New or empty, unless `overwrite`: then an earlier inspection in it is replaced, and files that
            are none of its own stay.
        palette: One of `neurolupa.figures.overlays.PALETTES`.
        opacity: Of the maps over the picture.
        lang: Of the figures' words.
        overwrite: Whether to replace an earlier inspection.

    Raises:
        UsageError: An unknown palette or language, or an opacity outside 0..1.
        DataError: The folder holds files, or cannot be written.
    """
    text("site", lang)
    used(Scale(0, 1), palette)
    checked_opacity(opacity)

    def write(place: Path) -> None:
        for name, draw in _figures(inspected, palette, opacity):
            draw(lang=lang).savefig(place / f"{name}.png", dpi=DPI, metadata={"Software": None})
        for name, table in (("units", unit_rows(inspected)), ("regions", region_rows(inspected))):
            write_csv(table, place / f"{name}.csv")
        facts = facts_of(inspected) | {"files": sorted(path.name for path in place.iterdir())}
        told = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
        (place / FOLDER.told_in).write_text(told + "\n", encoding="utf-8")

    return FOLDER.write(Path(folder), write, overwrite)


def unit_rows(inspected: Sequence[Inspected]) -> pd.DataFrame:
    """All units of all sites: the site, its address, the columns of `unit_table`, score and rank."""
    import pandas as pd

    return pd.concat([_of_site(one, one.analysis.to_frame(one.ranking)) for one in inspected])


def region_rows(inspected: Sequence[Inspected]) -> pd.DataFrame:
    """The regions of the ranked units of all sites with maps: site, address, unit, and those of `Regions`."""
    import pandas as pd

    from neurolupa.inspection.regions import Regions

    tables = [_regions(one, unit) for one in inspected if one.analysis.spatial for unit in one.ranking.units]
    empty = Regions((), (1, 1), 85.0).to_frame()
    empty.insert(0, "unit", [])
    empty.insert(0, "address", [])
    empty.insert(0, "site", [])
    filled = [table for table in tables if len(table)]
    return pd.concat(filled) if filled else empty


def facts_of(inspected: Sequence[Inspected]) -> dict[str, Any]:
    """Everything but arrays and pictures, ready for JSON: what is no finite number is None."""
    from neurolupa.inspection.saving import facts_of as analysis_facts

    sites = [_finite(analysis_facts(one.analysis) | {"ranking": _ranking(one.ranking)}) for one in inspected]
    return {"format": FOLDER.form, "sites": sites}


def _figures(inspected: Sequence[Inspected], palette: str, opacity: float) -> Iterator[tuple[str, Any]]:
    for one in inspected:
        analysis, ranking, site = one.analysis, one.ranking, escape(one.analysis.site.name)
        yield f"overview_{site}", partial(analysis_overview, analysis, one.more or ranking, palette)
        if not ranking.units:
            continue
        if not analysis.spatial:
            yield f"bars_{site}", partial(analysis_bars, analysis, one.more or ranking)
            continue
        yield f"overlays_{site}", partial(analysis_overlays, analysis, ranking, palette, opacity)
        if one.kernels:
            yield f"kernels_{site}", partial(analysis_kernels, analysis, one.kernels, ranking, palette)
    if len(inspected) > 1:
        analyses, rankings = [one.analysis for one in inspected], [one.ranking for one in inspected]
        yield "layers", partial(analysis_layers, analyses, rankings, palette)


def _of_site(one: Inspected, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "address", one.analysis.site.address)
    table.insert(0, "site", one.analysis.site.name)
    return table


def _regions(one: Inspected, unit: int) -> pd.DataFrame:
    from neurolupa.inspection.regions import find_regions

    analysis = one.analysis
    width, height = analysis.picture.seen.size
    found = find_regions(analysis.maps[unit], (height, width), field=analysis.site.receptive_field)
    table = found.to_frame()
    table.insert(0, "unit", unit)
    return _of_site(one, table)


def _ranking(ranking: Ranking) -> dict[str, Any]:
    note = ranking.note
    told: dict[str, Any] = {"by": ranking.by, "settings": dict(ranking.settings), "note": None}
    if note is not None:
        told["note"] = {"code": note.code, "nearest": dict(note.nearest), "choices": note.choices}
    return told | {"units": ranking.to_frame().to_dict("records")}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
