"""`neurolupa plan`: what a scan would take."""

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
    Json,
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

EXAMPLES = """  neurolupa plan resnet18 folder:photos --weights random
  neurolupa plan alexnet folder:photos --sites kind:conv --json
  neurolupa plan resnet18 folder:photos --on ray --cluster 64 --total 14000000"""


def plan(
    model: Network,
    images: Images,
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
    on: Annotated[
        str | None, typer.Option(metavar="ray", help="What it would take on Ray, from the rate of one core.")
    ] = None,
    cluster: Annotated[
        int | None, typer.Option(metavar="M", help="Workers on Ray; as many as this machine has cores.")
    ] = None,
    total: Annotated[int | None, typer.Option(metavar="N", help="Plan for N images like these.")] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure on a sample what a scan would take.

    Time, peak memory and disk, on Ray transfer too. A few blocks are really scanned, into a temporary
    folder.
    """
    from neurolupa.cli.network import open_network
    from neurolupa.cli.printing import print_json
    from neurolupa.images import load_images
    from neurolupa.scanning import plan as measure

    batch_size, workers = at_least_one("--batch-size", batch_size), at_least_one("--workers", workers)
    pictures = load_images(images, limit=limit)
    network = open_network(
        model, weights=weights, classes=classes, input_size=input_size, mean=mean, std=std,
        device=device, allow_partial=allow_partial, seed=seed,
    )  # fmt: skip
    found = measure(
        network, pictures, sites, batch_size=batch_size, workers=workers, dtype=dtype, on=on,
        cluster=at_least_one("--cluster", cluster), total=at_least_one("--total", total),
    )  # fmt: skip
    if json:
        print_json(found.to_dict())
    else:
        print(found)
