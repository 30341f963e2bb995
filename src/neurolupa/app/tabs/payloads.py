"""What can be taken away: tables, facts and pictures as bytes, all with where they come from."""

import io
import json
import zipfile

import pandas as pd
from PIL import Image

from neurolupa.app.context import Context
from neurolupa.app.request import TAB_KEYS, Result
from neurolupa.app.tabs.comparing import first_units
from neurolupa.app.tabs.sheets import sheet
from neurolupa.atlas.csv_files import csv_text
from neurolupa.figures.inspection_bars import analysis_bars
from neurolupa.figures.inspection_export import Inspected, facts_of, region_rows, unit_rows
from neurolupa.figures.style import DPI
from neurolupa.inspection.dossier import Dossier

UNITS, REGIONS, PATCHES, FACTS = "units.csv", "regions.csv", "patches.csv", "analysis.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def units_csv(result: Result) -> bytes:
    """All units of all sites, as `neurolupa inspect` writes them."""
    return _csv(unit_rows(inspected_of(result)))


def regions_csv(result: Result) -> bytes:
    """The regions of the ranked units of all sites, as `neurolupa inspect` writes them."""
    return _csv(region_rows(inspected_of(result)))


def facts_json(result: Result) -> bytes:
    """Prediction, rankings and provenance, with the explanations, regions and patches of the ranked units."""
    told = facts_of(inspected_of(result)) | {"dossier": result.dossier.to_dict()}
    return (json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def png(context: Context, tab: str, held: Dossier | None = None) -> bytes:
    """A tab as a PNG with its provenance; empty where it has no picture."""
    drawn = sheet(context, tab, held)
    if drawn is not None:
        return _png(drawn)
    return _bars(context) if tab in ("overlay", "grid") else b""


def everything(context: Context, result: Result, held: Dossier | None = None) -> bytes:
    """A ZIP of all tables, the facts, and the picture of each tab that has one."""
    files = {
        UNITS: units_csv(result),
        REGIONS: regions_csv(result),
        PATCHES: _csv(result.dossier.patches_frame()),
        FACTS: facts_json(result),
    }
    files |= {f"{tab}.png": png(context, tab, held or result.dossier) for tab in TAB_KEYS}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content:
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def inspected_of(result: Result) -> list[Inspected]:
    """Each site with its ranking: the one asked for at the main site, the first four units elsewhere."""
    main, *others = result.analyses
    compared = [Inspected(one, first_units(result.request, one)[1]) for one in others]
    return [Inspected(main, result.ranking), *compared]


def _bars(context: Context) -> bytes:
    """The ranked units of a site without maps."""
    result = context.result
    if result is None or result.analysis.spatial or not result.ranking.units:
        return b""
    written = io.BytesIO()
    analysis_bars(result.analysis, result.ranking, context.lang).savefig(written, dpi=DPI)
    return written.getvalue()


def _csv(table: pd.DataFrame) -> bytes:
    return csv_text(table).encode()


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
