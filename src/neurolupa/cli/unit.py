"""`neurolupa unit`: one unit of an atlas, as a page that can be sent."""

from typing import Annotated

import typer

from neurolupa.cli.options import AtlasFolder, Debug, Device, Json, Lang, Seed, Weights

EXAMPLES = """  neurolupa unit atlas layer4.1.relu 83 --out unit83
  neurolupa unit atlas layer4.1.relu 83 --contours resnet18 --lang es --out unidad83"""


def unit(
    atlas: AtlasFolder,
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site of the atlas.")],
    number: Annotated[int, typer.Argument(metavar="UNIT", help="The number of the unit.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the page, its picture and its tables go.")],
    contours: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Run this network, as scanned, to draw where the unit answers."),
    ] = None,
    weights: Weights = "default",
    device: Device = "auto",
    seed: Seed = 0,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the page of one unit: what drives it, where, for which classes, and which units are like it.

    Reads the atlas alone. The folder gets page.html (one file that can be sent), page.png and the tables.
    """
    from neurolupa.atlas import open_atlas
    from neurolupa.cli.network import open_network
    from neurolupa.cli.unit_page import say, write
    from neurolupa.cli.words import known_language
    from neurolupa.units.exemplars import exemplar_maps
    from neurolupa.units.page import unit_page

    lang, opened = known_language(lang), open_atlas(atlas)
    page, maps = unit_page(opened, site, number, seed=seed), None
    if contours is not None:
        network = open_network(contours, weights=weights, device=device, seed=seed)
        maps = exemplar_maps(opened, network, page.exemplars)
    files = write(opened, page, maps, out, lang)
    say(page, files, out, lang, json)
