"""`neurolupa dissect`: which concept each unit is a detector of, by exact masks."""

from pathlib import Path
from typing import Annotated

import typer

from neurolupa.cli.options import (
    AllowPartial,
    BatchSize,
    Classes,
    Debug,
    Device,
    InputSize,
    Json,
    Lang,
    Mean,
    Network,
    Sites,
    Std,
    Weights,
    at_least_one,
)  # fmt: skip

EXAMPLES = """  neurolupa dissect embedded --out detectors
  neurolupa dissect embedded "stimuli?count=400&size=32" --factors hue,shape --sites layer4.1.relu"""


def dissect(
    model: Network,
    stimuli: Annotated[
        str | None,
        typer.Argument(metavar="[STIMULI]", help="Generated pictures; 1,000 stimuli of the network's size."),
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where tables and figures go: a new folder.")
    ] = None,
    sites: Sites = ["kind:relu"],  # noqa: B006 (typer copies it)
    factors: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help="Categories of concepts: hue,shape,...; all but position and scale."
        ),
    ] = None,
    quantile: Annotated[
        float, typer.Option(metavar="X", help="Of a unit's own values: its threshold.")
    ] = 0.995,
    least_iou: Annotated[float, typer.Option(metavar="X", help="What a detector's IoU exceeds.")] = 0.04,
    shuffles: Annotated[int, typer.Option(metavar="N", help="Of the nulls.")] = 99,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the shuffling and of random weights.")] = 0,
    top: Annotated[int, typer.Option(metavar="N", help="Rows of detectors.")] = 10,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    batch_size: BatchSize = None,
    device: Device = "auto",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier dissection in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Find the concepts that single units detect: network dissection with the exact masks of stimuli.

    A unit is a detector where what is above its own threshold overlaps with the mask of a concept; beside
    that, whether it is more than chance gives.
    """
    from neurolupa.cli.dissected import report
    from neurolupa.cli.network import open_network
    from neurolupa.cli.progress import progress
    from neurolupa.cli.words import known_language
    from neurolupa.figures.dissection_export import FOLDER, export_dissection
    from neurolupa.probing import dissect as measure
    from neurolupa.units.tuning_curves.showing import side_of

    lang, rows = known_language(lang), at_least_one("--top", top) or 1
    size = at_least_one("--batch-size", batch_size)
    if out is not None:
        FOLDER.ready(Path(out), overwrite)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    shown = stimuli or f"stimuli?count=1000&size={side_of(network)}"
    with progress(doing="showing pictures", ending="dealing concepts out anew") as on_block:
        found = measure(
            network, shown, sites, factors=factors, quantile=quantile, least_iou=least_iou,
            shuffles=shuffles, seed=seed, batch_size=size, on_block=on_block,
        )  # fmt: skip
    files = () if out is None else export_dissection(found, out, lang=lang, overwrite=overwrite)
    report(found, files, rows, lang, json)
