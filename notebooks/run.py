"""Runs notebooks from the first cell to the last and stops at the first fault.

`python notebooks/run.py` runs every notebook of this folder, `python notebooks/run.py --out DIR NOTEBOOK ...`
the given ones; what they show is written to DIR.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).parent
SECONDS_A_CELL = 600


def run_notebook(notebook: Path, out: Path) -> Path:
    """Runs one notebook in its own folder and writes it, with what it shows, to `out`.

    Raises:
        CellExecutionError: a cell failed.
    """
    content = nbformat.read(notebook, as_version=4)
    place = {"metadata": {"path": str(notebook.parent)}}
    NotebookClient(content, timeout=SECONDS_A_CELL, kernel_name="python3", resources=place).execute()
    out.mkdir(parents=True, exist_ok=True)
    written = out / notebook.name
    nbformat.write(content, written)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or 1 after the first notebook that fails."""
    parser = argparse.ArgumentParser(description="Run notebooks from the first cell to the last.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of this folder when none is named")
    parser.add_argument("--out", type=Path, default=FOLDER.parent / "out" / "notebooks")
    asked = parser.parse_args(arguments)
    for notebook in asked.notebooks or sorted(FOLDER.glob("*.ipynb")):
        begun = time.monotonic()
        try:
            written = run_notebook(notebook, asked.out)
        except CellExecutionError as error:
            print(f"{notebook.name} failed:\n{error}", file=sys.stderr)
            return 1
        print(f"{notebook.name}: {time.monotonic() - begun:.0f} s, written to {written}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
