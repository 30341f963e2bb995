"""`python -m gallery`: scans, chooses, synthesises, draws, and writes the two pages.

python -m gallery              all of it; atlases and pictures that are there are kept
python -m gallery --pages      the two pages alone, from units.json and observations.json
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from gallery.collection import WINGS, Wing
from gallery.drawing import sheet
from gallery.measuring import Shown, scanned, shown
from gallery.page import file_of, page
from gallery.words import HERE
from neurolupa.locales import LANGUAGES

ROOT = HERE.parent
UNITS = HERE / "units.json"
SHEETS = ROOT / "docs" / "images" / "gallery"
PAGES = {"en": ROOT / "docs" / "gallery.md", "es": ROOT / "docs" / "gallery.es.md"}
DPI, QUALITY = 110, 82


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m gallery", description=__doc__.split("\n")[0])
    parser.add_argument("--pages", action="store_true", help="only the two pages")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "gallery", help="where the atlases go")
    options = parser.parse_args(arguments)
    if not options.pages:
        rows = [row for wing in WINGS for found in measured(wing, options.out) for row in draw(wing, found)]
        UNITS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_pages()


def measured(wing: Wing, out: Path) -> Iterator[Shown]:
    """The units of a network's layers with their pictures; its atlases go below a folder."""
    model = wing.load()
    return shown(wing, model, scanned(wing, model, out / wing.name))


def draw(wing: Wing, found: Shown) -> list[dict[str, Any]]:
    """Writes the sheets of a layer; gives what is known of its units."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    for lang in LANGUAGES:
        save(sheet(found, lang), SHEETS / f"{file_of(wing.name, found.site)}.{lang}.jpg")
    return found.rows


def save(figure: Figure, path: Path) -> None:
    """A figure as JPEG: its photographs would make a PNG ten times as large."""
    figure.savefig(path, dpi=DPI, pil_kwargs={"quality": QUALITY, "optimize": True})


def write_pages() -> None:
    """Both pages, from what was measured and seen."""
    rows = json.loads(UNITS.read_text(encoding="utf-8"))
    for lang, path in PAGES.items():
        path.write_text(page(rows, lang), encoding="utf-8")


if __name__ == "__main__":
    main()
