"""The spatial bias of one unit, as values that know where they come from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Source
from neurolupa.core.planes import SIDES
from neurolupa.units.spatial.contrasts import Axis

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Half:
    """One half of a unit's maps.

    Attributes:
        name: left, right, top or bottom.
        mean: over the images, of the half's mean.
        std: the population's, over the images.
        dominates: on how many images this half's mean is the greater.
        share: the same over N.
    """

    name: str
    mean: float
    std: float
    dominates: int
    share: float


@dataclass(frozen=True)
class Contrast:
    """The first half (left, top) of a unit's maps against the second (right, bottom).

    Attributes:
        axis: horizontal or vertical.
        first: left or top.
        second: right or bottom.
        images: N; where values are not finite, as few as there can be.
        ties: on how many the halves are equal (both 0, as a rule).
        difference: mean of the first minus mean of the second.
        difference_low, difference_high: its 95 % interval (Student's t).
        effect: z over the root of N, -1 to 1: the mean difference over its root mean square.
        z, p, p_bound: against random signs of the images' differences; see `nulls.SignFlip`.
        supported: whether `p_bound` is at most 0.05.
        ratio: mean of the first over mean of the second, 0 to infinity; NaN where a mean is below zero or
            both are zero.
        ratio_low, ratio_high: its 95 % interval (Fieller), 0 to infinity where nothing can be said.
        strength: the greater mean over the smaller, minus 1.
        code: strong_left, moderate_left, none, moderate_right, strong_right (or top, bottom); silent: both
            means are zero; negative: a mean is below zero, there is no ratio; no_halves: the maps have one
            column or row; not_finite: a half has no finite value.
    """

    axis: str
    first: Half
    second: Half
    images: int
    ties: int
    difference: float
    difference_low: float
    difference_high: float
    effect: float
    z: float
    p: float
    p_bound: float
    supported: bool
    ratio: float
    ratio_low: float
    ratio_high: float
    strength: float
    code: str

    @classmethod
    def of(cls, axis: Axis, row: Mapping[str, Any]) -> "Contrast":
        """The contrast in one row of `spatial_biases`."""
        first, second = _half(axis.first, row), _half(axis.second, row)
        names = [name for name in cls.__dataclass_fields__ if name not in ("axis", "first", "second")]
        return cls(axis.name, first, second, **{name: row[f"{axis.name}_{name}"] for name in names})


@dataclass(frozen=True)
class Border:
    """The outermost rows and columns of a unit's mean map.

    Attributes:
        ring: mean over the outermost rows and columns.
        interior: mean over the other positions.
        index: (ring - interior) / (|ring| + |interior|), -1 to 1; NaN where both are zero.
        index_low, index_high: its 95 % interval, wide enough for any dependence between positions; the
            denominator is taken as known.
        jumps: for left, right, top and bottom how far the outermost line's mean lies from the straight
            continuation of the two lines inside it, in the activation's own unit.
        side: which of them stands out most; "" where none does.
        jump: the largest, with its sign, over the root mean square of the same number for the lines inside.
        p: how rarely lines inside the maps of the site's units stand out as much among their own, times the
            four sides: 4 (1 + as much) / (1 + null_n), at most 1.
        null_high: about what `jump` must pass to have a code.
        null_n: how many lines inside, of all units of the site.
        padded: share of the positions whose receptive field reaches beyond the picture; NaN where unknown.
        code: raised, lowered where p is at most 0.025, else none; too_small: a side below five; not_finite.
    """

    ring: float
    interior: float
    index: float
    index_low: float
    index_high: float
    jumps: Mapping[str, float]
    side: str
    jump: float
    p: float
    null_high: float
    null_n: int
    padded: float
    code: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Border":
        """The border in one row of `spatial_biases`."""
        names = [name for name in cls.__dataclass_fields__ if name != "jumps"]
        jumps = {side: row[f"border_jump_{side}"] for side in SIDES}
        return cls(jumps=jumps, **{name: row[f"border_{name}"] for name in names})


@dataclass(frozen=True, eq=False)
class SpatialBias:
    """Where in the picture a unit answers, over all images of an atlas.

    Attributes:
        source: which network and images.
        site: name of the site.
        unit: its number.
        images: N.
        horizontal: left against right.
        vertical: top against bottom.
        dominant: horizontal, vertical, mixed or none by their strengths; undecided where one has none.
        p: neither axis is biased: the smaller `p_bound`, times the axes that have one.
        supported: whether `p` is at most 0.05.
        centre: (row, column) of the centre of mass of the mean map's positive part, as fractions of its
            height and width: (0.5, 0.5) is the middle. NaN where nothing is positive.
        border: whether the outermost rows and columns stand out.
        mean_map: (H, W) float32, the mean over the images.
    """

    source: Source
    site: str
    unit: int
    images: int
    horizontal: Contrast
    vertical: Contrast
    dominant: str
    p: float
    supported: bool
    centre: tuple[float, float]
    border: Border
    mean_map: NDArray[np.float32]

    def __repr__(self) -> str:
        codes = f"{self.horizontal.code}, {self.vertical.code}; {self.dominant}"
        return f"<SpatialBias {self.source.model} {self.site} unit {self.unit}: {codes}; N = {self.images}>"

    def to_frame(self) -> "pd.DataFrame":
        """One row for each axis: the halves as first and second, then the contrast."""
        import pandas as pd

        rows = [_flat(contrast) for contrast in (self.horizontal, self.vertical)]
        return pd.DataFrame([{"site": self.site, "unit": self.unit, **row} for row in rows])


def _half(name: str, row: Mapping[str, Any]) -> Half:
    return Half(name, row[name], row[f"{name}_std"], row[f"{name}_dominates"], row[f"{name}_share"])


def _flat(contrast: Contrast) -> dict[str, Any]:
    row = asdict(contrast)
    halves = {place: row.pop(place) for place in ("first", "second")}
    parts = {f"{place}_{key}": value for place, half in halves.items() for key, value in half.items()}
    return {"axis": row.pop("axis"), **parts, **row}
