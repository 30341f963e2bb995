"""How a site's values are laid out for measuring: maps, their halves, and the bins that count them."""

from functools import cache

import numpy as np
from jaxtyping import Float64, Shaped, UInt16, UInt32
from numpy import ndarray
from torch import Tensor

from neurolupa.core.sketch import COARSE, coarse_order

FINE_PATTERNS = 1 << 17
"""How many patterns the top 17 bits of a float32 have."""

COARSE_ROOM = COARSE.size + 1
"""The coarse bins and a last one for what is not finite."""

SIDES = ("left", "right", "top", "bottom")
"""The halves of a map, in the order in which they are stored."""


def as_planes(value: Shaped[Tensor, "B ..."], channel_axis: int) -> Shaped[Tensor, "B C H W"]:
    """A site's value as (B, C, H, W): the units second; a row of tokens has height 1, a vector 1 x 1.

    Args:
        value: (B, ...) with the units along `channel_axis`.
        channel_axis: counted with the batch, so at least one.

    >>> import torch
    >>> as_planes(torch.zeros(2, 7, 5, 3), channel_axis=3).shape
    torch.Size([2, 3, 7, 5])
    >>> as_planes(torch.zeros(2, 10), channel_axis=1).shape
    torch.Size([2, 10, 1, 1])
    >>> as_planes(torch.zeros(2, 50, 192), channel_axis=2).shape
    torch.Size([2, 192, 1, 50])
    """
    moved = value.movedim(channel_axis, 1)
    while moved.ndim < 4:
        moved = moved.unsqueeze(2)
    return moved if moved.ndim == 4 else moved.flatten(2, -2)


def half_masks(height: int, width: int) -> Float64[ndarray, "4 L"]:
    """(4, H x W): one in the left, right, upper and lower half, zero elsewhere.

    >>> half_masks(1, 3)
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 0.],
           [0., 0., 0.]])
    """
    masks = np.zeros((4, height, width))
    masks[0, :, : width // 2] = masks[1, :, width - width // 2 :] = 1
    masks[2, : height // 2] = masks[3, height - height // 2 :] = 1
    return masks.reshape(4, -1)


@cache
def lattice(height: int, width: int, thinning: int) -> UInt32[ndarray, "P"]:
    """The flat positions (row x width + column) that are counted: all, or one in `thinning`.

    The columns of row r are those that equal 3 r modulo `thinning`. For 5 these are knight's moves: every row
    and every column of a large map holds the same share, so that borders, where padding shows, weigh no more
    than they should (every second row and column would count both borders of an odd side).

    >>> lattice(5, 5, 5)
    array([ 0,  8, 11, 19, 22], dtype=uint32)
    """
    rows, columns = np.divmod(np.arange(height * width), width)
    return np.flatnonzero((columns - 3 * rows) % thinning == 0).astype(np.uint32)


@cache
def room_order() -> UInt16[ndarray, "131072"]:
    """(2^17,): the coarse bin of every pattern of the top 17 bits; the last one for NaN and infinity."""
    exponent = (np.arange(FINE_PATTERNS) >> 8) & 0xFF
    return np.where(exponent == 0xFF, COARSE.size, coarse_order()).astype(np.uint16)
