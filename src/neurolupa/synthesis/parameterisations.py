"""What is optimised in the place of pixels: numbers from which every step makes the pictures anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.registry import Registry
from neurolupa.synthesis.prior import Prior
from neurolupa.synthesis.streams import Streams

_CPU = torch.device("cpu")
_TINY = 1e-12  # in place of 0, where a picture is one pixel
_MARGIN = 1e-3  # a picture's values are kept this far from 0 and 1 where a sigmoid is inverted


@dataclass(frozen=True, eq=False)
class Canvas:
    """The pictures to be made: their size, and the natural pictures that they are measured by.

    `sees` is the side, in pixels, of what the units to be driven see at once; None for all of a picture.
    """

    height: int
    width: int
    prior: Prior
    device: torch.device = _CPU
    dtype: torch.dtype = torch.float32
    sees: float | None = None

    @property
    def channels(self) -> int:
        """Channels of the pictures."""
        return self.prior.channels

    @cached_property
    def colours(self) -> Tensor:
        """The prior's colours, its largest column of length 1."""
        columns = self.prior.colours / np.linalg.norm(self.prior.colours, axis=0).max()
        return self.tensor(columns)

    def tensor(self, values: np.ndarray | Tensor) -> Tensor:
        """The values where the network runs, in its type."""
        return torch.as_tensor(values).to(self.device, self.dtype)


class Parameterisation(Protocol):
    """From numbers to pictures (N, C, H, W) in 0..1, differentiably, and back."""

    def start(self, streams: Streams) -> Tensor:
        """Where an optimisation begins: (N, ...), each sample from its own stream."""
        ...

    def pictures(self, numbers: Tensor) -> Tensor:
        """The pictures of numbers."""
        ...

    def numbers(self, pictures: Tensor) -> Tensor:
        """Numbers whose pictures are these, or as near as the parameterisation comes."""
        ...


PARAMETERISATIONS: Registry[Callable[[Canvas], Parameterisation]] = Registry(
    "parameterisation", "parameterisations"
)


@PARAMETERISATIONS.register("pixel")
@dataclass(frozen=True)
class Pixel:
    """Every pixel by itself, through a sigmoid.

    >>> from neurolupa.synthesis.prior import natural_prior
    >>> pixel = Pixel(Canvas(5, 7, natural_prior()))
    >>> pixel.pictures(pixel.start(Streams.of([0]))).shape
    torch.Size([1, 3, 5, 7])
    """

    canvas: Canvas
    spread: float = 0.01

    def start(self, streams: Streams) -> Tensor:
        """Noise around grey."""
        return self.spread * streams.normal(self.canvas.channels, self.canvas.height, self.canvas.width)

    def pictures(self, numbers: Tensor) -> Tensor:
        """The sigmoid of the numbers."""
        return numbers.sigmoid()

    def numbers(self, pictures: Tensor) -> Tensor:
        """The inverse; values nearer than 0.001 to 0 or 1 are moved there."""
        return pictures.clamp(_MARGIN, 1 - _MARGIN).logit()


