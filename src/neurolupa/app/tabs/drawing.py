"""The pictures of the tabs, composed from a result's plain values: no network, no matplotlib figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from neurolupa.figures.inspection_parts import shared_scale
from neurolupa.figures.overlays import Scale, crossed, enlarged, outline, overlay, painted, scale_of

if TYPE_CHECKING:
    from neurolupa.app.request import Display
    from neurolupa.inspection import ColourPattern, ImageAnalysis, SeenPicture
    from neurolupa.inspection.kernels import Kernel
    from neurolupa.inspection.regions import Regions

SIDE = 336
SMALL = 224
"""Pixels of one of several pictures: four times as many would take longer to pack than to compute."""
TILE = 132
MOST_BOXES = 8
_FULL = 0.99
"""The share of a gradient's values that stay below full colour: a few outliers would turn the rest grey."""


def scales_of(analysis: "ImageAnalysis", units: Sequence[int], display: "Display") -> dict[int, Scale]:
    """The scale of each unit's map: the same for all, or each its own."""
    if display.shared_scale:
        return dict.fromkeys(units, shared_scale(analysis, units))
    return {unit: shared_scale(analysis, [unit]) for unit in units}


def over(
    analysis: "ImageAnalysis", unit: int, scale: Scale, display: "Display", side: int = SIDE
) -> Image.Image:
    """A unit's map over what the network saw; a silent one is crossed out."""
    seen = analysis.picture.seen
    mixed = overlay(seen, analysis.maps[unit], scale, display.palette, display.opacity, side)
    return _marked(analysis, unit, mixed)


def map_of(
    analysis: "ImageAnalysis", unit: int, scale: Scale, display: "Display", side: int = TILE
) -> Image.Image:
    """A unit's map cell by cell; a silent one is crossed out."""
    return _marked(analysis, unit, painted(analysis.maps[unit], scale, display.palette, side))


def original_with_crop(picture: "SeenPicture") -> Image.Image:
    """The original, the part that the network saw boxed; no box where it saw everything."""
    shown = picture.original.convert("RGB")
    if picture.share > 1 - 1e-6:
        return shown
    return outline(shown, [(1, picture.crop)], picture.size, badges=False)


def seen_of(analysis: "ImageAnalysis", side: int = SIDE) -> Image.Image:
    """What the network saw, its pixels left square."""
    return enlarged(analysis.picture.seen, side)


def boxed(analysis: "ImageAnalysis", regions: "Regions", side: int = SIDE) -> Image.Image:
    """What the network saw, with the first regions boxed and numbered."""
    boxes = [(region.number, region.box) for region in regions[:MOST_BOXES]]
    return outline(enlarged(analysis.picture.seen, side), boxes, analysis.picture.seen.size)


def kernel_picture(kernel: "Kernel", display: "Display", side: int = TILE) -> Image.Image | None:
    """A kernel in true colours, else the L2 norm at each position; None where there is nothing to see."""
    if kernel.planes is not None:
        return in_colours(kernel.planes, full_weight(kernel, display), side)
    if not kernel.weights.size or kernel.size == (1, 1):
        return None
    norms = norm_of(kernel)
    return painted(norms, scale_of(norms), display.palette, side)


def full_weight(kernel: "Kernel", display: "Display") -> float:
    """The weight that is drawn in full colour: the layer's largest, or the kernel's own."""
    own = float(np.abs(kernel.weights).max(initial=0.0))
    return (kernel.limit if display.shared_scale else own) or 1.0


def norm_of(kernel: "Kernel") -> np.ndarray:
    """The L2 norm over the input channels at each position, (height, width)."""
    return np.sqrt(np.square(kernel.weights, dtype=np.float64).sum(axis=0))


def in_colours(planes: np.ndarray, limit: float, side: int = TILE) -> Image.Image:
    """Signed planes (3, h, w) mixed: grey is 0, a colour reaches its full strength at `limit`.

    >>> in_colours(np.ones((3, 1, 1)), 1.0, 2).getpixel((0, 0)), in_colours(np.zeros((3, 1, 1)), 1.0).size
    ((255, 255, 255), (132, 132))
    """
    shares = np.clip(0.5 + 0.5 * np.nan_to_num(planes) / limit, 0, 1)
    pixels = Image.fromarray(np.round(255 * np.moveaxis(shares, 0, -1)).astype(np.uint8))
    return fitted(pixels, side)


def plane_of(planes: np.ndarray, channel: int, limit: float, side: int = TILE) -> Image.Image:
    """One of the three planes in its own colour, the others held at grey: the three add up to the mix.

    >>> plane_of(np.ones((3, 1, 1)), 0, 1.0).getpixel((0, 0))
    (255, 128, 128)
    """
    alone = np.zeros_like(planes)
    alone[channel] = planes[channel]
    return in_colours(alone, limit, side)


def full_colour(pattern: "ColourPattern") -> float:
    """The gradient that is drawn in full colour: 99 % of the values in the window stay below it."""
    magnitudes = np.abs(pattern.window)
    return float(np.quantile(magnitudes, _FULL) or magnitudes.max(initial=0.0)) or 1.0


def fitted(picture: Image.Image, side: int = TILE) -> Image.Image:
    """The picture with its long side at `side` pixels; enlarged pixels stay square.

    >>> fitted(Image.new("RGB", (4, 2)), 8).size
    (8, 4)
    """
    factor = side / max(picture.size)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    how = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    return picture.convert("RGB").resize(size, how)


def letterboxed(picture: Image.Image, side: int, paper: str = "white") -> Image.Image:
    """The picture in the middle of a square of paper, so that tiles of any shape take the same room.

    >>> letterboxed(Image.new("RGB", (4, 2)), 8, "red").getpixel((0, 0))
    (255, 0, 0)
    """
    inside = picture if max(picture.size) == side else fitted(picture, side)
    if inside.size == (side, side):
        return inside
    square = Image.new("RGB", (side, side), paper)
    square.paste(inside, ((side - inside.width) // 2, (side - inside.height) // 2))
    return square


def _marked(analysis: "ImageAnalysis", unit: int, picture: Image.Image) -> Image.Image:
    return crossed(picture) if bool(analysis.units["dead"].iloc[unit]) else picture
