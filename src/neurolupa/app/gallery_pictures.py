"""The pictures of the gallery: tiles of one size, and what can be taken along."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile

from PIL import Image

from neurolupa.app.gallery_work import BESIDE, Natural
from neurolupa.app.tabs.drawing import letterboxed
from neurolupa.atlas import Atlas
from neurolupa.errors import DataError
from neurolupa.synthesis import Synthesis

TILE = 148
"""Pixels of a tile's width: six fit beside each other on a desk, two on a telephone."""
_SHARP = 2
_GAP = 4
SMALL = (TILE - (BESIDE - 1) * _GAP) // BESIDE
_CLEAR = 3  # times enlarged from which pixels are drawn as squares


def tile(synthetic: Image.Image, patches: Sequence[Image.Image] | None, paper: str) -> Image.Image:
    """A synthetic picture, and under it small natural ones; None where there is no atlas.

    >>> tile(Image.new("RGB", (32, 32)), [Image.new("RGB", (7, 9))], "white").size
    (296, 396)
    """
    side = TILE * _SHARP
    above = square(synthetic, side, paper)
    if patches is None:
        return above
    small, gap = SMALL * _SHARP, _GAP * _SHARP
    sheet = Image.new("RGB", (side, side + gap + small), paper)
    sheet.paste(above, (0, 0))
    for place, patch in enumerate(patches[:BESIDE]):
        sheet.paste(square(patch, small, paper), (place * (small + gap), side + gap))
    return sheet


def square(picture: Image.Image, side: int, paper: str) -> Image.Image:
    """The picture in a square, in its own proportions: pixel by pixel, or smoothly where they are many."""
    factor = side / max(picture.size)
    way = Image.Resampling.NEAREST if factor >= _CLEAR else Image.Resampling.LANCZOS
    width, height = (max(1, round(each * factor)) for each in picture.size)
    return letterboxed(picture.convert("RGB").resize((width, height), way), side, paper)


def patches_of(natural: Natural | None, unit: int) -> list[Image.Image] | None:
    """What the unit saw in its best natural pictures; none where it has none, None without an atlas."""
    if natural is None:
        return None
    if unit not in natural.top:
        return []
    try:
        return [natural.opened.atlas.patch(row) for _, row in natural.top[unit].iterrows()]
    except DataError:
        return []


def grid_png(made: Synthesis, lang: str) -> bytes:
    """All pictures with their captions as one PNG."""
    from neurolupa.figures.synthesis import synthesis_grid
    from neurolupa.reporting import png_of

    return png_of(synthesis_grid(made, lang=lang))


def zipped(made: Synthesis, atlas: Atlas | None, lang: str) -> bytes:
    """What `neurolupa synthesize --out` writes, as one ZIP."""
    from neurolupa.figures.synthesis_export import export_synthesis

    written = BytesIO()
    with TemporaryDirectory() as place, ZipFile(written, "w", ZIP_STORED) as held:
        files = export_synthesis(made, Path(place) / "pictures", atlas=atlas, lang=lang)
        for path in sorted(files):
            held.write(path, path.name)
    return written.getvalue()
