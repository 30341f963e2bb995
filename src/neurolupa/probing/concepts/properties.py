"""What can be computed from any picture, without labels.

Luminance is that of `View.grey`, edges and texture those of `units.appearance.feature_maps`. Pictures are
seen as `view_of` gives them, so that edges and texture are of the picture's coarse detail.
"""

import numpy as np
from scipy.ndimage import sobel
from skimage.color.colorconv import rgb2luv

from neurolupa.images.stimuli import FACTORS
from neurolupa.probing.concepts.measuring import Property
from neurolupa.probing.concepts.registry import CONCEPTS
from neurolupa.probing.concepts.views import View

*_COLOURS, GREY = (str(hue) for hue in FACTORS["hue"])
HUE_ENDS = (25.0, 65.0, 105.0, 163.0, 208.0, 270.0, 293.0, 345.0)
"""Where red, orange, ..., magenta end, in degrees of the CIELUV hue; red begins where magenta ends."""
COLOURED = 10.0
"""The CIELUV chroma from which on a pixel has a colour."""
LEAST_COLOURED = 0.02
"""The share of pixels that have a colour, below which a picture is grey."""

ORIENTATIONS = ("horizontal", "diagonal_up", "vertical", "diagonal_down")
LEAST_COHERENCE = 0.1
"""Below this a picture has no orientation."""

EDGE = 0.1
"""The Sobel magnitude above which a pixel is at an edge; a step in luminance from 0 to 1 gives 0.71."""


def dominant_hue(view: View) -> str:
    r"""The colour word with the most chroma; grey where less than 2 % of the pixels have a chroma of 10.

    Of the CIELUV hue $\mathrm{atan2}(v^*, u^*)$ and chroma $C^* = \sqrt{u^{*2} + v^{*2}}$ under D65 (CIE
    15:2004), the hue circle is cut into eight words (`HUE_ENDS`) such that the sRGB primaries and their
    mixtures in equal parts have their own names, as have CSS orange and blueviolet. A word gets the summed
    chroma of its pixels, and ties go to the first. The violet ink of the stimuli, at 258 degrees, is blue.

    >>> [dominant_hue(View(np.full((4, 4, 3), colour, np.uint8))) for colour in ((0, 0, 255), (90, 90, 93))]
    ['blue', 'grey']
    """
    _, u, v = np.moveaxis(rgb2luv(view.pixels), -1, 0)
    chroma = np.hypot(u, v)
    coloured = chroma >= COLOURED
    if coloured.mean() < LEAST_COLOURED:
        return GREY
    degrees = np.degrees(np.arctan2(v, u))[coloured] % 360
    words = np.searchsorted(HUE_ENDS, degrees, side="right") % len(_COLOURS)
    return _COLOURS[int(np.bincount(words, chroma[coloured], len(_COLOURS)).argmax())]


def brightness(view: View) -> float:
    """The mean luminance, 0 to 1.

    >>> round(brightness(View(np.full((2, 2, 3), (0, 255, 0), np.uint8))), 4)
    0.7154
    """
    return float(view.grey.mean())


def contrast(view: View) -> float:
    """The standard deviation of the luminance, 0.5 at most: RMS contrast.

    E. Peli, *Contrast in complex images*, J. Opt. Soc. Am. A 7 (1990).

    >>> round(contrast(View(np.array([[[0] * 3, [255] * 3]], np.uint8))), 9)
    0.5
    """
    return float(view.grey.std())


def edge_density(view: View) -> float:
    """The share of pixels whose Sobel magnitude is above 0.1.

    >>> edge_density(View(np.repeat([[[0] * 3], [[0] * 3], [[255] * 3], [[255] * 3]], 4, 1).astype(np.uint8)))
    0.5
    """
    return float((view.maps["edges"] > EDGE).mean())


def texture_energy(view: View) -> float:
    """The mean variance of the luminance inside 3 x 3 pixels: the energy of its fine detail. 0.25 at most.

    After M. Tuceryan and A. K. Jain, *Texture Analysis* (1998): the energy of a filtered picture, averaged.

    >>> texture_energy(View(np.full((5, 5, 3), 200, np.uint8)))
    0.0
    """
    return float((view.maps["texture"] ** 2).mean())


def dominant_orientation(view: View) -> str | None:
    r"""How most bars and edges run, to the nearest 45 degrees; None where no orientation is dominant.

    Of the structure tensor $J$ of the luminance (Sobel's gradients, summed over the picture) the bars' angle
    is $\frac12 \mathrm{atan2}(2 J_{rc}, J_{rr} - J_{cc})$, 0 horizontal, counter-clockwise, and the coherence
    $\sqrt{(J_{rr} - J_{cc})^2 + 4 J_{rc}^2} / (J_{rr} + J_{cc})$, 0 to 1 (B. Jähne, *Digital Image
    Processing*); below 0.1 there is none.

    >>> bars = np.indices((16, 16))[1] // 4 % 2 * 255
    >>> dominant_orientation(View(np.repeat(bars[..., None], 3, 2).astype(np.uint8)))
    'vertical'
    """
    down, right = (sobel(view.grey, axis) for axis in (0, 1))
    rows, mixed, columns = (float((a * b).sum()) for a, b in ((down, down), (down, right), (right, right)))
    size = np.hypot(rows - columns, 2 * mixed)
    if size <= max(LEAST_COHERENCE * (rows + columns), np.finfo(np.float32).eps):
        return None
    degrees = np.degrees(np.arctan2(2 * mixed, rows - columns)) / 2
    return ORIENTATIONS[round(degrees / 45) % len(ORIENTATIONS)]


for _name, _property in {
    "dominant_hue": Property(dominant_hue, (*_COLOURS, GREY)),
    "brightness": Property(brightness),
    "contrast": Property(contrast),
    "edge_density": Property(edge_density),
    "texture_energy": Property(texture_energy),
    "dominant_orientation": Property(dominant_orientation, ORIENTATIONS),
}.items():
    CONCEPTS.register(_name)(_property)
