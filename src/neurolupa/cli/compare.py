"""`neurolupa compare`: two checkpoints, two networks, or two image sets, by their atlases."""

from pathlib import Path
from typing import Annotated

import typer

from neurolupa.cli.options import Debug, Json, Lang, at_least_one

EXAMPLES = """  neurolupa compare atlas-epoch-10 atlas-epoch-90 --out change
  neurolupa compare resnet20 resnet32 --sites layer1.0/relu,layer3.2/relu --out two-networks
  neurolupa compare photos drawings --json"""


def compare(
    first: Annotated[str, typer.Argument(metavar="ATLAS_A", help="The folder of an atlas.")],
    second: Annotated[str, typer.Argument(metavar="ATLAS_B", help="The folder of another.")],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where tables and figures go: a new folder.")
    ] = None,
    sites: Annotated[
        str | None, typer.Option(metavar="LIST", help="Names of sites of either, with commas between.")
    ] = None,
    of: Annotated[str, typer.Option(metavar="M", help="What stands for a map: mean or max.")] = "mean",
    images: Annotated[int, typer.Option(metavar="N", help="At most so many of the common pictures.")] = 1024,
    shuffles: Annotated[int, typer.Option(metavar="N", help="Of the pictures, for matched units.")] = 99,
    seed: Annotated[int, typer.Option(metavar="N", help="Of drawing and shuffling.")] = 0,
    top: Annotated[int, typer.Option(metavar="N", help="Units that changed most.")] = 8,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier comparison in the folder.")
    ] = False,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what two atlases have in common and what they differ in.

    Layers, dead and dormant units side by side, units matched by what they do on the same pictures, and how
    alike all layers are.
    """
    from neurolupa.atlas import open_atlas
    from neurolupa.cli.atlases_compared import named, report
    from neurolupa.cli.progress import progress
    from neurolupa.cli.words import known_language
    from neurolupa.comparison.atlases import compare as measure
    from neurolupa.figures.atlases_compared_export import FOLDER, export_comparison

    known_language(lang)
    rows = at_least_one("--top", top) or 1
    if out is not None:
        FOLDER.ready(Path(out), overwrite)
    asked = None if sites is None else named([sites])
    with progress(None, "matching units", "telling them", "sites") as on_block:
        found = measure(
            open_atlas(first), open_atlas(second), asked, of=of, images=images, shuffles=shuffles, seed=seed,
            on_block=on_block,
        )  # fmt: skip
    files = () if out is None else export_comparison(found, out, lang=lang, overwrite=overwrite)
    report(found, files, rows, lang, json)
