"""`neurolupa layers`: the sites of a network."""

from typing import Annotated

import typer

from neurolupa.cli.options import Debug, InputSize, Json, Network, Weights

EXAMPLES = """  neurolupa layers resnet18
  neurolupa layers resnet18 --kind conv --input-size 32"""


def layers(
    model: Network,
    kind: Annotated[
        str, typer.Option(metavar="K", help="Only sites of a kind, such as relu, conv, norm, block.")
    ] = "all",
    weights: Weights = "random",
    input_size: InputSize = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the sites of a network.

    A site is one call of a layer or of a functional operation. Weights are random unless they are asked for:
    they do not change the sites.
    """
    from neurolupa.capture import trace
    from neurolupa.cli.network import open_network
    from neurolupa.cli.sites import print_sites

    network = open_network(model, weights=weights, input_size=input_size)
    table = trace(network)
    print_sites(network, table, table.select(f"kind:{kind}"), json)
