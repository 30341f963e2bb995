"""`neurolupa synthesize`: pictures that drive units, made by optimisation."""

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
    Std,
    Weights,
)

EXAMPLES = """  neurolupa synthesize embedded --site layer2.0.relu --units 0-15 --out gallery
  neurolupa synthesize resnet18 --site layer4.1.relu --units 3,83 --copies 3 --atlas atlas --out two
  neurolupa synthesize resnet18 --site layer3.1.relu --units 0-3 --method maco --lang es --out maco"""


def synthesize(
    model: Network,
    site: Annotated[str, typer.Option(metavar="S", help="The site whose units are driven.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the files go: a new folder.")],
    units: Annotated[
        str | None, typer.Option(metavar="LIST", help="Which units, as 0-15 or 3,5-9; all of them.")
    ] = None,
    method: Annotated[str, typer.Option(metavar="M", help="fourier, maco or pixel.")] = "fourier",
    steps: Annotated[int | None, typer.Option(metavar="N", help="Of the optimisation; the method's.")] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="N", help="Pixels that the network sees: N, or HEIGHT,WIDTH; 128 at most."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of all random numbers, of random weights too.")] = 0,
    copies: Annotated[
        int, typer.Option(metavar="N", help="Pictures of each unit: their likeness says how stable they are.")
    ] = 1,
    at: Annotated[
        str, typer.Option(metavar="P", help="What of the unit's map: mean, centre, or ROW,COLUMN.")
    ] = "mean",
    prior: Annotated[
        str, typer.Option(metavar="SPEC", help="Natural pictures whose colours and spectrum are taken.")
    ] = "samples",
    atlas: Annotated[
        str | None, typer.Option(metavar="ATLAS", help="Of the same network: compares with natural pictures.")
    ] = None,
    diversity: Annotated[
        float, typer.Option(metavar="X", help="How much the copies of a unit are driven apart.")
    ] = 0.0,
    batch: Annotated[
        int | None, typer.Option(metavar="N", help="Pictures at once; as many as fit into a gigabyte.")
    ] = None,
    precision: Annotated[
        str, typer.Option(metavar="P", help="model, or bf16: faster on processors that have bfloat16.")
    ] = "model",
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Make every picture anew, and keep none for another time.")
    ] = False,
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    device: Device = "auto",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier gallery in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Make pictures that drive units as high as can be, and say how good each is.

    Writes a grid, each picture with its JSON, a table, and with an atlas each unit beside natural pictures.
    Finished pictures are kept ($NEUROLUPA_CACHE says where), so that only what is missing is made.
    """
    from neurolupa.cli.network import open_network
    from neurolupa.cli.synthesizing import Asked, finish, make
    from neurolupa.cli.words import known_language
    from neurolupa.figures.synthesis_export import FOLDER

    asked = Asked(
        site, units, method, steps, size, seed, copies, at, prior, atlas, diversity, batch, precision,
        not no_cache,
    )  # fmt: skip
    choices, lang = asked.choices(), known_language(lang)
    FOLDER.ready(Path(out), overwrite)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    made = make(network, choices, cached=asked.cached)
    if code := finish(made, out, overwrite, lang, json):
        raise typer.Exit(code)
