"""Small changes of the pictures before each step, so that what is found does not hang on single pixels.

Every sample is changed by itself, with numbers from its own stream. Motions that follow each other are one
resampling.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import radians

import torch
import torch.nn.functional as F
from torch import Tensor

from neurolupa.synthesis.streams import Streams


class Transform(ABC):
    """One kind of change."""

    def at(self, progress: float) -> "Transform":
        """The change of this moment of a run, 0 its beginning and 1 its end."""
        return self

    @abstractmethod
    def changed(self, pictures: Tensor, streams: Streams) -> Tensor:
        """Pictures (N, C, H, W), each changed with numbers of its own."""


class Motion(Transform):
    """A change of place: where each pixel of the result comes from."""

    @abstractmethod
    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """(N, 3, 3): from places (x, y, 1) in the result to places in the picture, pixels from its centre."""

    def changed(self, pictures: Tensor, streams: Streams) -> Tensor:
        """The pictures seen through the motion, mirrored at their edges."""
        return warped(pictures, self.matrices(_size(pictures), streams))


@dataclass(frozen=True)
class Jitter(Motion):
    """Moved by whole pixels, at most by this share of the shorter side in each direction.

    >>> Jitter(1 / 16).matrices((32, 32), Streams.of([4]))[0, :2, 2].abs().max() <= 2
    tensor(True)
    """

    share: float

    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """A move."""
        reach = _pixels(self.share, size) + 0.49
        drawn = streams.uniform(-reach, reach, 2).round()
        return _with({(0, 2): drawn[:, 0], (1, 2): drawn[:, 1]})


@dataclass(frozen=True)
class Scale(Motion):
    """Enlarged by a factor between two bounds about the centre; the size of the picture stays."""

    low: float
    high: float

    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """A scaling."""
        factor = 1 / streams.uniform(self.low, self.high)
        return _with({(0, 0): factor, (1, 1): factor})


@dataclass(frozen=True)
class Rotate(Motion):
    """Turned about the centre by at most this many degrees."""

    degrees: float

    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """A turn."""
        angle = streams.uniform(-radians(self.degrees), radians(self.degrees))
        cosine, sine = angle.cos(), angle.sin()
        return _with({(0, 0): cosine, (0, 1): -sine, (1, 0): sine, (1, 1): cosine})


@dataclass(frozen=True)
class Flip(Motion):
    """Mirrored left to right, every second time."""

    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """A mirror, or nothing."""
        side = streams.uniform(-1, 1).sign()
        return _with({(0, 0): side, (1, 1): torch.ones_like(side)})


@dataclass(frozen=True)
class Crop(Motion):
    """A window whose sides are a share of the picture's, anywhere inside it, enlarged to the picture's size.

    Attributes:
        share: Of the sides, at the beginning of a run.
        last: At the end of it; between them it falls in a straight line. None keeps it.
    """

    share: float
    last: float | None = None

    def at(self, progress: float) -> "Crop":
        """The crop of this moment of a run, 0 its beginning and 1 its end."""
        last = self.share if self.last is None else self.last
        return Crop(self.share + (last - self.share) * progress)

    def matrices(self, size: tuple[int, int], streams: Streams) -> Tensor:
        """A scaling and a move."""
        across, down = (streams.uniform(-0.5, 0.5) * (1 - self.share) * side for side in reversed(size))
        share = torch.full_like(across, self.share)
        return _with({(0, 0): share, (1, 1): share, (0, 2): across, (1, 2): down})


@dataclass(frozen=True)
class Pad(Transform):
    """A border of this share of the shorter side, grey (0.5) or mirrored: the picture grows."""

    share: float
    mirrored: bool = False

    def changed(self, pictures: Tensor, streams: Streams) -> Tensor:
        """(N, C, H + 2 border, W + 2 border)."""
        around = (_pixels(self.share, _size(pictures)),) * 4
        if self.mirrored:
            return F.pad(pictures, around, mode="reflect")
        return F.pad(pictures, around, value=0.5)


@dataclass(frozen=True)
class Noise(Transform):
    """Normal noise of this spread, in units of 0..1, on every pixel."""

    spread: float

    def changed(self, pictures: Tensor, streams: Streams) -> Tensor:
        """The pictures and noise."""
        return pictures + self.spread * streams.normal(*pictures.shape[1:])


@dataclass(frozen=True)
class Blur(Transform):
    """A Gaussian of a width between 0 and this many pixels.

    >>> flat = torch.full((1, 3, 6, 6), 0.25)
    >>> bool(Blur(1.0).changed(flat, Streams.of([0])).allclose(flat))
    True
    """

    sigma: float

    def changed(self, pictures: Tensor, streams: Streams) -> Tensor:
        """The blurred pictures; the edges are repeated."""
        reach = max(1, round(2 * self.sigma))
        kernels = _gaussians(streams.uniform(0.1, max(self.sigma, 0.1)), reach)
        return blurred(pictures, kernels)


def _gaussians(sigmas: Tensor, reach: int) -> Tensor:
    """(N, 2 reach + 1), each of sum 1."""
    places = torch.arange(-reach, reach + 1, device=sigmas.device, dtype=sigmas.dtype)
    heights = torch.exp(-0.5 * (places / sigmas[:, None]) ** 2)
    return heights / heights.sum(1, keepdim=True)


def blurred(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Each picture (N, C, H, W) under its own kernel (N, k), along both axes; the edges are repeated."""
    count, channels, height, width = pictures.shape
    reach = kernels.shape[1] // 2
    each = kernels.repeat_interleave(channels, 0)
    padded = F.pad(pictures, (reach,) * 4, mode="replicate")
    planes = padded.reshape(1, count * channels, *_size(padded))
    down = F.conv2d(planes, each[:, None, :, None], groups=count * channels)
    across = F.conv2d(down, each[:, None, None, :], groups=count * channels)
    return across.view(count, channels, height, width)


