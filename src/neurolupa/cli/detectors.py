"""`neurolupa detectors`: the detectors of a table that Network Dissection released."""

from typing import TYPE_CHECKING, Annotated

import typer

from neurolupa.cli.options import Debug, Json, Lang

if TYPE_CHECKING:
    from neurolupa.probing.dissection import DetectorCounts

EXAMPLES = """  neurolupa detectors tally.csv
  neurolupa detectors tally.csv --least-iou 0.1 --json"""


def detectors(
    table: Annotated[
        str, typer.Argument(metavar="FILE", help="A table of Network Dissection, as its tally.csv.")
    ],
    least_iou: Annotated[float, typer.Option(metavar="X", help="What a detector's IoU exceeds.")] = 0.04,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Count the detectors of a published table of Network Dissection, by the rule of `dissect`.

    A unit detects the best concept of a category where their IoU exceeds 0.04.
    """
    from dataclasses import asdict

    from neurolupa.cli.printing import print_json
    from neurolupa.cli.words import known_language
    from neurolupa.probing.dissection import count_detectors, read_published

    lang = known_language(lang)
    found = count_detectors(read_published(table), least_iou)
    if json:
        print_json(asdict(found))
    else:
        _print(table, found, lang)


def _print(table: str, found: "DetectorCounts", lang: str) -> None:
    """The counts in a line, and a row for each category."""
    from pathlib import Path

    import pandas as pd

    from neurolupa.cli.printing import Column, print_table
    from neurolupa.locales import text, whole

    counted = {"units": found.units, "detectors": found.detectors}
    counted |= {"unique": found.unique, "best": found.unique_best}
    told = {name: whole(count, lang) for name, count in counted.items()}
    print(f"{text('dissection.counted', lang, file=Path(table).name, least=f'{found.least:g}', **told)}\n")
    rows = [(name, found.detectors_in[name], found.unique_in[name]) for name in found.unique_in]
    frame = pd.DataFrame(rows, columns=["category", "detectors", "unique"])
    numbers = Column("detectors", right=True), Column("unique", "different concepts", right=True)
    print_table(frame, [Column("category"), *numbers])
