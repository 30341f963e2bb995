"""`neurolupa app`: the dashboard in the browser."""

from typing import Annotated

import typer

from neurolupa.cli.options import Debug

EXAMPLES = """  neurolupa app
  neurolupa app atlas --port 8600"""


def dashboard(
    atlas: Annotated[
        str | None, typer.Argument(metavar="ATLAS", help="The atlas that the page of the data set shows.")
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Where the browser finds it.")
    ] = 8501,
    address: Annotated[
        str, typer.Option(metavar="A", help="Who can reach it: 127.0.0.1 is this machine alone.")
    ] = "127.0.0.1",
    trust_visitors: Annotated[
        bool,
        typer.Option("--trust-visitors", help="With --address: others may open files and run code, as you."),
    ] = False,
    debug: Debug = False,
) -> None:
    """Look at a picture in the dashboard.

    It runs until Ctrl-C, on this machine alone unless --address says otherwise. It has no sign-in: whoever
    reaches another address can use it, and opens ATLAS but no other folder, no weights file and no code.
    """
    import os
    import sys
    from importlib.util import find_spec

    from neurolupa.atlas import open_atlas
    from neurolupa.errors import DataError

    if find_spec("streamlit") is None:
        raise DataError("the dashboard needs Streamlit: pip install 'neurolupa[app]'")
    atlases = [] if atlas is None else [str(open_atlas(atlas).folder)]
    words = [sys.executable, "-m", "neurolupa.app.start", *atlases, f"--port={port}", f"--address={address}"]
    words += ["--trust-visitors"] * trust_visitors
    # In place of this process, so that what ends it ends the server; the command line imports nothing of it.
    os.execv(sys.executable, words)
