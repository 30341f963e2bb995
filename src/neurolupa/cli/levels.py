"""`neurolupa levels`: which units are about simple properties of pictures, and which about classes."""

from typing import Annotated, cast

import typer

from neurolupa.cli.options import Debug, Json, Lang

EXAMPLES = """  neurolupa scan embedded stimuli --out generated
  neurolupa scan embedded folder:photos --out natural
  neurolupa levels generated natural --site layer4.1.relu --out levels"""


def levels(
    stimuli: Annotated[
        str, typer.Argument(metavar="GENERATED", help="An atlas of generated pictures, as of stimuli.")
    ],
    labelled: Annotated[
        str, typer.Argument(metavar="LABELLED", help="An atlas of the same network on labelled pictures.")
    ],
    site: Annotated[str, typer.Option(metavar="S", help="The site whose units are told apart.")],
    units: Annotated[
        str | None, typer.Option(metavar="LIST", help="Only these units, as 0-15 or 3,5-9; all of them.")
    ] = None,
    value: Annotated[
        str, typer.Option(metavar="V", help="A unit's answer to a picture: mean or max of its map.")
    ] = "mean",
    least: Annotated[
        float, typer.Option(metavar="X", help="Share of the variance from which on it is explained.")
    ] = 0.1,
    times: Annotated[
        float, typer.Option(metavar="X", help="How many times the other share one must be.")
    ] = 2.0,
    shuffles: Annotated[int, typer.Option(metavar="N", help="Of the nulls.")] = 199,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the shuffling.")] = 0,
    top: Annotated[int, typer.Option(metavar="N", help="Rows from either end.")] = 5,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where table, source and figure go: a new folder.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier levels in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell low-level units from high-level ones: factors of generated pictures against classes.

    How much of a unit's variance goes with the factors of generated pictures, and how much with the classes
    of natural ones, both without what chance gives.
    """
    from pathlib import Path

    from neurolupa.atlas import open_atlas
    from neurolupa.cli.levelled import report
    from neurolupa.cli.options import at_least_one
    from neurolupa.cli.unit_ranges import units_named
    from neurolupa.cli.words import known_language
    from neurolupa.figures.levels_export import FOLDER, export_levels
    from neurolupa.synthesis import levels as measure
    from neurolupa.synthesis.levelling import Value

    lang, numbers, rows = known_language(lang), units_named(units), at_least_one("--top", top) or 1
    if out is not None:
        FOLDER.ready(Path(out), overwrite)
    found = measure(
        open_atlas(stimuli), open_atlas(labelled), site, numbers,
        value=cast(Value, value), least=least, times=times, shuffles=shuffles, seed=seed,
    )  # fmt: skip
    if out is not None:
        export_levels(found, out, lang=lang, overwrite=overwrite)
    report(found, rows, out, lang, json)