@PARAMETERISATIONS.register("fourier")
@dataclass(frozen=True)
class Fourier:
    """The spectrum of each uncorrelated channel, low frequencies weighing more; colours; a sigmoid.

    Olah et al. (2017), "Feature Visualization": gradients with respect to such numbers are steepest along
    what natural pictures vary in. The numbers are (N, C, H, W // 2 + 1, 2): real and imaginary parts. Lucid,
    that article's code, lets the weights rise down to the lowest frequency whatever is driven, with a decay
    of 1. Ours are even below one wave in what the units see at once, for they cannot tell longer waves apart;
    units of first layers, which want fine stripes, would else get large even areas and never leave them. The
    mean of the picture has a weight of its own, as many of these units want one colour.

    >>> from neurolupa.synthesis.prior import natural_prior
    >>> fourier = Fourier(Canvas(5, 7, natural_prior()))
    >>> numbers = fourier.start(Streams.of([0, 1]))
    >>> numbers.shape, fourier.pictures(numbers).shape
    (torch.Size([2, 3, 5, 4, 2]), torch.Size([2, 3, 5, 7]))
    """

    canvas: Canvas
    spread: float = 0.01
    decay: float = 1.25
    gain: float = 0.25
    flat: float = 8.0

    @cached_property
    def scale(self) -> Tensor:
        """Of each frequency f, in cycles a pixel: gain sqrt(HW) r / max(f, 1 / min(sees, H or W))^decay.

        r keeps the sum of the squares at what it is where the units see all of the picture. Frequency 0, the
        mean of the picture: gain sqrt(HW) flat max(H, W)^decay.
        """
        height, width = self.canvas.height, self.canvas.width
        side, sees = max(height, width), self.canvas.sees
        everything = self._weights(side)
        weights = everything if sees is None else self._weights(min(sees, side))
        scale = weights * np.linalg.norm(everything) / max(np.linalg.norm(weights), _TINY)
        scale[0, 0] = self.flat * side**self.decay
        return self.canvas.tensor(self.gain * np.sqrt(height * width) * scale)[..., None]

    def _weights(self, longest: float) -> NDArray[np.float64]:
        """(H, W // 2 + 1), falling with the frequency, even for waves longer than so many pixels; no mean."""
        rows, columns = np.fft.fftfreq(self.canvas.height)[:, None], np.fft.rfftfreq(self.canvas.width)[None]
        weights = 1 / np.maximum(np.hypot(rows, columns), 1 / longest) ** self.decay
        weights[0, 0] = 0
        return weights

    def start(self, streams: Streams) -> Tensor:
        """Normal numbers of a small spread."""
        height, width = self.canvas.height, self.canvas.width
        return self.spread * streams.normal(self.canvas.channels, height, width // 2 + 1, 2)

    def pictures(self, numbers: Tensor) -> Tensor:
        """Back from the spectrum, into the natural colours, into 0..1."""
        return coloured(self.planes(numbers), self.canvas).sigmoid()

    def planes(self, numbers: Tensor) -> Tensor:
        """The uncorrelated channels (N, C, H, W)."""
        spectrum = torch.view_as_complex((numbers * self.scale).contiguous())
        return torch.fft.irfft2(spectrum, s=(self.canvas.height, self.canvas.width))

    def numbers(self, pictures: Tensor) -> Tensor:
        """The inverse, for any size, odd ones included."""
        logits = pictures.clamp(_MARGIN, 1 - _MARGIN).logit()
        apart = torch.einsum("dc,nchw->ndhw", torch.linalg.inv(self.canvas.colours), logits)
        return torch.view_as_real(torch.fft.rfft2(apart)) / self.scale


@PARAMETERISATIONS.register("maco")
@dataclass(frozen=True)
class Maco:
    """The phase of each frequency; its size is that of natural pictures, whatever the optimisation does.

    Fel et al. (2023), "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained
    Optimization". The numbers are (N, C, H, W // 2 + 1) angles in radians.

    >>> from neurolupa.synthesis.prior import natural_prior
    >>> maco = Maco(Canvas(6, 8, natural_prior()))
    >>> maco.pictures(maco.start(Streams.of([0]))).shape
    torch.Size([1, 3, 6, 8])
    """

    canvas: Canvas

    @cached_property
    def magnitudes(self) -> Tensor:
        """(C, H, W // 2 + 1), of the uncorrelated channels."""
        return self.canvas.tensor(self.canvas.prior.magnitudes(self.canvas.height, self.canvas.width))

    def start(self, streams: Streams) -> Tensor:
        """Any angle."""
        return streams.uniform(-np.pi, np.pi, *self.magnitudes.shape)

    def pictures(self, numbers: Tensor) -> Tensor:
        """The natural mean and colours with these phases, pressed smoothly into 0..1."""
        prior = self.canvas.prior
        values = torch.einsum("cd,ndhw->nchw", self.canvas.tensor(prior.colours), self.planes(numbers))
        return (4 * (values + self.canvas.tensor(prior.mean).view(-1, 1, 1)) - 2).sigmoid()

    def planes(self, numbers: Tensor) -> Tensor:
        """The uncorrelated channels (N, C, H, W)."""
        spectrum = torch.polar(self.magnitudes.expand_as(numbers), self._angles(numbers))
        return torch.fft.irfft2(spectrum, s=(self.canvas.height, self.canvas.width))

    def _angles(self, numbers: Tensor) -> Tensor:
        """The numbers; where the spectrum of a real picture mirrors itself, the lower half is the upper's."""
        height, width = self.canvas.height, self.canvas.width
        angles = numbers.clone()
        for column in {0, width // 2} if width % 2 == 0 else {0}:
            upper = numbers[..., 1 : (height + 1) // 2, column]
            angles[..., height // 2 + 1 :, column] = -upper.flip(-1)
            angles[..., [0, height // 2] if height % 2 == 0 else [0], column] = 0
        return angles

    def numbers(self, pictures: Tensor) -> Tensor:
        """The phases of pictures; their sizes are given up."""
        prior = self.canvas.prior
        values = (pictures.clamp(_MARGIN, 1 - _MARGIN).logit() + 2) / 4
        apart = torch.linalg.inv(self.canvas.tensor(prior.colours))
        centred = values - self.canvas.tensor(prior.mean).view(-1, 1, 1)
        return torch.fft.rfft2(torch.einsum("dc,nchw->ndhw", apart, centred)).angle()


def coloured(planes: Tensor, canvas: Canvas) -> Tensor:
    """Uncorrelated channels (N, C, H, W) as channels that are correlated as natural colours are."""
    return torch.einsum("cd,ndhw->nchw", canvas.colours, planes)
