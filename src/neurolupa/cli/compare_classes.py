"""`neurolupa compare-classes`: which units tell some classes apart, and which pictures look like another."""

from pathlib import Path
from typing import Annotated

import typer

from neurolupa.cli.options import (
    AtlasFolder,
    BatchSize,
    Debug,
    Device,
    Json,
    Lang,
    Weights,
    at_least_one,
)

EXAMPLES = """  neurolupa compare-classes atlas cat dog --site layer4.1.relu --out cat-dog
  neurolupa compare-classes atlas cat dog ship --site layer3.1.relu --maps --out three --lang es
  neurolupa compare-classes atlas cat dog --site conv1 --maps --model resnet18 --images folder:photos"""


def compare_classes(
    atlas: AtlasFolder,
    classes: Annotated[
        list[str], typer.Argument(metavar="CLASS...", help="Two or more classes of the atlas's images.")
    ],
    site: Annotated[str, typer.Option(metavar="S", help="The site whose units are compared.")],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where tables and figures go: a new folder.")
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", help="Units that are shown.")] = 16,
    maps: Annotated[
        bool, typer.Option("--maps", help="Show the pictures of these classes once more, for mean maps.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="For --maps, the network that was scanned: code is run only if named."
        ),
    ] = None,
    images: Annotated[
        str | None, typer.Option(metavar="IMAGES", help="The images that were scanned, if they have moved.")
    ] = None,
    correction: Annotated[
        str, typer.Option(metavar="C", help="Of p for the number of tests: bh, by or holm.")
    ] = "bh",
    shuffles: Annotated[int, typer.Option(metavar="N", help="Of the labels of each two classes.")] = 499,
    seed: Annotated[int, typer.Option(metavar="N", help="Of shuffles and folds.")] = 0,
    weights: Weights = "default",
    device: Device = "auto",
    batch_size: BatchSize = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier comparison in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Compare two or more classes: units that differ, and pictures that look like another class.

    Reads the atlas alone, except for --maps, which runs the network on the pictures of these classes. With
    --images the pictures that look like another class are all drawn; the atlas keeps some of them.
    """
    from neurolupa.atlas import open_atlas
    from neurolupa.cli.classes_compared import report, second_pass
    from neurolupa.cli.progress import progress
    from neurolupa.cli.words import known_language
    from neurolupa.comparison.classes import compare_classes as measure
    from neurolupa.figures.classes_compared_export import FOLDER, export_class_comparison

    lang, rows = known_language(lang), at_least_one("--top", top) or 1
    size, opened = at_least_one("--batch-size", batch_size), open_atlas(atlas)
    if out is not None:
        FOLDER.ready(Path(out), overwrite)
    again = second_pass(opened, maps, model, images, weights=weights, device=device)
    with progress(doing="showing pictures", ending="measuring") as on_block:
        found = measure(
            opened, site, classes, maps=maps, model=again.network, images=again.images, correction=correction,
            shuffles=shuffles, seed=seed, batch_size=size, on_block=on_block,
        )  # fmt: skip
    files = () if out is None else export_class_comparison(
        found, out, pictures=again.images or opened, units=rows, lang=lang, overwrite=overwrite
    )  # fmt: skip
    report(found, files, rows, lang, json)
