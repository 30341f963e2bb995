"""`neurolupa probe`: what each layer knows, by linear probes with controls."""

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
    Mean,
    Network,
    Sites,
    Std,
    Weights,
    at_least_one,
)  # fmt: skip

EXAMPLES = """  neurolupa probe embedded "stimuli?count=720" --target hue,shape --out probes
  neurolupa probe resnet18 cifar10:DIR --group animal=cat,dog,horse --group vehicle=ship,truck --out probes
  neurolupa probe resnet18 folder:photos --target all --units layer3.1.relu --out probes --lang es"""


def probe(
    model: Network,
    images: Images,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Where report, tables and figures go: a new folder.")
    ],
    target: Annotated[
        list[str],
        typer.Option(
            metavar="T",
            help="What is read: label, a factor of stimuli (hue, shape), a property of any picture "
            "(brightness, dominant_hue), or all; with commas between or repeated; label, or group.",
        ),
    ] = [],  # noqa: B006 (typer copies it)
    group: Annotated[
        list[str],
        typer.Option(metavar="NAME=A,B", help="Classes put together for the target group; repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    sites: Sites = ["kind:relu"],  # noqa: B006 (typer copies it)
    pooling: Annotated[
        str,
        typer.Option(metavar="P", help="From a map to numbers: mean, max, or grid:3, which keeps positions."),
    ] = "mean",
    no_controls: Annotated[
        bool, typer.Option("--no-controls", help="No random weights, shuffled labels and pixels beside it.")
    ] = False,
    units: Annotated[
        str | None, typer.Option(metavar="S", help="Also how few units of this site tell each target.")
    ] = None,
    test: Annotated[float, typer.Option(metavar="X", help="Share of the pictures to judge on.")] = 0.2,
    folds: Annotated[
        int, typer.Option(metavar="N", help="Of the cross-validation in the rest, for the regularisation.")
    ] = 5,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Of split, shuffling, intervals and random weights.")
    ] = 0,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Show every picture anew, and keep nothing for another time.")
    ] = False,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    batch_size: BatchSize = None,
    device: Device = "auto",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier probes in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure how well a linear classifier reads concepts from each site, beside controls.

    Controls are the same network with random weights, shuffled labels, the pixels alone, and chance. What a
    site gives is kept ($NEUROLUPA_CACHE says where), so that another target needs no picture.
    """
    from neurolupa.cli.network import open_network
    from neurolupa.cli.probed import report
    from neurolupa.cli.probing import Asked, make
    from neurolupa.cli.words import known_language
    from neurolupa.figures.probing_export import FOLDER, export_probes
    from neurolupa.images import load_images
    from neurolupa.probing import Settings

    lang, settings = known_language(lang), Settings(test=test, folds=folds, seed=seed)
    asked = Asked.of(
        target, group, sites, pooling, not no_controls, units, settings, not no_cache,
        at_least_one("--batch-size", batch_size),
    )  # fmt: skip
    FOLDER.ready(Path(out), overwrite)
    pictures = load_images(images)
    asked.check(pictures)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    made = make(network, pictures, asked, lang)
    files = export_probes(made.report, out, narrowed=made.narrowed, lang=lang, overwrite=overwrite)
    report(made, files, out, lang, json)
