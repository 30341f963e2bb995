"""The smallest windows of an image on which a network gives the same value at chosen positions of a site.

Layers with strides sample the image on a grid. A window whose corner lies on that grid keeps every
layer's samples where they were; if the window also holds all that a position sees, or ends where the image
ends, the padding at its other edges is never seen, and the value and its gradient are those of the whole
image.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lcm

from neurolupa.capture.site import Site


@dataclass(frozen=True)
class Crop:
    """A window of the image, and where a position of the site lies in the map that the window gives."""

    top: int
    left: int
    height: int
    width: int
    row: int
    column: int

    @property
    def area(self) -> int:
        """Pixels."""
        return self.height * self.width


@dataclass(frozen=True)
class _Axis:
    """Along one axis: where position 0's field starts, its size and step, the grid, the image's extent."""

    start: int
    size: int
    step: int
    grid: int
    extent: int

    def length(self, positions: Iterable[int]) -> int:
        """Of a window on the grid for any of the positions; where one reaches the end, so can the window."""
        least = self.size + self.grid - 1
        if all(self._corner(position) + least < self.extent for position in positions):
            return least
        return min(least + (self.extent - least) % self.grid, self.extent)

    def window(self, position: int, length: int) -> tuple[int, int]:
        """The first pixel of a window of this length, and the position's place in it."""
        first = min(self._corner(position), self.extent - length)
        return first, position - first // self.step

    def _corner(self, position: int) -> int:
        """The last point of the grid before the position's field."""
        return max(self.start + position * self.step, 0) // self.grid * self.grid


def crops_of(
    sites: Sequence[Site], site: Site, positions: Sequence[tuple[int, int]], extent: tuple[int, int]
) -> tuple[Crop, ...] | None:
    """One window for each position (row, column) of a site, all of one size; None where there can be none.

    Args:
        sites: Every site of the network: the strides on the way to `site` make the grid.
        site: Where the positions are.
        positions: Rows and columns.
        extent: Height and width of the image.

    >>> from neurolupa.capture.fields import ReceptiveField
    >>> conv = Site("conv", shape=(4, 8, 8), receptive_field=ReceptiveField((3, 3), (2, 2), (-1, -1)))
    >>> crops_of([conv], conv, [(4, 7)], (16, 16))
    (Crop(top=6, left=12, height=4, width=4, row=1, column=1),)
    """
    axes = [_axis(sites, site, which, extent[which]) for which in (0, 1)]
    rows, columns = axes
    if rows is None or columns is None:
        return None
    height = rows.length(row for row, _ in positions)
    width = columns.length(column for _, column in positions)
    found = []
    for row, column in positions:
        (top, inner_row), (left, inner_column) = rows.window(row, height), columns.window(column, width)
        found.append(Crop(top, left, height, width, inner_row, inner_column))
    return tuple(found)


def _axis(sites: Sequence[Site], site: Site, which: int, extent: int) -> _Axis | None:
    """One axis of the fields; None unless they are known and move by whole pixels."""
    field = site.receptive_field
    if field is None or len(site.shape) != 3:
        return None
    start, size, step = field.start[which], field.size[which], field.stride[which]
    if not all(isinstance(value, int) for value in (start, size, step)) or step < 1:
        return None
    fields = [one.receptive_field for one in sites if one.order <= site.order]
    steps = [one.stride[which] for one in fields if one is not None]
    grid = lcm(*(value for value in steps if isinstance(value, int) and value > 0))
    return _Axis(int(start), int(size), int(step), grid, extent)
