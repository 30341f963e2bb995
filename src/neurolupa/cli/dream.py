"""`neurolupa dream`: a picture, changed so that a layer or a unit sees more of what it looks for in it."""

from typing import Annotated

import typer

from neurolupa.cli.options import (
    AllowPartial,
    Classes,
    Debug,
    Device,
    InputSize,
    Json,
    Lang,
    Mean,
    Network,
    Std,
    Weights,
)

EXAMPLES = """  neurolupa dream embedded samples#cat --site layer3.1.relu --out dreamt
  neurolupa dream resnet18 holiday.jpg --site layer3.1.relu --unit 40 --octaves 6 --out holiday40.png"""


def dream(
    model: Network,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="A file, an http(s) address, or SPEC#KEY: of an image set, by index, id or class.",
        ),
    ],
    site: Annotated[str, typer.Option(metavar="S", help="The site that is driven.")],
    out: Annotated[
        str, typer.Option(metavar="PATH", help="A new folder; or FILE.png, for the picture, JSON and figure.")
    ],
    unit: Annotated[
        int | None, typer.Option(metavar="N", help="Drive this unit alone; else all of the site.")
    ] = None,
    octaves: Annotated[
        int, typer.Option(metavar="N", help="At how many sizes; those too small for the site are left out.")
    ] = 4,
    scale: Annotated[float, typer.Option(metavar="X", help="From one size to the next.")] = 1.4,
    steps: Annotated[int, typer.Option(metavar="N", help="At each size.")] = 10,
    rate: Annotated[
        float, typer.Option(metavar="X", help="Mean change of a value, 0 to 1, in one step.")
    ] = 0.01,
    most: Annotated[
        int, typer.Option(metavar="N", help="A picture of more pixels is reduced to about as many.")
    ] = 2**18,
    seed: Annotated[int, typer.Option(metavar="N", help="Of all random numbers, of random weights too.")] = 0,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    device: Device = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier dream there.")] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Change a picture so that a layer or a unit of a network answers it more (DeepDream).

    Writes the picture in its own proportions, marked as synthetic, its settings with what was reached at each
    step as JSON, and a figure that shows it beside the original.
    """
    from neurolupa.cli.dreaming import Asked, finish, make
    from neurolupa.cli.network import open_network
    from neurolupa.cli.words import known_language
    from neurolupa.figures.dream_export import room_for

    lang, asked = known_language(lang), Asked(image, site, unit, octaves, scale, steps, rate, most, seed)
    room_for(out, overwrite)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    if code := finish(make(network, asked), out, overwrite, lang, json):
        raise typer.Exit(code)
