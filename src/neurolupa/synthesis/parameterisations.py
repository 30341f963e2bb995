"""What is optimised in the place of pixels: numbers from which every step makes the pictures anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from neurolupa.registry import Registry
from neurolupa.synthesis.prior import Prior
from neurolupa.synthesis.streams import Streams

_CPU = torch.device("cpu")
_MARGIN = 1e-3  # a picture's values are kept this far from 0 and 1 where a sigmoid is inverted


@dataclass(frozen=True, eq=False)
class Canvas:
    """The pictures to be made: their size, and the natural pictures that they are measured by."""

    height: int
    width: int
    prior: Prior
    device: torch.device = _CPU
    dtype: torch.dtype = torch.float32

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
    that article's code, has a decay of 1 and no weight for frequency 0 alone; many units of first layers want
    one colour over the whole picture, and get there sooner with ours.

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
        """Of each frequency f, in cycles a pixel: gain sqrt(HW) / max(f, 1 / max(H, W))^decay.

        Frequency 0, the mean of the picture, `flat` times that.
        """
        height, width = self.canvas.height, self.canvas.width
        rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
        frequency = np.maximum(np.hypot(rows, columns), 1 / max(height, width))
        scale = self.gain * np.sqrt(height * width) / frequency**self.decay
        scale[0, 0] *= self.flat
        return self.canvas.tensor(scale)[..., None]

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
