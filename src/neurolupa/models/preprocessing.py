"""What a network wants to see: from a picture to its input tensor, and back."""

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from neurolupa.errors import DataError, UsageError, unknown

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}
MODES = {1: "L", 3: "RGB"}
_LARGEST_RESIZED = 2**25  # pixels; in RGB 128 MiB


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the tensor that a network expects: resize, centre crop, scale to 0..1, normalise.

    Attributes:
        input_size: Height and width of the network's input, in pixels.
        resize: Size before the centre crop. A number is the short side (for an oblong input: the picture
            covers the input enlarged by `resize / min(input_size)`); (height, width) squashes the picture to
            exactly that; None squashes it to `input_size`.
        mean: Subtracted from each channel, in units of 0..1.
        std: Divides each channel, in units of 0..1.
        interpolation: The filter of the resize; all of them are antialiased, as Pillow's are.
        channels: 3 (RGB) or 1 (grey).
        keep_matching: A picture that already has the input's size is left as it is.

    Raises:
        UsageError: A value that no network could use.

    >>> grey = Preprocessing(input_size=(2, 2), mean=(0.5,), std=(0.25,), channels=1)
    >>> grey.prepare(Image.new("L", (2, 2), 255))
    tensor([[[2., 2.],
             [2., 2.]]])
    """

    input_size: tuple[int, int]
    resize: int | tuple[int, int] | None = None
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    interpolation: str = "bilinear"
    channels: int = 3
    keep_matching: bool = False

    def __post_init__(self) -> None:
        if self.channels not in MODES:
            raise UsageError(f"pictures have 1 or 3 channels, not {self.channels}")
        if self.interpolation not in FILTERS:
            raise unknown("interpolation", self.interpolation, FILTERS)
        _check_sizes(self.input_size, self.resize)
        _check_normalisation(self.mean, self.std, self.channels)

    def picture(self, image: Image.Image) -> Image.Image:
        """The picture that the network sees: resized and cropped, before normalisation.

        Where the resized picture would have more than 2**25 pixels (very long and thin ones), only what the
        crop keeps is computed: less memory, and values that may differ a little, by rounding.
        """
        mode = MODES[self.channels]
        converted = image if image.mode == mode else image.convert(mode)
        width, height, left, top = self._geometry(converted.size)
        window = (left, top, left + self.input_size[1], top + self.input_size[0])
        if width * height > _LARGEST_RESIZED:
            across, down = converted.width / width, converted.height / height
            box = (window[0] * across, window[1] * down, window[2] * across, window[3] * down)
            return converted.resize(self.input_size[::-1], FILTERS[self.interpolation], box=box)
        return converted.resize((width, height), FILTERS[self.interpolation]).crop(window)

    def prepare(self, image: Image.Image) -> Tensor:
        """The network's input (C, H, W), float32, normalised."""
        pixels = np.array(self.picture(image)).reshape(*self.input_size, self.channels)
        values = torch.from_numpy(pixels).permute(2, 0, 1).to(torch.float32).div(255)
        return values.sub_(self._column(self.mean)).div_(self._column(self.std))

    def unprepare(self, tensor: Tensor) -> Image.Image:
        """The picture of a normalised tensor (C, H, W) of any H and W; values outside 0..1 are clipped."""
        if tensor.ndim != 3 or tensor.shape[0] != self.channels:
            raise DataError(f"a picture has the shape ({self.channels}, H, W), not {tuple(tensor.shape)}")
        values = tensor.detach().to("cpu", torch.float32)
        values = values * self._column(self.std) + self._column(self.mean)
        pixels = values.clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        return Image.fromarray(pixels if self.channels == 3 else pixels[:, :, 0])

    def to_original(
        self, box: tuple[float, float, float, float], image_size: tuple[int, int]
    ) -> tuple[float, float, float, float]:
        """A box (x0, y0, x1, y1) of input pixels in pixels of the original image, clipped to it.

        Args:
            box: Corners in the network's input.
            image_size: Width and height of the original image.

        >>> Preprocessing(input_size=(224, 224), resize=256).to_original((0, 0, 224, 224), (512, 512))
        (32.0, 32.0, 480.0, 480.0)
        """
        width, height, left, top = self._geometry(image_size)
        across, down = image_size[0] / width, image_size[1] / height
        x0, x1 = (_clip((x + left) * across, image_size[0]) for x in box[::2])
        y0, y1 = (_clip((y + top) * down, image_size[1]) for y in box[1::2])
        return x0, y0, x1, y1

    def altered(
        self,
        input_size: int | tuple[int, int] | None = None,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
    ) -> Self:
        """The same with another input size, mean or std; the resize keeps its proportion to the input.

        With another size, pictures that already have it are left as they are. A single mean or std is for
        every channel.

        >>> Preprocessing(input_size=(224, 224), resize=256).altered(input_size=32).resize
        37
        """
        changes: dict[str, Any] = {}
        if input_size is not None:
            size = as_size(input_size)
            changes |= {"input_size": size, "resize": self._resize_for(size), "keep_matching": True}
        for name, given in (("mean", mean), ("std", std)):
            if given is not None:
                values = as_floats(name, given)
                changes[name] = values * self.channels if len(values) == 1 else values
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-able values."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`.

        >>> one = Preprocessing(input_size=(32, 32), resize=(40, 40))
        >>> Preprocessing.from_dict(one.to_dict()) == one
        True
        """
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        return cls(**values)

    def _column(self, values: tuple[float, ...]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32).view(-1, 1, 1)

    def _resize_for(self, size: tuple[int, int]) -> int | tuple[int, int] | None:
        if self.resize is None:
            return None
        if isinstance(self.resize, tuple):
            height, width = (
                round(r * s / i) for r, s, i in zip(self.resize, size, self.input_size, strict=True)
            )
            return height, width
        return round(self.resize * min(size) / min(self.input_size))

    def _geometry(self, image_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Width and height after the resize, and the left and top edge of the crop."""
        wanted_height, wanted_width = self.input_size
        width, height = self._resized(image_size)
        return width, height, round((width - wanted_width) / 2.0), round((height - wanted_height) / 2.0)

    def _resized(self, image_size: tuple[int, int]) -> tuple[int, int]:
        width, height = image_size
        if self.resize is None or (self.keep_matching and (height, width) == self.input_size):
            return self.input_size[1], self.input_size[0]
        if isinstance(self.resize, tuple):
            return self.resize[1], self.resize[0]
        short = min(self.input_size)
        least_height, least_width = (round(self.resize * side / short) for side in self.input_size)
        if width * least_height <= height * least_width:
            return least_width, max(least_height, int(least_width * height / width))
        return max(least_width, int(least_height * width / height)), least_height


