"""What a cell showed, made small and the same on every machine: no times, no places of this machine."""

import base64
import io
import re
import tempfile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
LARGEST_NOTEBOOK = 1_000_000
WIDEST_PICTURE = 900
COLOURS = 256
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")


class OutputError(Exception):
    """An output that must not be stored, in one line."""


def tidied(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs without counts, and with their pictures shrunk; text beside an HTML table goes.

    Raises:
        OutputError: something was written to stderr, or a text names a folder or an address of this machine.
    """
    kept = [_tidied(one) for one in outputs]
    for one in kept:
        _refuse_stderr(one)
        _refuse_places(str(_texts(one)))
    return kept


def shrunk(png: bytes, widest: int = WIDEST_PICTURE) -> bytes:
    """A PNG in at most 256 colours and at most so many pixels wide.

    >>> wide = io.BytesIO()
    >>> Image.new("RGB", (3000, 30), "teal").save(wide, "PNG")
    >>> Image.open(io.BytesIO(shrunk(wide.getvalue()))).size
    (900, 9)
    """
    picture = _on_white(Image.open(io.BytesIO(png)))
    if picture.width > widest:
        height = max(1, round(picture.height * widest / picture.width))
        picture = picture.resize((widest, height), Image.Resampling.LANCZOS)
    small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    page = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(page, picture.convert("RGBA")).convert("RGB")


def _tidied(output: NotebookNode) -> NotebookNode:
    one = NotebookNode(output)
    if "execution_count" in one:
        one.execution_count = None
    data = dict(one.get("data", {}))
    if "image/png" in data:
        data["image/png"] = base64.b64encode(shrunk(base64.b64decode(data["image/png"]))).decode()
    if "text/html" in data or "image/png" in data:
        data.pop("text/plain", None)
    if data:
        one.data = NotebookNode(data)
        one.metadata = NotebookNode()
    return one


def _texts(output: NotebookNode) -> list[tuple[str, Any]]:
    parts = {**output.get("data", {}), "text": output.get("text", "")}
    return [(kind, part) for kind, part in parts.items() if not kind.startswith("image/")]


def _refuse_stderr(output: NotebookNode) -> None:
    if output.get("name") == "stderr":
        raise OutputError(f"it wrote to stderr: {output.text.strip().splitlines()[-1]}")


def _refuse_places(text: str) -> None:
    for place in (str(ROOT), f"{Path.home()}/", f"{tempfile.gettempdir()}/"):
        if place in text:
            raise OutputError(f"it shows a folder of this machine ({place})")
    if found := _ADDRESS.search(text):
        raise OutputError(f"it shows an address in memory ({found.group().strip()})")
