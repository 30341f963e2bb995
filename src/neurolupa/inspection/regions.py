"""Where on the picture a unit fires: connected regions of its map, the most interesting first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, overload

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy import ndimage
from torch.nn.functional import interpolate

from neurolupa.capture import ReceptiveField
from neurolupa.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

Box = tuple[int, int, int, int]

SIZE_WEIGHTS = {"small": 1.0, "medium": 0.9, "large": 0.6, "background": 0.3}
"""How much a region's size counts: a specific spot more than half the picture."""

SILENT_AT_MOST = 1e-6
_FLAT = 1e-6
"""Of the largest magnitude: what a map must vary by to have any shape but that of rounding."""

_TIE = 1e-9


@dataclass(frozen=True)
class Region:
    """One connected region of a unit's map on the picture that the network saw.

    Attributes:
        number: The place in the order of interest, from 1.
        box: (x0, y0, x1, y1) in pixels of the seen picture, ends excluded.
        area_share: Its pixels over all pixels, 0 to 1.
        mean: Mean activation over its pixels.
        peak: Highest activation among its pixels, as upsampled.
        peak_at: (row, column) of that pixel in the seen picture, the first of equal ones.
        position: (row, column) of the map's cell in which that pixel lies.
        size_class: small (below 5 % of the picture), medium (5 to 15), large (15 to 30) or background.
        interest: 0 to 1: mean activation, as a share of the way from the lowest value of the upsampled map
            to the highest, times the size's weight.
        field_box: What `position` sees of the picture, clipped to it; None where that is not known.
    """

    number: int
    box: Box
    area_share: float
    mean: float
    peak: float
    peak_at: tuple[int, int]
    position: tuple[int, int]
    size_class: str
    interest: float
    field_box: Box | None = None


@dataclass(frozen=True)
class Regions(Sequence[Region]):
    """The regions of one map, by falling interest.

    `threshold` is the activation above which a pixel counts, NaN where there are no regions. `code` says why
    there are none: not_finite, dead (never above 1e-6), one_value (no rows and columns) or constant.
    """

    found: tuple[Region, ...]
    size: tuple[int, int]
    percentile: float
    threshold: float = float("nan")
    code: str | None = None

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Region]:
        return iter(self.found)

    @overload
    def __getitem__(self, index: int) -> Region: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Region, ...]: ...
    def __getitem__(self, index: int | slice) -> Region | tuple[Region, ...]:
        return self.found[index]

    def to_frame(self) -> "pd.DataFrame":
        """One row for each region: number, x0, y0, x1, y1, area_share, mean, peak, peak_row, peak_column,
        size_class, interest, and what the peak sees, field_x0 to field_y1.
        """
        import pandas as pd

        return pd.DataFrame([_row(region) for region in self], columns=_COLUMNS)


def find_regions(
    values: ArrayLike,
    size: tuple[int, int],
    percentile: float = 85.0,
    field: ReceptiveField | None = None,
) -> Regions:
    """The connected regions above a percentile of a unit's map, upsampled bilinearly to the picture's size.

    Pixels belong together where they share an edge. Where so much of the map lies at its maximum that the
    percentile is the maximum, the pixels at the maximum count.

    Args:
        values: The map (h, w).
        size: (H, W) of the picture that the network saw.
        percentile: 0 to below 100, of the upsampled map's pixels.
        field: Of the site; then each region has the box that its peak sees.

    Raises:
        UsageError: A percentile outside [0, 100), an empty picture, or a map that is not (h, w).

    >>> spot = np.zeros((4, 4))
    >>> spot[1, 2] = 2.0
    >>> (region,) = find_regions(spot, (4, 4), percentile=90)
    >>> region.box, region.area_share, region.size_class, region.interest
    ((2, 1, 3, 2), 0.0625, 'medium', 0.9)
    >>> find_regions(np.zeros((4, 4)), (8, 8)).code
    'dead'
    """
    table = np.asarray(values, np.float64)
    _check(table, size, percentile)
    code = silence_of(table)
    if code is not None:
        return Regions((), size, percentile, code=code)
    pixels = upsampled(table, size)
    threshold, mask = _above(pixels, percentile)
    measured = _measured(pixels, mask)
    return Regions(tuple(_numbered(measured, table.shape, size, field)), size, percentile, threshold)


