"""`neurolupa inspect`: one picture through one or several sites of a network."""

from pathlib import Path
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

EXAMPLES = """  neurolupa inspect embedded samples#cat --site layer2.0.conv1 --point relu --out cat
  neurolupa inspect resnet18 cat.jpg --site relu --site layer1.0.relu --top 4 --out cat
  neurolupa inspect resnet18 folder:photos#12 --site fc --by mean --out photo12"""


def inspect(
    model: Network,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="A file, an http(s) address, or SPEC#KEY: of an image set, by index, id or class.",
        ),
    ],
    site: Annotated[
        list[str],
        typer.Option(metavar="S", help="A layer or operation; repeated, several from one forward pass."),
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the files go: a new folder.")],
    point: Annotated[
        str | None,
        typer.Option(metavar="P", help="Read a convolution at conv, norm or relu; without, the site itself."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(metavar="C", help="Rank by balanced, mean, max, std, mixed, interesting or manual."),
    ] = "balanced",
    top: Annotated[int, typer.Option(metavar="N", help="How many units.")] = 6,
    min_sparsity: Annotated[
        float, typer.Option(metavar="X", help="For balanced: least share of zeros.")
    ] = 0.15,
    weight: Annotated[
        float, typer.Option(metavar="X", help="For balanced: of activation against selectivity, 0 to 1.")
    ] = 0.5,
    mean_above: Annotated[float, typer.Option(metavar="X", help="For interesting.")] = 0.3,
    max_above: Annotated[float, typer.Option(metavar="X", help="For interesting.")] = 2.0,
    units: Annotated[str | None, typer.Option(metavar="LIST", help="For manual, as 3,5-9.")] = None,
    palette: Annotated[
        str, typer.Option(metavar="NAME", help="Colours: viridis, magma, ..., coolwarm, jet (legacy).")
    ] = "viridis",
    opacity: Annotated[float, typer.Option(metavar="X", help="Of the maps over the picture, 0 to 1.")] = 0.5,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    device: Device = "auto",
    seed: Seed = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier inspection in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what one picture does at sites of a network.

    Writes figures, a table of all units, the regions of the ranked ones and where it all came from.
    """
    from neurolupa.cli.inspecting import Wanted, check, say, study
    from neurolupa.cli.network import open_network
    from neurolupa.cli.options import unit_numbers
    from neurolupa.figures import export_inspection
    from neurolupa.figures.inspection_export import FOLDER

    numbers = unit_numbers("--units", units)
    wanted = Wanted(tuple(site), point, by, top, min_sparsity, weight, mean_above, max_above, numbers)
    check(wanted, palette, opacity, lang)
    FOLDER.earlier(Path(out), overwrite)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    inspected = study(network, image, wanted)
    files = export_inspection(
        inspected, out, palette=palette, opacity=opacity, lang=lang, overwrite=overwrite
    )
    say(inspected, out, files, lang, json)
