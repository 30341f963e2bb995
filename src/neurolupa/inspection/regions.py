"""Where on the picture a unit fires: connected regions of its map, the most interesting first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
    found = sorted(_measured(pixels, mask, table.shape, field), key=_order)
    numbered = tuple(replace(region, number=place) for place, region in enumerate(found, start=1))
    return Regions(numbered, size, percentile, threshold)


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
    height, width = size
    x0, x1 = (min(max(x, 0), width) for x in box[::2])
    y0, y1 = (min(max(y, 0), height) for y in box[1::2])
    return x0, y0, x1, y1


def _check(table: np.ndarray, size: tuple[int, int], percentile: float) -> None:
    if table.ndim != 2 or not table.size:
        raise UsageError(f"regions are of a map (rows, columns), not of an array of shape {table.shape}")
    if not 0 <= percentile < 100:
        raise UsageError(f"percentile must be at least 0 and below 100, not {percentile:g}")
    if min(size) < 1:
        raise UsageError(f"the picture's size must be at least 1 x 1, not {size[0]} x {size[1]}")


def _above(pixels: np.ndarray, percentile: float) -> tuple[float, np.ndarray]:
    """The threshold, and which pixels are above it by more than the rounding of the upsampling."""
    threshold = float(np.percentile(pixels, percentile))
    slack = _TIE * float(np.ptp(pixels))
    mask = pixels > threshold + slack
    return threshold, mask if mask.any() else pixels >= threshold - slack


def _measured(
    pixels: np.ndarray, mask: np.ndarray, cells: tuple[int, ...], field: ReceptiveField | None
) -> Iterator[Region]:
    labels, count = ndimage.label(mask)
    for label, window in enumerate(ndimage.find_objects(labels, count), start=1):
        region = _region(pixels, labels[window] == label, window)
        row, column = (_cell(*axis) for axis in zip(region.peak_at, cells, pixels.shape, strict=True))
        box = None if field is None else clipped(field.box(row, column), (pixels.shape[0], pixels.shape[1]))
        yield replace(region, position=(row, column), field_box=box)


def _region(pixels: np.ndarray, inside: np.ndarray, window: tuple[slice, slice]) -> Region:
    """The region of the pixels `inside` a window of the upsampled map, not numbered yet."""
    rows, columns = window
    values = np.where(inside, pixels[window], -np.inf)
    row, column = divmod(int(values.argmax()), values.shape[1])
    share, mean = float(inside.sum() / pixels.size), float(pixels[window][inside].mean())
    size_class = size_class_of(share)
    strength = (mean - float(pixels.min())) / float(np.ptp(pixels))
    return Region(
        number=0,
        box=(columns.start, rows.start, columns.stop, rows.stop),
        area_share=share,
        mean=mean,
        peak=float(values.max()),
        peak_at=(rows.start + row, columns.start + column),
        position=(0, 0),
        size_class=size_class,
        interest=strength * SIZE_WEIGHTS[size_class],
    )


def _cell(pixel: int, cells: int, pixels: int) -> int:
    """In which of `cells` equal parts of an axis of `pixels` a pixel's centre lies."""
    return int((pixel + 0.5) * cells / pixels)


def _order(region: Region) -> tuple[float, float, tuple[int, int]]:
    return -region.interest, -region.peak, region.peak_at


_COLUMNS = [
    *("number", "x0", "y0", "x1", "y1", "area_share", "mean", "peak", "peak_row", "peak_column"),
    *("size_class", "interest", "field_x0", "field_y0", "field_x1", "field_y1"),
]


def _row(region: Region) -> tuple[object, ...]:
    values = (region.area_share, region.mean, region.peak, *region.peak_at)
    field = region.field_box or (None,) * 4
    return (region.number, *region.box, *values, region.size_class, region.interest, *field)
