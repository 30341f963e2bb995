"""Where units answer and where the object is, counted picture by picture: all that a dissection needs."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

_ROOM = 2**22
"""Enlarged pixels in memory at a time."""


@dataclass(frozen=True, eq=False)
class Rule:
    """What is looked for in the maps of a site's U units.

    Attributes:
        thresholds: (U,) above which a unit is active.
        levels: (U, L) ascending, that values are rounded down to.
    """

    thresholds: Tensor
    levels: Tensor


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Counts for B pictures and U units.

    Attributes:
        active: (B, U) int64, pixels of the enlarged map above the unit's threshold.
        both: (B, U) int64, those inside the object's mask.
        hits: (B, U, L + 1) float32, at the map's own positions: their share in the mask, by level.
        places: (B, U, L + 1) float32, positions by level.
    """

    active: NDArray[np.int64] = field(repr=False)
    both: NDArray[np.int64] = field(repr=False)
    hits: NDArray[np.float32] = field(repr=False)
    places: NDArray[np.float32] = field(repr=False)


def overlaps(planes: Tensor, masks: Tensor, rule: Rule) -> Overlaps:
    """The counts for maps (B, U, h, w) and masks (B, H, W) in 0..1.

    For the intersection a map is enlarged to the mask's size, bilinearly with the middles of the outer pixels
    inside the picture (`align_corners=False`), and a pixel belongs to the object where more than half of it
    is covered. For the levels the mask is averaged down to the map's size instead.

    >>> corner = torch.zeros(1, 2, 2)
    >>> corner[0, 0, 0] = 1.0
    >>> rule = Rule(torch.tensor([0.5]), torch.tensor([[0.5]]))
    >>> found = overlaps(torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]]), corner, rule)
    >>> found.active.tolist(), found.both.tolist(), found.hits.tolist(), found.places.tolist()
    ([[2]], [[1]], [[[0.0, 1.0]]], [[[2.0, 2.0]]])
    """
    active, both = _above(planes, masks > 0.5, rule.thresholds)
    hits, places = _by_level(
        planes, F.adaptive_avg_pool2d(masks, (planes.shape[2], planes.shape[3])), rule.levels
    )
    return Overlaps(active, both, hits, places)


def _above(planes: Tensor, masks: Tensor, thresholds: Tensor) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Enlarging exceeds no value that it is made of, so maps without a value above need not be looked at."""
    rows, units = torch.nonzero(planes.amax((2, 3)) > thresholds, as_tuple=True)
    active, both = (torch.zeros(planes.shape[:2], dtype=torch.int64) for _ in range(2))
    for part in torch.arange(len(rows)).split(max(1, _ROOM // masks[0].numel())):
        row, unit = rows[part], units[part]
        large = F.interpolate(planes[row, unit][:, None], masks.shape[1:], mode="bilinear")[:, 0]
        above = large > thresholds[unit, None, None]
        active[row, unit] = above.sum((1, 2))
        both[row, unit] = (above & masks[row]).sum((1, 2))
    return active.numpy(), both.numpy()


def _by_level(
    planes: Tensor, shares: Tensor, levels: Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    images, units = planes.shape[:2]
    values = planes.flatten(2).transpose(0, 1).flatten(1)
    level = torch.searchsorted(levels, values, right=True)
    room = levels.shape[1] + 1
    cell = level.view(units, images, -1) + room * torch.arange(units).view(-1, 1, 1)
    cell += room * units * torch.arange(images).view(1, -1, 1)
    places = torch.bincount(cell.flatten(), minlength=images * units * room)
    inside = shares.flatten(1) > 0
    weight = shares.flatten(1)[inside].to(torch.float64).expand(units, -1)
    hits = torch.bincount(cell[:, inside].flatten(), weight.flatten(), minlength=images * units * room)
    shape = (images, units, room)
    return hits.numpy().reshape(shape).astype(np.float32), places.numpy().reshape(shape).astype(np.float32)
