"""`neurolupa mirror`: whether a spatial bias comes from the pictures or from the network."""

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
    Mean,
    Network,
    Seed,
    Std,
    Weights,
    at_least_one,
)

EXAMPLES = """  neurolupa mirror embedded samples --site layer2.0.relu --units 3
  neurolupa mirror resnet18 folder:photos --site layer3.1.relu --units 0-15 --out mirrored"""


def mirror(
    model: Network,
    images: Images,
    site: Annotated[str, typer.Option(metavar="S", help="The site whose units are looked at.")],
    units: Annotated[
        str | None, typer.Option(metavar="N", help="Only these units: 3, 0-15 or 3,5-9; all of them.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where mirrored.csv goes: all numbers of all units.")
    ] = None,
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
    """Run units on pictures and on their mirror images: what changes sides is content, what stays is not.

    A unit that prefers the left half on both prefers it whatever is there: its padding, most often.
    """
    from neurolupa.cli.again import say_mirrored, write_mirrored
    from neurolupa.cli.network import open_network
    from neurolupa.cli.options import unit_numbers
    from neurolupa.cli.progress import progress
    from neurolupa.cli.words import known_language
    from neurolupa.images import load_images
    from neurolupa.units.spatial import mirrored_bias

    lang, numbers = known_language(lang), unit_numbers("--units", units) or None
    batch_size, shown = at_least_one("--batch-size", batch_size), load_images(images)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    with progress(doing="showing pictures", ending="comparing") as on_block:
        found = mirrored_bias(network, shown, site, numbers, batch_size=batch_size, on_block=on_block)
    if out is not None:
        write_mirrored(found, out)
    say_mirrored(found, out, lang, json)
