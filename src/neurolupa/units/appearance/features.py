"""What there is to see at each pixel of a picture: edges, texture, gradient, and the three colours."""

import numpy as np
from scipy.ndimage import uniform_filter
from skimage.color import rgb2gray
from skimage.filters import sobel

from neurolupa.units.appearance.codes import Floats

COLOURS = ("red", "green", "blue")
SHAPES = ("edges", "texture", "gradient")
FEATURES = (*SHAPES, *COLOURS)

_WINDOW = 3


def feature_maps(picture: Floats) -> Floats:
    r"""The maps (6, H, W) of `FEATURES` of an RGB picture (H, W, 3) with values from 0 to 1.

    Edges, texture and gradient are of its luminance $Y$ (0.2125 R + 0.7154 G + 0.0721 B), mirrored at the
    border:

    - edges: $\sqrt{(S_x^2 + S_y^2) / 2}$, with Sobel's filters scaled so that a step from 0 to 1 gives 1;
    - texture: the standard deviation $\sqrt{\overline{Y^2} - \overline{Y}^2}$ inside 3 x 3 pixels;
    - gradient: $\sqrt{(\partial_x Y)^2 + (\partial_y Y)^2}$ by central differences, one-sided at the border.

    >>> step = np.repeat(np.array([0.0, 0, 1, 1])[None, :, None], 4, 0).repeat(3, 2)
    >>> feature_maps(step)[:, 1].round(3).tolist()[:3]
    [[0.0, 0.707, 0.707, 0.0], [0.0, 0.471, 0.471, 0.0], [0.0, 0.5, 0.5, 0.0]]
    """
    grey = rgb2gray(picture)
    shapes = [sobel(grey), np.sqrt(local_variance(grey)), _gradient(grey)]
    return np.concatenate([np.stack(shapes), np.moveaxis(picture, -1, 0)])


def local_variance(grey: Floats) -> Floats:
    """The population's variance (H, W) inside 3 x 3 pixels around each.

    >>> local_variance(np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])).round(4)[1].tolist()
    [0.0988, 0.0988, 0.0988]
    """
    centred = grey - grey.mean()
    mean = uniform_filter(centred, _WINDOW)
    found = uniform_filter(centred * centred, _WINDOW) - mean * mean
    return np.where(found > np.finfo(np.float32).eps ** 2, found, 0.0)


def _gradient(grey: Floats) -> Floats:
    parts = [np.gradient(grey, axis=axis) if grey.shape[axis] > 1 else np.zeros_like(grey) for axis in (0, 1)]
    return np.hypot(parts[0], parts[1])
