"""`neurolupa tuning`: what the units of a site are tuned to."""

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
    Seed,
    Std,
    Weights,
    at_least_one,
)

EXAMPLES = """  neurolupa tuning resnet18 --site layer1.0.relu --out tuned
  neurolupa tuning resnet18 --site conv1 --point relu --units 0-15 --factors orientation,hue --out tuned"""


def tuning(
    model: Network,
    site: Annotated[str, typer.Option(metavar="S", help="The site whose units are measured.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where tables, curves and figures go.")],
    units: Annotated[
        str | None, typer.Option(metavar="N", help="Only these units: 0-15 or 3,5-9; all of them.")
    ] = None,
    point: Annotated[
        str | None, typer.Option(metavar="P", help="Read the site at conv, norm or relu.")
    ] = None,
    factors: Annotated[
        str | None,
        typer.Option(metavar="F", help="Some of orientation, frequency, hue, shape, position; all of them."),
    ] = None,
    shuffles: Annotated[int, typer.Option(metavar="N", help="Labellings drawn for the null.")] = 1000,
    top: Annotated[int, typer.Option(metavar="N", help="Figures of the N most tuned units.")] = 6,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    batch_size: BatchSize = None,
    device: Device = "auto",
    seed: Seed = 0,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure tuning curves to orientation, frequency, hue, shape and position.

    Generated pictures are shown once; no data set is needed. The folder gets tuning.csv (a row for each unit
    and factor), curves.csv, the result itself and the figures of the most tuned units.
    """
    from neurolupa.cli.network import open_network
    from neurolupa.cli.progress import progress
    from neurolupa.cli.tuned import report, write
    from neurolupa.cli.unit_ranges import units_named
    from neurolupa.cli.words import known_language
    from neurolupa.units.tuning_curves import tuning as measure

    lang, numbers = known_language(lang), units_named(units)
    batch_size = at_least_one("--batch-size", batch_size)
    top = at_least_one("--top", top) or 1
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    with progress(doing="showing pictures", ending="shuffling labels") as on_block:
        result = measure(
            network, site, numbers, point=point, factors=factors, shuffles=shuffles, seed=seed,
            batch_size=batch_size, on_block=on_block,
        )  # fmt: skip
    write(result, out, top, lang)
    report(result, out, top, lang, json)