def transformed(
    pictures: Tensor, steps: Sequence[Transform], streams: Streams, size: tuple[int, int] | None = None
) -> Tensor:
    """The pictures after all of the steps, in order; motions that follow each other resample once.

    Args:
        pictures: (N, C, H, W).
        steps: What is done.
        streams: As many as there are pictures.
        size: Height and width of the result; None leaves what the steps give. Windows of a larger picture
            (`Crop`) are read at this size at once.

    >>> pictures = torch.rand(2, 3, 8, 8)
    >>> transformed(pictures, [Pad(0.25), Jitter(0.1), Rotate(5)], Streams.of([0, 1])).shape
    torch.Size([2, 3, 12, 12])
    """
    for moving, group in groupby(steps, key=lambda step: isinstance(step, Motion)):
        if moving:
            motions = [step for step in group if isinstance(step, Motion)]
            pictures = warped(pictures, _joined(motions, _size(pictures), streams), size)
        else:
            for step in group:
                pictures = step.changed(pictures, streams)
    return pictures if size is None else resized(pictures, size)


def resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures (N, C, H, W) at another height and width, antialiased; themselves where that is theirs."""
    if _size(pictures) == size:
        return pictures
    return F.interpolate(pictures, size, mode="bilinear", align_corners=False, antialias=True)


def _joined(motions: list[Motion], size: tuple[int, int], streams: Streams) -> Tensor:
    whole = torch.eye(3, device=streams.device, dtype=streams.dtype).expand(len(streams), 3, 3)
    for motion in motions:
        whole = motion.matrices(size, streams) @ whole
    return whole


def warped(pictures: Tensor, matrices: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """Pictures resampled bilinearly at `size`, as `Motion.matrices` (N, 3, 3) say; mirrored at the edges."""
    height, width = _size(pictures)
    half = torch.tensor([width / 2, height / 2], device=matrices.device, dtype=matrices.dtype)
    theta = matrices[:, :2].clone()
    theta[:, :, :2] = theta[:, :, :2] * half[None, None] / half[None, :, None]
    theta[:, :, 2] = theta[:, :, 2] / half
    grid = F.affine_grid(theta, [*pictures.shape[:2], *(size or (height, width))], align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def _with(entries: dict[tuple[int, int], Tensor]) -> Tensor:
    """Matrices (N, 3, 3) that are the identity but for these entries (N,)."""
    first = next(iter(entries.values()))
    matrices = torch.eye(3, device=first.device, dtype=first.dtype).repeat(len(first), 1, 1)
    for (row, column), values in entries.items():
        matrices[:, row, column] = values
    return matrices


def _pixels(share: float, size: tuple[int, int]) -> int:
    return round(share * min(size))


def _size(pictures: Tensor) -> tuple[int, int]:
    height, width = pictures.shape[-2:]
    return height, width
