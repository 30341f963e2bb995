"""From activations to colours: one scale in true units, and colour tables as NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.errors import UsageError, unknown
from neurolupa.figures.style import DIVERGING

PALETTES = (
    *("viridis", "cividis", "plasma", "magma", "inferno"),
    *("turbo", "hot", "YlOrRd", "coolwarm", "jet"),
)
"""In the order of a menu: the evenly stepped ones first, jet last."""

LEGACY = frozenset({"jet"})
"""Kept for comparison with old pictures: its brightness goes up and down, which draws edges of its own."""

MISSING = (255, 0, 255)
"""The colour of NaN and infinity, near no colour of any table."""

_TWO_SIDED = frozenset({"coolwarm"})
_STEPS = 256


@dataclass(frozen=True)
class Scale:
    """What the two ends of a colour table stand for, in the network's own units.

    Attributes:
        low: The first colour.
        high: The last colour; equal to `low` where nothing fired.
        signed: Whether the scale runs both ways from 0 and needs a table with a pale middle.
    """

    low: float
    high: float
    signed: bool = False

    def fractions(self, values: ArrayLike) -> np.ndarray:
        """Where values lie between the ends, cut to 0..1, float32; NaN for what is not finite.

        On a scale without extent all lie at its start, or in its middle where it is signed.

        >>> Scale(0.0, 4.0).fractions([-1.0, 1.0, 8.0]).tolist()
        [0.0, 0.25, 1.0]
        """
        table = np.asarray(values, np.float32)
        if self.high <= self.low:
            return np.where(np.isfinite(table), np.float32(0.5 * self.signed), np.float32(np.nan))
        with np.errstate(invalid="ignore", over="ignore"):
            placed = np.clip((table - np.float32(self.low)) / np.float32(self.high - self.low), 0, 1)
        return (
            placed if np.isfinite(table).all() else np.where(np.isfinite(table), placed, np.float32(np.nan))
        )

    def strengths(self, values: ArrayLike) -> np.ndarray:
        """How far values lie from the scale's start, or from 0 where it is signed, as shares 0..1.

        >>> Scale(0.0, 4.0).strengths([-1, 1]).tolist(), Scale(-2.0, 2.0, True).strengths([-1, 2]).tolist()
        ([0.0, 0.25], [0.5, 1.0])
        """
        placed = self.fractions(values)
        return np.abs(2 * placed - 1) if self.signed else placed


def scale_of(values: ArrayLike, signed: bool | None = None) -> Scale:
    """The scale on which all the values stand: from 0 to the highest, or as far either way from 0.

    Give it all maps that are to be compared; one map alone gives it a scale of its own. Where no magnitude is
    above 1e-6 the scale has no extent, so that the noise of a dead map stays flat.

    Args:
        values: Of any shape; what is not finite is passed over.
        signed: Whether to run both ways from 0; by itself where a value is below -1e-6.

    >>> scale_of([[0.0, 3.0], [1.0, np.nan]]), scale_of([-2.0, 1.0])
    (Scale(low=0.0, high=3.0, signed=False), Scale(low=-2.0, high=2.0, signed=True))
    >>> scale_of([0.0, 1e-9])
    Scale(low=0.0, high=0.0, signed=False)
    """
    table = np.asarray(values)
    finite = table[np.isfinite(table)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    both = low < -DEAD_THRESHOLD if signed is None else signed
    limit = max(high, -low) if both else high
    if limit <= DEAD_THRESHOLD:
        return Scale(0.0, 0.0, both)
    return Scale(-limit if both else 0.0, limit, both)


def colour(values: ArrayLike, scale: Scale, palette: str = "viridis") -> np.ndarray:
    """The colours of a map (h, w), uint8 (h, w, 3); NaN and infinity in `MISSING`.

    Raises:
        UsageError: An unknown palette.

    >>> colour([[0.0, np.nan]], Scale(0.0, 1.0)).tolist()
    [[[68, 1, 84], [255, 0, 255]]]
    """
    return _cells(values, scale, palette).view(np.uint8).reshape(*np.shape(values), 4)[..., :3]


def coloured(values: ArrayLike, scale: Scale, palette: str = "viridis") -> Image.Image:
    """The same as an RGB picture, w by h.

    >>> coloured([[0.0, 1.0]], Scale(0.0, 1.0)).size
    (2, 1)
    """
    cells = _cells(values, scale, palette)
    return Image.frombytes("RGB", cells.shape[::-1], cells.tobytes(), "raw", "RGBX")


def _cells(values: ArrayLike, scale: Scale, palette: str) -> np.ndarray:
    """The colour of each value, its four bytes (the last unused) as one number: a single look-up is quick."""
    table, fractions = _table(used(scale, palette)), scale.fractions(values)
    finite = ~np.isnan(fractions)
    places = np.where(finite, fractions, 0) if not finite.all() else fractions
    cells = table.take((places * np.float32(_STEPS - 1) + np.float32(0.5)).astype(np.intp))
    return cells if finite.all() else np.where(finite, cells, table[_STEPS])


def used(scale: Scale, palette: str) -> str:
    """The palette that a scale is drawn in: a signed one always in one that is pale at 0.

    Raises:
        UsageError: An unknown palette.

    >>> used(Scale(0, 1), "magma"), used(Scale(-1, 1, True), "magma"), used(Scale(-1, 1, True), "coolwarm")
    ('magma', 'PuOr_r', 'coolwarm')
    """
    if palette not in PALETTES:
        raise unknown("palette", palette, PALETTES)
    return palette if not scale.signed or palette in _TWO_SIDED else DIVERGING


def checked_opacity(opacity: float) -> float:
    """The opacity itself; UsageError where it is no share from 0 to 1.

    >>> checked_opacity(0.5)
    0.5
    """
    if not 0 <= opacity <= 1:
        raise UsageError(f"opacity is a share from 0 to 1, not {opacity!r}")
    return float(opacity)


@cache
def _table(name: str) -> np.ndarray:
    """(257,) uint32: 256 colours and `MISSING`, each the bytes red, green, blue and 0."""
    table = np.zeros((_STEPS + 1, 4), np.uint8)
    table[:_STEPS, :3] = np.round(255 * mpl.colormaps[name](np.linspace(0, 1, _STEPS))[:, :3])
    table[_STEPS, :3] = MISSING
    cells = table.view(np.uint32).ravel()
    cells.flags.writeable = False
    return cells
