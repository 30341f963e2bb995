"""`neurolupa demo`: the whole main job on what ships with the package."""

from typing import Annotated

import typer

from neurolupa.cli.options import Debug, Lang

EXAMPLES = """  neurolupa demo
  neurolupa demo --out somewhere --lang es"""


def demo(
    out: Annotated[
        str, typer.Option(metavar="DIR", help="The folder of the two atlases and the figures.")
    ] = "demo",
    count: Annotated[
        int, typer.Option("--stimuli", metavar="N", help="How many stimuli are scanned.")
    ] = 2000,
    lang: Lang = "en",
    debug: Debug = False,
) -> None:
    """Do the main job on what ships: the embedded network on stimuli and photographs.

    No download, one to two minutes. What an earlier demo left in the folder is replaced.
    """
    from neurolupa.cli.demonstration import demonstrate
    from neurolupa.cli.options import at_least_one
    from neurolupa.cli.words import known_language

    at_least_one("--stimuli", count)
    demonstrate(out, count, known_language(lang))
