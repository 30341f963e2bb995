"""What `neurolupa dissect` says: detectors by site, and the strongest ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.cli.network import note
from neurolupa.cli.printing import Column, print_json, print_table, records
from neurolupa.figures.dissection_words import dissection_notes
from neurolupa.locales import text

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing import Dissection

_SITES = (
    Column("site"),
    Column("units", right=True),
    Column("detectors", right=True),
    Column("above_chance", "above chance", right=True),
    Column("unique", "different concepts", right=True),
    Column("unique_above_chance", "above chance", right=True, spare=1),
)


def _number(value: float) -> str:
    return f"{value:.3f}"


_UNITS = (
    Column("site"),
    Column("unit", right=True),
    Column("category"),
    Column("concept"),
    Column("iou", "IoU", _number, right=True),
    Column("null_high", "null 95 %", _number, right=True),
    Column("p", "p", _number, right=True),
    Column("f1", "F1", _number, right=True, spare=2),
    Column("auprc", "AUPRC", _number, right=True, spare=1),
    Column("n", "N", right=True, spare=3),
)


def report(found: "Dissection", files: Sequence[Path], top: int, lang: str, json: bool) -> None:
    """Both tables with the rule and where they come from, or everything as JSON with its source."""
    for name, code in found.skipped.items():
        note(f"{name} was left out: {code.value}")
    if json:
        units = records(found.to_frame())
        print_json({"source": found.source.to_dict(), "sites": records(found.sites_frame()), "units": units})
        return
    rule, caption = dissection_notes(found, lang)
    print(f"{caption}\n")
    print_table(found.sites_frame(), _SITES)
    print()
    print_table(_strongest(found, top), _UNITS)
    print(f"\n{rule}")
    if files:
        told = {"folder": files[0].parent.as_posix(), "count": len(files)}
        print(f"\n{text('cli.inspect.written', lang, **told)}")


def _strongest(found: "Dissection", top: int) -> "pd.DataFrame":
    """The detections that are furthest above what chance gives."""
    frame = found.to_frame()
    above = (frame["iou"] - frame["null_high"])[frame["above_chance"]]
    return frame.loc[above.sort_values(ascending=False, kind="stable").index[:top]]
