"""`neurolupa attribute`: which parts of a picture, and which units, an answer rests on."""

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
    at_least_one,
)  # fmt: skip

EXAMPLES = """  neurolupa attribute embedded samples#cat --out maps
  neurolupa attribute embedded samples#cat --method gradcam,saliency --target dog --sanity --out maps
  neurolupa attribute resnet18 cat.jpg --site layer3.1.relu --units layer4.1.relu --deletion --out maps"""


def attribute(
    model: Network,
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="A file, an http(s) address, or SPEC#KEY: of an image set, by index, id or class.",
        ),
    ],
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where the files go: a new folder; several methods below it.")
    ],
    method: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="gradcam, saliency, ...; with commas between, repeated, or all."),
    ] = ["gradcam"],  # noqa: B006 (typer copies it)
    target: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Name or number; without, the strongest class.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="S", help="For maps of a site; without, the last that has a map.")
    ] = None,
    sanity: Annotated[
        bool, typer.Option("--sanity", help="Does the map change when layers forget what they learnt?")
    ] = False,
    seeds: Annotated[int, typer.Option(metavar="N", help="For --sanity: how often layers are drawn.")] = 8,
    stages: Annotated[int, typer.Option(metavar="N", help="For --sanity: steps from output to input.")] = 8,
    deletion: Annotated[
        bool, typer.Option("--deletion", help="Does the class fall when marked pixels go?")
    ] = False,
    units: Annotated[
        str | None, typer.Option(metavar="S", help="Switch each unit of this site off, one by one.")
    ] = None,
    value: Annotated[str, typer.Option(metavar="X", help="For --units: a number, or mean.")] = "0",
    steps: Annotated[int, typer.Option(metavar="N", help="Of integrated gradients.")] = 50,
    baseline: Annotated[
        str, typer.Option(metavar="NAME", help="A picture without: mean, black or blur.")
    ] = "mean",
    window: Annotated[int | None, typer.Option(metavar="N", help="Of occlusion, pixels.")] = None,
    stride: Annotated[int | None, typer.Option(metavar="N", help="Of occlusion, pixels.")] = None,
    top: Annotated[int, typer.Option(metavar="N", help="Rows of units.")] = 6,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    device: Device = "auto",
    seed: Seed = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier attribution in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show which parts of a picture, and which units, the answer of a network rests on.

    A map of pixels convinces whether it is right or not: --sanity and --deletion put it to the test.
    """
    from neurolupa.attribution import Settings
    from neurolupa.cli.attributed import Wanted, folders, report, study, value_of, write
    from neurolupa.cli.network import open_network
    from neurolupa.cli.words import known_language

    known_language(lang)
    for option, number in (("--seeds", seeds), ("--stages", stages), ("--top", top)):
        at_least_one(option, number)
    settings = Settings(steps, baseline, window, stride)
    wanted = Wanted.of(
        method, target, site, sanity, seeds, stages, deletion, units, value_of(value), settings
    )
    places = folders(Path(out), wanted.methods, overwrite)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    found = study(network, image, wanted)
    files = write(found, places, lang, overwrite)
    report(found, wanted, files, top, lang, json)
