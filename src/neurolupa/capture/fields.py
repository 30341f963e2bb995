"""Receptive fields: which pixels of the input a position of a site can see, by arithmetic alone.

One axis is a `Reach`: position i sees the pixels from start + i * step on, `size` of them. Where an
operation has no such regular window (resampling, adaptive pooling), the narrowest regular window that covers
it is taken, so that a field is never too small.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

Interval = tuple[float, float]


@dataclass(frozen=True)
class Reach:
    """What one axis sees of the input: position i the pixels [start + i * step, start + i * step + size)."""

    start: float = 0
    size: float = 1
    step: float = 1

    def window(self, first: int, length: int, step: int) -> "Reach":
        """The reach behind a window over `length` positions that begins at `first` and moves by `step`.

        >>> Reach().window(-1, 3, 2).window(-1, 3, 2)
        Reach(start=-3, size=7, step=4)
        """
        return Reach(self.start + first * self.step, (length - 1) * self.step + self.size, self.step * step)

    def collapse(self, extent: int) -> "Reach":
        """The reach of something that sees all `extent` positions at once.

        >>> Reach(-1, 3, 2).collapse(4)
        Reach(start=-1, size=9, step=0)
        """
        return Reach(self.start, max(extent - 1, 0) * self.step + self.size, 0)

    def resample(self, intervals: Iterable[tuple[int, int]]) -> "Reach":
        """The reach after an operation whose position i reads the positions `intervals[i]` (end excluded)."""
        return cover(
            [
                (self.start + low * self.step, self.start + (high - 1) * self.step + self.size)
                for low, high in intervals
            ]
        )

    def intervals(self, extent: int) -> list[Interval]:
        """The pixels that each of `extent` positions sees, as (low, high), high excluded."""
        return [(self.start + i * self.step, self.start + i * self.step + self.size) for i in range(extent)]


def cover(intervals: Sequence[Interval]) -> Reach:
    """The narrowest regular reach that holds every interval, its step taken from the first and the last.

    >>> cover([(0, 2), (2, 4), (4, 6)])
    Reach(start=0.0, size=2.0, step=2.0)
    >>> cover([(0, 2), (1, 4), (4, 6)])
    Reach(start=-1.0, size=3.0, step=2.0)
    """
    count = len(intervals)
    step = (intervals[-1][0] - intervals[0][0]) / (count - 1) if count > 1 else 0.0
    start = min(low - step * i for i, (low, _) in enumerate(intervals))
    stop = max(high - step * i for i, (_, high) in enumerate(intervals))
    return Reach(start, stop - start, step)


def merge(reaches: Sequence[Reach], extent: int) -> Reach:
    """The reach of a position that sees what the same position of every part sees.

    >>> merge([Reach(0, 1, 1), Reach(-1, 3, 1)], 5)
    Reach(start=-1, size=3, step=1)
    """
    if len({reach.step for reach in reaches}) == 1:
        start = min(reach.start for reach in reaches)
        return Reach(start, max(reach.start + reach.size for reach in reaches) - start, reaches[0].step)
    columns = zip(*(reach.intervals(extent) for reach in reaches), strict=True)
    return cover([(min(low for low, _ in column), max(high for _, high in column)) for column in columns])


def adaptive_windows(extent: int, bins: int) -> list[tuple[int, int]]:
    """The positions that each bin of an adaptive pooling reads.

    >>> adaptive_windows(5, 2)
    [(0, 3), (2, 5)]
    """
    return [(i * extent // bins, -(-(i + 1) * extent // bins)) for i in range(bins)]


def resize_windows(extent: int, size: int, mode: str, align_corners: bool) -> list[tuple[int, int]]:
    """The positions that each output position of an interpolation reads, a superset where rounding decides.

    >>> resize_windows(2, 4, "nearest", False)
    [(0, 1), (0, 1), (1, 2), (1, 2)]
    >>> resize_windows(2, 4, "bilinear", False)
    [(0, 1), (0, 2), (0, 2), (1, 2)]
    """
    if mode == "area":
        return adaptive_windows(extent, size)
    slack = 0 if size % extent == 0 or extent % size == 0 else 1
    taps = [_taps(i, extent, size, mode, align_corners) for i in range(size)]
    return [(min(max(low - slack, 0), extent - 1), max(min(high + slack, extent), 1)) for low, high in taps]


def _taps(i: int, extent: int, size: int, mode: str, align_corners: bool) -> tuple[int, int]:
    if mode == "nearest":
        return i * extent // size, i * extent // size + 1
    centre = (i + 0.5) * extent / size
    if mode == "nearest-exact":
        return floor(centre), floor(centre) + 1
    centre = i * (extent - 1) / max(size - 1, 1) if align_corners else centre - 0.5
    spread = 1 if mode == "bicubic" else 0
    return floor(centre) - spread, floor(centre) + 2 + spread


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels of the network's input that a position of a site sees; each value is (vertical, horizontal).

    `size` is the extent in pixels, `stride` how far the field moves from one position to the next (0 where
    every position sees the same), `start` the coordinate of the first pixel that position 0 sees, negative
    where the field begins in the padding.
    """

    size: tuple[float, float]
    stride: tuple[float, float]
    start: tuple[float, float]

    @classmethod
    def of(cls, rows: Reach, columns: Reach) -> "ReceptiveField":
        """The field whose axes are the two reaches.

        >>> ReceptiveField.of(Reach(-3, 7, 2), Reach(-3.0, 7.0, 2.0))
        ReceptiveField(size=(7, 7), stride=(2, 2), start=(-3, -3))
        """
        pair = (rows, columns)
        return cls(
            size=(_plain(pair[0].size), _plain(pair[1].size)),
            stride=(_plain(pair[0].step), _plain(pair[1].step)),
            start=(_plain(pair[0].start), _plain(pair[1].start)),
        )

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """The pixels (x0, y0, x1, y1) that position (row, column) sees; ends excluded, not clipped.

        >>> ReceptiveField(size=(7, 7), stride=(2, 2), start=(-3, -3)).box(1, 2)
        (1, -1, 8, 6)
        """
        top = self.start[0] + row * self.stride[0]
        left = self.start[1] + column * self.stride[1]
        low_x, low_y = floor(left + _SLACK), floor(top + _SLACK)
        return low_x, low_y, ceil(left + self.size[1] - _SLACK), ceil(top + self.size[0] - _SLACK)

    def boxes(self, positions: np.ndarray) -> np.ndarray:
        """`box` of many positions (N, 2) at once, (N, 4).

        >>> ReceptiveField(size=(7, 7), stride=(2, 2), start=(-3, -3)).boxes(np.array([[1, 2]])).tolist()
        [[1, -1, 8, 6]]
        """
        corner = np.array(self.start) + positions * self.stride
        far = np.ceil(corner + self.size - _SLACK)
        return np.hstack([np.floor(corner + _SLACK)[:, ::-1], far[:, ::-1]]).astype(int)


_SLACK = 1e-6  # thirds and their like are not exact: without it a field would grow by a pixel


def _plain(value: float) -> float:
    return int(value) if value == int(value) else float(value)
