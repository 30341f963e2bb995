"""From the pixels of a picture to the positions of a map: the mean over the area that each stands for."""

from dataclasses import dataclass

import numpy as np

from neurolupa.capture import ReceptiveField, Site
from neurolupa.units.appearance.codes import Floats

_UNEVEN = 2.0
"""Strides further than this factor from an even split are not those of a grid over the picture."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a map over a picture.

    Attributes:
        rows: (h, H), the weight of each row of pixels in each row of the map; every row sums to 1.
        columns: (w, W), likewise.
        by_field: whether the cells lie around the centres of the receptive fields; else the picture is cut
            into equal parts.
    """

    rows: Floats
    columns: Floats
    by_field: bool

    @classmethod
    def of(cls, site: Site, size: tuple[int, int]) -> "Grid":
        """The cells of a site's positions over the (H, W) pixels of the network's input.

        A position stands for one stride of pixels around the centre of its receptive field, cut off at the
        picture's border. Where the field is not known, or its strides are not those of a grid over the
        picture (a gate sees everything from everywhere), the picture is cut into equal parts.

        >>> Grid.of(Site("pool", shape=(1, 2, 2)), (4, 4)).rows.tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
        """
        shape, field = (site.height, site.width), site.receptive_field
        spans = [_span(field, axis, shape[axis], size[axis]) for axis in (0, 1)]
        by_field = all(span is not None for span in spans)
        parts = [
            _weights(*(span if by_field and span else (0.0, extent / count)), count, extent)
            for span, count, extent in zip(spans, shape, size, strict=True)
        ]
        return cls(parts[0], parts[1], by_field)

    def means(self, maps: Floats) -> Floats:
        """The means (F, h, w) of maps (F, H, W) over the cells.

        >>> grid = Grid.of(Site("pool", shape=(1, 1, 2)), (2, 4))
        >>> grid.means(np.array([[[0.0, 2.0, 4.0, 4.0], [0.0, 2.0, 4.0, 8.0]]])).tolist()
        [[[1.0, 5.0]]]
        """
        return self.rows @ maps @ self.columns.T


def _span(field: ReceptiveField | None, axis: int, count: int, extent: int) -> tuple[float, float] | None:
    """Where the first cell begins, and how far apart cells are; None where no grid is known."""
    if field is None:
        return None
    step = float(field.stride[axis])
    centre = field.start[axis] + field.size[axis] / 2
    even = extent / count
    fits = even / _UNEVEN <= step <= even * _UNEVEN and -step <= centre <= extent
    return (centre - step / 2, step) if fits else None


def _weights(start: float, step: float, count: int, extent: int) -> Floats:
    """(count, extent): the share of each pixel in each cell, cells cut off at the border, never empty."""
    edges = start + step * np.arange(count + 1)
    low = np.clip(edges[:-1], 0, extent - 1)[:, None]
    high = np.clip(edges[1:], 1, extent)[:, None]
    pixels = np.arange(extent)
    shared = np.clip(np.minimum(high, pixels + 1) - np.maximum(low, pixels), 0, None)
    return shared / shared.sum(1, keepdims=True)
