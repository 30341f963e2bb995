"""A picture as properties see it: small, so that none takes long."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2gray

from neurolupa.units.appearance import FEATURES, feature_maps

Floats = NDArray[np.float64]

SIDE = 128
"""A picture with more pixels than a square of this side is reduced to as many."""


@dataclass(frozen=True, eq=False)
class View:
    """The pixels of a picture, uint8 (H, W, 3), and what several properties are computed from."""

    pixels: NDArray[np.uint8] = field(repr=False)

    @cached_property
    def grey(self) -> Floats:
        """(H, W) luminance Y = 0.2125 R + 0.7154 G + 0.0721 B of the code values, 0 to 1."""
        return rgb2gray(self.pixels)

    @cached_property
    def maps(self) -> dict[str, Floats]:
        """(H, W) each of `units.appearance.FEATURES` by name."""
        return dict(zip(FEATURES, feature_maps(self.pixels / 255), strict=True))


def view_of(picture: Image.Image) -> View:
    """An RGB picture, reduced to about 128 x 128 pixels in its own proportions where it has more.

    Each pixel is then the mean of those that it covers (box filter), so the mean of the picture stays.

    >>> view_of(Image.new("RGB", (512, 128))).pixels.shape, view_of(Image.new("RGB", (9, 4))).pixels.shape
    ((64, 256, 3), (4, 9, 3))
    """
    scale = SIDE / math.sqrt(picture.width * picture.height)
    if scale < 1:
        size = max(1, round(scale * picture.width)), max(1, round(scale * picture.height))
        picture = picture.resize(size, Image.Resampling.BOX)
    return View(np.asarray(picture))
