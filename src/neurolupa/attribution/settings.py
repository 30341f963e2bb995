"""How pixels are attributed: every choice of the methods in one value."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError, unknown
from neurolupa.inspection.seen import SeenPicture
from neurolupa.models import Model

BASELINES = ("black", "blur", "mean")
_BLUR = 0.08  # of the picture's side: the standard deviation of the blur
_WINDOWS = 7  # occlusion windows along a side, if no window is given


@dataclass(frozen=True)
class Settings:
    """The choices of the methods that have any.

    Attributes:
        steps: Of integrated gradients, points of the Gauss-Legendre rule on the way from the baseline.
        baseline: A picture without what is asked about: "black", "mean" (the network's own mean colour) or
            "blur". Of integrated gradients, occlusion, and deletion.
        window: Of occlusion, side of the square in pixels; None: a seventh of the shorter side.
        stride: Of occlusion, pixels from one square to the next; None: half of the window.
    """

    steps: int = 50
    baseline: str = "mean"
    window: int | None = None
    stride: int | None = None

    def __post_init__(self) -> None:
        whole_number("steps", self.steps, 1)
        if self.baseline not in BASELINES:
            raise unknown("baseline", self.baseline, BASELINES)
        for name in ("window", "stride"):
            if getattr(self, name) is not None:
                whole_number(name, getattr(self, name), 1)
        if self.window is not None and self.stride is not None and self.stride > self.window:
            raise UsageError(f"stride is at most the window of {self.window}, or pixels are left out")

    def square(self, size: tuple[int, int]) -> tuple[int, int]:
        """Window and stride for a picture of this height and width.

        Raises:
            UsageError: A window that is larger than the picture.

        >>> Settings().square((224, 224)), Settings(window=5).square((32, 32))
        ((32, 16), (5, 2))
        """
        if self.window is not None and self.window > min(size):
            raise UsageError(
                f"window is at most {min(size)}, the shorter side of the picture; got {self.window}"
            )
        window = max(1, min(size) // _WINDOWS) if self.window is None else self.window
        return window, min(max(1, window // 2) if self.stride is None else self.stride, window)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


def baseline_of(name: str, seen: SeenPicture, model: Model) -> Tensor:
    """The network's input (1, C, H, W) for the picture without what is asked about.

    >>> from neurolupa.models import load_model
    >>> model = load_model(torch.nn.Flatten(), input_size=2)
    >>> seen = SeenPicture.of(Image.new("RGB", (2, 2), "red"), model.preprocessing)
    >>> baseline_of("mean", seen, model).abs().max().item()
    0.0
    """
    given = seen.as_input(model)
    if name == "mean":
        return torch.zeros_like(given)
    if name == "black":
        return model.prepare(Image.fromarray(np.zeros_like(np.asarray(seen.seen))))[None]
    blurred = seen.seen.filter(ImageFilter.GaussianBlur(_BLUR * min(seen.seen.size)))
    return SeenPicture(seen.original, blurred, seen.crop, seen.size).as_input(model)
