"""From a unit's map to the few numbers that a probe reads."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from neurolupa.capture import Site
from neurolupa.core.planes import as_planes
from neurolupa.errors import UsageError, unknown

KINDS = ("mean", "max", "grid")
PIXEL_SIDE = 32
"""Pictures are averaged down to this side where they are probed themselves."""

_CELLS = 3


@dataclass(frozen=True)
class Pooling:
    """How a map becomes numbers: its mean, its highest value, or the means of a grid's cells.

    A grid of `cells` x `cells` keeps roughly where something is; maps with fewer rows or columns keep all.

    >>> str(Pooling.of("grid")), Pooling.of("mean")
    ('grid:3', Pooling(kind='mean', cells=1))
    """

    kind: str
    cells: int = 1

    @classmethod
    def of(cls, text: "str | Pooling") -> "Pooling":
        """From "mean", "max", "grid" or "grid:4"; UsageError for anything else."""
        if isinstance(text, Pooling):
            return text
        kind, _, cells = str(text).partition(":")
        if kind not in KINDS:
            raise unknown("pooling", str(text), KINDS)
        if kind != "grid" and not cells:
            return cls(kind)
        if kind == "grid" and (not cells or (cells.isdecimal() and int(cells) > 0)):
            return cls(kind, int(cells or _CELLS))
        raise UsageError(f"a grid is written grid:{_CELLS}, with its cells a side; not {text!r}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.cells}" if self.kind == "grid" else self.kind

    def cells_of(self, site: Site) -> int:
        """How many numbers a unit of the site gives."""
        if self.kind != "grid":
            return 1
        height, width = (site.height, site.width) if len(site.shape) > 1 else (1, 1)
        return min(self.cells, height) * min(self.cells, width)

    def __call__(self, value: Tensor, site: Site) -> Tensor:
        """(B, F) float32 of a site's value (B, ...), the cells of a unit beside each other."""
        planes = as_planes(value, site.channel_axis).float()
        if self.kind == "max":
            return planes.amax((2, 3))
        if self.kind == "mean":
            return planes.mean((2, 3))
        rows, columns = (min(self.cells, side) for side in planes.shape[2:])
        return adaptive_avg_pool2d(planes, (rows, columns)).flatten(1)


def pixels_of(batch: Tensor) -> Tensor:
    """(B, C x h x w) a batch of network inputs (B, C, H, W), averaged down to at most 32 x 32.

    >>> import torch
    >>> pixels_of(torch.zeros(2, 3, 64, 20)).shape
    torch.Size([2, 1920])
    """
    height, width = (min(side, PIXEL_SIDE) for side in batch.shape[2:])
    return adaptive_avg_pool2d(batch.float(), (height, width)).flatten(1)


def pixel_count(channels: int, height: int, width: int) -> int:
    """How many numbers `pixels_of` gives of a picture of this size.

    >>> pixel_count(3, 224, 224), pixel_count(1, 8, 9)
    (3072, 72)
    """
    return channels * min(height, PIXEL_SIDE) * min(width, PIXEL_SIDE)