def as_size(value: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width) from one number or two.

    Raises:
        UsageError: Anything but one or two whole numbers above 0.

    >>> as_size(32), as_size((24, 48))
    ((32, 32), (24, 48))
    """
    sides = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value, value)
    try:
        height, width = (operator.index(side) for side in sides)
    except (TypeError, ValueError):
        raise UsageError(f"an input size is one whole number or (height, width), not {value!r}") from None
    if min(height, width) < 1:
        raise UsageError(f"an input size is at least 1 pixel, not {value!r}")
    return height, width


def as_floats(name: str, value: float | Iterable[float]) -> tuple[float, ...]:
    """A tuple of floats from one number or several.

    Raises:
        UsageError: Anything that is not numbers.

    >>> as_floats("mean", 0.5), as_floats("std", [1, 2, 3])
    ((0.5,), (1.0, 2.0, 3.0))
    """
    try:
        return tuple(float(v) for v in (value if isinstance(value, Iterable) else (value,)))
    except (TypeError, ValueError):
        raise UsageError(f"{name} is one number a channel, not {value!r}") from None


def _check_sizes(input_size: tuple[int, int], resize: int | tuple[int, int] | None) -> None:
    as_size(input_size)
    if resize is None:
        return
    sides = resize if isinstance(resize, tuple) else (resize * side / min(input_size) for side in input_size)
    if any(resized < side for resized, side in zip(sides, input_size, strict=True)):
        raise UsageError(f"a resize to {resize} is smaller than the input size {input_size}")


def _check_normalisation(mean: tuple[float, ...], std: tuple[float, ...], channels: int) -> None:
    for name, values in (("mean", mean), ("std", std)):
        if len(values) != channels:
            raise UsageError(f"{name} has {len(values)} values, the network's input {channels} channels")
        if not all(map(math.isfinite, values)):
            raise UsageError(f"{name} must be finite, not {values}")
    if max(map(abs, mean)) > 1:
        raise UsageError(f"mean is for pixel values from 0 to 1, not {mean}; divide mean and std by 255")
    if min(std) <= 0:
        raise UsageError(f"std must be above 0, not {std}")


def _clip(value: float, upper: int) -> float:
    return float(min(max(value, 0), upper))
