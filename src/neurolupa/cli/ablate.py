"""`neurolupa ablate`: what a network loses over labelled pictures without some of its units."""

from pathlib import Path
from typing import Annotated

import typer

from neurolupa.cli.options import (
    AllowPartial,
    BatchSize,
    Classes,
    Debug,
    Device,
    Images,
    InputSize,
    Json,
    Lang,
    Limit,
    Mean,
    Network,
    Seed,
    Std,
    Weights,
    at_least_one,
)  # fmt: skip

EXAMPLES = """  neurolupa ablate embedded folder:photos --site layer4.1.relu --value mean --out without
  neurolupa ablate embedded samples --site layer3.1.relu --units 3,5-9 --truth prediction --out without"""


def ablate(
    model: Network,
    images: Images,
    site: Annotated[str, typer.Option(metavar="S", help="The one call where units are set.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the files go: a new folder.")],
    units: Annotated[
        str | None, typer.Option(metavar="LIST", help="Units, each alone, as 3,5-9; without, every unit.")
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Switch all of --units off at once, too.")
    ] = False,
    group: Annotated[
        list[str],
        typer.Option(metavar="LIST", help="Units that are switched off at once, as 3,5-9; may be repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    value: Annotated[
        str, typer.Option(metavar="X", help="What units are set to: a number, or mean (over these pictures).")
    ] = "0",
    truth: Annotated[
        str,
        typer.Option(metavar="T", help="label; or prediction: does the answer stay the whole network's?"),
    ] = "label",
    top: Annotated[int, typer.Option(metavar="N", help="Rows of groups and of classes.")] = 10,
    limit: Limit = None,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    batch_size: BatchSize = None,
    device: Device = "auto",
    seed: Seed = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier ablation in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure what a network loses as its units are switched off: in all, and class by class.

    Each block of pictures runs to the site once, and from there on once for each unit or group.
    """
    from neurolupa.attribution import ablate as measure
    from neurolupa.cli.ablated import groups_of, report
    from neurolupa.cli.attributed import value_of
    from neurolupa.cli.network import open_network
    from neurolupa.cli.progress import progress
    from neurolupa.cli.words import known_language
    from neurolupa.figures.attribution_export import ABLATION, export_ablation
    from neurolupa.images import load_images

    known_language(lang)
    size, rows = at_least_one("--batch-size", batch_size), at_least_one("--top", top) or 1
    groups, filling = groups_of(units, together, group), value_of(value)
    ABLATION.ready(Path(out), overwrite)
    pictures = load_images(images, limit=limit)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    with progress(None, "switching units off", "counting answers") as on_block:
        found = measure(
            network, pictures, site, groups, value=filling, truth=truth, batch_size=size, on_block=on_block
        )
    files = export_ablation(found, out, lang=lang, overwrite=overwrite)
    report(found, files, rows, lang, json)
