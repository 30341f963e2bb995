"""The dashboard's server: `python -m neurolupa.app.start [ATLAS] --port 8501 --address 127.0.0.1`."""

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from neurolupa.app.visitors import ATLAS_VARIABLE, TRUST_VARIABLE, warning

SCRIPT = Path(__file__).with_name("main.py")


def streamlit_words(port: int, address: str) -> list[str]:
    """What Streamlit is called with; the rest stands in `.streamlit/config.toml` beside the script.

    Usage statistics are switched off here once more: a configuration of the working folder must not turn them
    on again.

    >>> streamlit_words(8501, "127.0.0.1")[2:4]
    ['--server.port=8501', '--server.address=127.0.0.1']
    """
    options = {"server.port": port, "server.address": address, "browser.gatherUsageStats": "false"}
    return ["run", str(SCRIPT), *(f"--{name}={value}" for name, value in options.items())]


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m neurolupa.app.start")
    parser.add_argument("atlas", nargs="?")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--trust-visitors", action="store_true")
    given = parser.parse_args(arguments)
    if given.atlas:
        os.environ[ATLAS_VARIABLE] = str(Path(given.atlas).resolve())
    os.environ[TRUST_VARIABLE] = "1" if given.trust_visitors else ""
    for line in warning(given.address, given.port, given.trust_visitors):
        print(line, file=sys.stderr, flush=True)
    threading.Thread(target=import_module, args=("neurolupa.app.pages",), daemon=True).start()
    from streamlit.web.cli import main as streamlit

    streamlit(streamlit_words(given.port, given.address), prog_name="streamlit")


if __name__ == "__main__":
    main()
