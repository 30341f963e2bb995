"""`neurolupa models`: the networks that can be loaded by name."""

from typing import Annotated

import typer

from neurolupa.cli.options import Debug, Json

EXAMPLES = "  neurolupa models --filter resnet"


def models(
    filter_: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help="Only names that contain this.")
    ] = "",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the networks that can be loaded by name."""
    from neurolupa.cli.naming import list_networks
    from neurolupa.cli.printing import print_json
    from neurolupa.models import NETWORKS

    names = [name for name in NETWORKS.names() if filter_.lower() in name.lower()]
    if json:
        print_json(names)
    else:
        list_networks(names, filter_)
