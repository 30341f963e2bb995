"""`neurolupa scan`: from a network and images to an atlas."""

from typing import Annotated

import typer

from neurolupa.cli.options import (
    AllowPartial,
    BatchSize,
    Classes,
    Debug,
    Device,
    Dtype,
    Images,
    InputSize,
    Lang,
    Limit,
    Mean,
    Network,
    Seed,
    Sites,
    Std,
    Weights,
    Workers,
    at_least_one,
)  # fmt: skip

EXAMPLES = """  neurolupa scan resnet18 folder:photos --out atlas
  neurolupa scan net.py:build npz:pictures.npz --weights net.pth --sites kind:relu,fc --out atlas
  neurolupa scan resnet18 folder:photos --out atlas --resume"""


def scan(
    model: Network,
    images: Images,
    out: Annotated[str, typer.Option(metavar="ATLAS", help="The folder of the atlas.")],
    sites: Sites = ["kind:relu"],  # noqa: B006 (typer copies it)
    weights: Weights = "default",
    allow_partial: AllowPartial = False,
    classes: Classes = None,
    input_size: InputSize = None,
    mean: Mean = None,
    std: Std = None,
    limit: Limit = None,
    batch_size: BatchSize = None,
    workers: Workers = None,
    device: Device = "auto",
    dtype: Dtype = "float32",
    seed: Seed = 0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at an image that cannot be read instead of skipping it.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the atlas or interrupted scan in the folder.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted scan.")] = False,
    keep_activations: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep every activation in a file: large.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="ray", help="Scan on the Ray cluster that RAY_ADDRESS names, or a local one."),
    ] = None,
    lang: Lang = "en",
    debug: Debug = False,
) -> None:
    """Write the atlas of a network on images.

    One pass over the images; what every unit did is then in the atlas. Ctrl-C stops it, --resume goes on.
    """
    from neurolupa.cli.network import open_network
    from neurolupa.cli.progress import progress
    from neurolupa.cli.reporting import announce, report
    from neurolupa.cli.words import known_language
    from neurolupa.images import load_images
    from neurolupa.scanning import scan as run

    lang = known_language(lang)
    batch_size, workers = at_least_one("--batch-size", batch_size), at_least_one("--workers", workers)
    pictures = load_images(images, limit=limit)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    announce(network, pictures, sites, keep_activations)
    with progress(len(pictures)) as on_block:
        atlas = run(
            network, pictures, sites, out, batch_size=batch_size, workers=workers, dtype=dtype, strict=strict,
            overwrite=overwrite, resume=resume, keep_activations=keep_activations, on_block=on_block, on=on,
        )  # fmt: skip
    report(atlas, lang)
