"""`neurolupa texture`: which colours, textures and edges a unit's map goes with."""

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
    Seed,
    Std,
    Weights,
)

EXAMPLES = """  neurolupa texture embedded samples --site layer1.0.relu --unit 3 --out texture3
  neurolupa texture resnet18 folder:photos#12 --site layer1.0.relu --unit 3 --out photo12"""


def texture(
    model: Network,
    images: Annotated[
        str,
        typer.Argument(
            metavar="IMAGES", help="An image set as for scan, or one picture: a file, an address, SPEC#KEY."
        ),
    ],
    site: Annotated[str, typer.Option(metavar="S", help="The site of the unit.")],
    unit: Annotated[int, typer.Option(metavar="N", help="The number of the unit.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the tables and the figure go.")],
    draws: Annotated[int, typer.Option(metavar="N", help="Of the null over several pictures.")] = 999,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    device: Device = "auto",
    seed: Seed = 0,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show which colours, textures and edges of pictures a unit's map goes with, against shifted maps.

    The folder gets texture.csv (a row for each feature), pictures.csv (one for each picture) and texture.png.
    """
    from neurolupa.cli.again import say_texture, write_texture
    from neurolupa.cli.network import open_network
    from neurolupa.cli.words import known_language
    from neurolupa.units.appearance import texture_profile

    lang = known_language(lang)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    found = texture_profile(network, images, site, unit, draws=draws, seed=seed)
    write_texture(found, out, lang)
    say_texture(found, out, lang, json)
