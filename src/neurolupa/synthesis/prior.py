"""What natural pictures are like on average: colours and spectrum, measured on the pictures at hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from neurolupa.errors import DataError
from neurolupa.images import ImageSet, load_images

_SIDE = 256  # pixels of the short side of every picture that is measured
_TILE = 128
_STEP = 64
_LARGEST = 200  # pictures; more move the averages little
_FLAT = 1 / 255  # standard deviation of the pixels, all pictures taken together
_NONE = 1e-12  # in place of 0, where a picture has no frequency but 0
_FLOOR = 1e-4  # variance that a colour has at least, in units of 0..1 squared


@dataclass(frozen=True, eq=False)
class Prior:
    """Averages over natural pictures whose values are 0..1.

    Attributes:
        name: Of the pictures.
        images: How many were measured.
        mean: The mean of each channel, (C,).
        colours: (C, C): from channels that are uncorrelated and of variance 1 to the pictures' channels.
        spectrum: (C, 128, 65): the mean size of each spatial frequency (`rfft2`) of the uncorrelated
            channels, for a noise-like picture of variance 1 the square root of the number of pixels.
    """

    name: str
    images: int
    mean: np.ndarray
    colours: np.ndarray
    spectrum: np.ndarray

    @property
    def channels(self) -> int:
        """Channels of the pictures."""
        return len(self.mean)

    def magnitudes(self, height: int, width: int) -> Tensor:
        """The spectrum for pictures of another size, (C, height, width // 2 + 1), nothing at frequency 0.

        The spectrum is interpolated at the same frequencies in cycles a pixel, and then scaled so that every
        uncorrelated channel has variance 1 (Parseval), as those of the measured pictures had. Without that,
        small pictures would be pale: they have no room for the long waves, which vary most.
        """
        rows = np.abs(np.fft.fftfreq(height))[:, None] * np.ones(width // 2 + 1)
        columns = np.fft.rfftfreq(width)[None] * np.ones((height, 1))
        grown = np.stack([_interpolated(plane, rows, columns) for plane in self.spectrum])
        grown[:, 0, 0] = 0
        spreads = np.sqrt(_variances(grown, width))[:, None, None]
        return torch.from_numpy(grown * height * width / np.maximum(spreads, _NONE)).to(torch.float32)


def _variances(spectrum: np.ndarray, width: int) -> np.ndarray:
    """Sums of squares over all frequencies (C,), of which `rfft2` gives most columns once for two."""
    twice = np.full(spectrum.shape[-1], 2.0)
    twice[0] = 1
    if width % 2 == 0:
        twice[-1] = 1
    return (spectrum**2 * twice).sum((1, 2))


def _interpolated(plane: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    half = plane[: _TILE // 2 + 1]
    places = np.stack([rows * _TILE, columns * _TILE])
    return map_coordinates(half, places, order=1, mode="nearest")


def measure_prior(images: ImageSet, channels: int = 3) -> Prior:
    """The mean colours and spectrum of (at most 200 of) the pictures of a set.

    The spectrum is Welch's: tiles of 128 pixels, half overlapping, without their mean, under a Hann window.

    Args:
        images: The pictures.
        channels: 3 for colour, 1 for grey.

    Raises:
        DataError: No picture can be read.

    >>> from neurolupa.images import load_images
    >>> prior = measure_prior(load_images("samples"))
    >>> prior.images, prior.colours.shape, bool(prior.spectrum[0, 1, 1] > prior.spectrum[0, 40, 40])
    (7, (3, 3), True)
    """
    pictures = [_values(images[index].image, channels) for index in range(min(len(images), _LARGEST))]
    if not pictures:
        raise DataError(f"{images.name} has no picture to measure colours and spectrum on")
    pixels = np.concatenate([one.reshape(channels, -1) for one in pictures], axis=1)
    mean, colours = pixels.mean(1), _square_root(np.cov(pixels).reshape(channels, channels))
    apart = np.linalg.inv(colours)
    if pixels.std(1).max() < _FLAT:
        raise DataError(f"{images.name} has no contrast to measure colours and spectrum on")
    tiles = _tiles(np.tensordot(apart, one - mean[:, None, None], axes=1) for one in pictures)
    return Prior(images.name, len(pictures), mean, colours, _mean_spectrum(tiles))


@lru_cache(maxsize=8)
def natural_prior(spec: str = "samples", channels: int = 3) -> Prior:
    """The prior of an image set by name; by default of the photographs that come with scikit-image.

    >>> natural_prior().channels
    3
    """
    return measure_prior(load_images(spec), channels)


def _values(picture: Image.Image, channels: int) -> np.ndarray:
    """A picture as (C, H, W) in 0..1, its short side 256 pixels."""
    grey = picture.convert("L" if channels == 1 else "RGB")
    scale = _SIDE / min(grey.size)
    sized = grey.resize((max(_SIDE, round(grey.width * scale)), max(_SIDE, round(grey.height * scale))))
    return np.asarray(sized, np.float64).reshape(sized.height, sized.width, -1).transpose(2, 0, 1) / 255


def _square_root(covariance: np.ndarray) -> np.ndarray:
    sizes, axes = np.linalg.eigh(covariance)
    return axes[:, ::-1] * np.sqrt(np.maximum(sizes[::-1], _FLOOR))


def _tiles(pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    return [
        picture[:, top : top + _TILE, left : left + _TILE]
        for picture in pictures
        for top in range(0, picture.shape[1] - _TILE + 1, _STEP)
        for left in range(0, picture.shape[2] - _TILE + 1, _STEP)
    ]


def _mean_spectrum(tiles: list[np.ndarray]) -> np.ndarray:
    window = np.outer(*[np.hanning(_TILE)] * 2)
    window /= np.sqrt((window**2).mean())
    sizes = [np.abs(np.fft.rfft2((tile - tile.mean((1, 2), keepdims=True)) * window)) for tile in tiles]
    return np.mean(sizes, axis=0)