def upsampled(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map (h, w) stretched bilinearly to (H, W), the outer half cells held constant; float64.

    >>> upsampled(np.array([[0.0, 4.0]]), (1, 4)).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    tensor = torch.from_numpy(np.ascontiguousarray(values, np.float64))[None, None]
    return interpolate(tensor, size=size, mode="bilinear", align_corners=False)[0, 0].numpy()


def silence_of(values: np.ndarray) -> str | None:
    """Why a map (h, w) has no regions or peaks (the codes of `Regions`), None where it has.

    >>> silence_of(np.array([[1.0, 2.0]])), silence_of(np.array([[3.0, 3.0]])), silence_of(np.array([[7.0]]))
    (None, 'constant', 'one_value')
    """
    if not np.isfinite(values).all():
        return "not_finite"
    if values.max() <= SILENT_AT_MOST:
        return "dead"
    if values.size == 1:
        return "one_value"
    return "constant" if np.ptp(values) <= _FLAT * np.abs(values).max() else None


def size_class_of(area_share: float) -> str:
    """The class of a region's share of the picture.

    >>> [size_class_of(share) for share in (0.049, 0.05, 0.15, 0.3, 0.31)]
    ['small', 'medium', 'large', 'large', 'background']
    """
    if area_share < 0.05:
        return "small"
    if area_share < 0.15:
        return "medium"
    return "large" if area_share <= 0.30 else "background"


def clipped(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box (x0, y0, x1, y1) inside a picture of (H, W); empty at the edge where none is.

    >>> clipped((-3, 2, 5, 90), (8, 4))
    (0, 2, 4, 8)
    """
    (x0, y0, x1, y1), (height, width) = box, size
    return (
        min(max(x0, 0), width),
        min(max(y0, 0), height),
        min(max(x1, 0), width),
        min(max(y1, 0), height),
    )


def _check(table: np.ndarray, size: tuple[int, int], percentile: float) -> None:
    if table.ndim != 2 or not table.size:
        raise UsageError(f"regions are of a map (rows, columns), not of an array of shape {table.shape}")
    if not 0 <= percentile < 100:
        raise UsageError(f"percentile must be at least 0 and below 100, not {percentile:g}")
    if min(size) < 1:
        raise UsageError(f"the picture's size must be at least 1 x 1, not {size[0]} x {size[1]}")


def _above(pixels: np.ndarray, percentile: float) -> tuple[float, np.ndarray]:
    """The threshold, and which pixels are above it by more than the rounding of the upsampling."""
    threshold = percentile_of(pixels, percentile)
    slack = _TIE * float(np.ptp(pixels))
    mask = pixels > threshold + slack
    return threshold, mask if mask.any() else pixels >= threshold - slack


def percentile_of(values: np.ndarray, percentile: float) -> float:
    """What `numpy.percentile` gives, 0 to below 100, four times as fast: one place is put in order, not four.

    >>> percentile_of(np.array([3.0, 0.0, 1.0]), 75)
    2.0
    """
    place, share = divmod((values.size - 1) * (percentile / 100), 1)
    below = int(place)
    parted = np.partition(values, below, axis=None)
    low = float(parted[below])
    high = float(parted[below + 1 :].min()) if below + 1 < values.size else low
    return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)


@dataclass(frozen=True)
class _Measured:
    """The regions of a mask, in the order of their labels; arrays (K,), and (K, 2) or (K, 4) of places."""

    boxes: np.ndarray
    shares: np.ndarray
    means: np.ndarray
    peaks: np.ndarray
    peaks_at: np.ndarray
    interest: np.ndarray


def _measured(pixels: np.ndarray, mask: np.ndarray) -> _Measured:
    labels, count = ndimage.label(mask)
    places = np.flatnonzero(mask)
    owner, values = labels.ravel()[places] - 1, pixels.ravel()[places]
    members = np.bincount(owner, minlength=count)
    means = np.bincount(owner, values, count) / members
    shares = members / pixels.size
    weights = np.array([SIZE_WEIGHTS[size_class_of(share)] for share in shares.tolist()])
    grouped, starts = np.argsort(owner, kind="stable"), np.cumsum(members) - members
    peaks = np.maximum.reduceat(values[grouped], starts)
    return _Measured(
        boxes=_boxes(places[grouped], starts, pixels.shape[1]),
        shares=shares,
        means=means,
        peaks=peaks,
        peaks_at=np.stack(np.divmod(_first(places, owner, values == peaks[owner]), pixels.shape[1]), axis=1),
        interest=(means - pixels.min()) / np.ptp(pixels) * weights,
    )


def _boxes(places: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """(K, 4) boxes x0, y0, x1, y1 of places in one region after another, each from its start."""
    axes = np.stack(np.divmod(places, width)[::-1])
    low, high = (reduce.reduceat(axes, starts, axis=1) for reduce in (np.minimum, np.maximum))
    return np.concatenate([low, high + 1]).T


def _first(places: np.ndarray, owner: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(K,) the first of the chosen places of each owner, in reading order."""
    _, first = np.unique(owner[chosen], return_index=True)
    return places[chosen][first]


def _numbered(
    measured: _Measured, cells: tuple[int, ...], size: tuple[int, int], field: ReceptiveField | None
) -> Iterator[Region]:
    """The regions by falling interest; equals by falling peak, then in reading order of the peak."""
    rows, columns = measured.peaks_at.T
    order = np.lexsort((columns, rows, -measured.peaks, -measured.interest))
    positions = ((measured.peaks_at + 0.5) * cells / size).astype(int)
    numbers = (measured.shares, measured.means, measured.peaks, measured.interest)
    places = (measured.boxes, measured.peaks_at, positions)
    told = zip(*(part[order].tolist() for part in (*numbers, *places)), strict=True)
    seen = repeat(None) if field is None else map(tuple, _fields(field, positions[order], size).tolist())
    for number, ((share, mean, peak, interest, box, at, position), sees) in enumerate(
        zip(told, seen, strict=False), start=1
    ):
        yield Region(
            number=number,
            box=tuple(box),
            area_share=share,
            mean=mean,
            peak=peak,
            peak_at=tuple(at),
            position=tuple(position),
            size_class=size_class_of(share),
            interest=interest,
            field_box=sees,
        )


def _fields(field: ReceptiveField, positions: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(K, 4) what positions (K, 2) see of the picture; see `clipped`."""
    height, width = size
    return np.clip(field.boxes(positions), 0, [width, height, width, height])


_COLUMNS = [
    *("number", "x0", "y0", "x1", "y1", "area_share", "mean", "peak", "peak_row", "peak_column"),
    *("size_class", "interest", "field_x0", "field_y0", "field_x1", "field_y1"),
]


def _row(region: Region) -> tuple[object, ...]:
    values = (region.area_share, region.mean, region.peak, *region.peak_at)
    field = region.field_box or (None,) * 4
    return (region.number, *region.box, *values, region.size_class, region.interest, *field)
