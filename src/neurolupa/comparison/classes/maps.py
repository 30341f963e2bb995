"""Mean maps of classes, where two of them differ, and the sums that they come from."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.codes import LEVEL, Floats
from neurolupa.errors import unknown


@dataclass(frozen=True, eq=False)
class MapDifference:
    """The mean map of one class less that of another, for one unit.

    Attributes:
        unit: its number.
        first: the class whose map is taken.
        second: the class whose map is taken from it.
        images: N, pictures of either.
        difference: (H, W).
        error: (H, W) its standard error, Welch's.
        clear: (H, W) whether the difference is more than chance at this position: Welch's p is at most 0.05
            over the number of positions (Bonferroni).
    """

    unit: int
    first: str
    second: str
    images: tuple[int, int]
    difference: Floats = field(repr=False)
    error: Floats = field(repr=False)
    clear: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """The mean maps of some units over the pictures of each of K classes.

    Attributes:
        classes: their names.
        units: U numbers.
        images: (K, U) N, pictures with finite values throughout the unit's map.
        skipped: pictures of these classes that could not be read.
        mean: (K, U, H, W); NaN without pictures.
        std: (K, U, H, W) over the pictures at each position, with n - 1 below; NaN below two.
    """

    classes: tuple[str, ...]
    units: tuple[int, ...]
    images: NDArray[np.int64]
    skipped: int
    mean: Floats = field(repr=False)
    std: Floats = field(repr=False)

    def of(self, unit: int) -> Floats:
        """(K, H, W) mean maps of a unit; UsageError for one without."""
        return self.mean[:, self._row(unit)]

    def difference(self, unit: int, first: str, second: str) -> MapDifference:
        """Where the maps of two classes differ; UsageError for a unit or class without maps."""
        from scipy.special import stdtr

        row, places = self._row(unit), [self._place(name) for name in (first, second)]
        counts = [int(self.images[place, row]) for place in places]
        mean = self.mean[places[0], row] - self.mean[places[1], row]
        shares = [
            self.std[place, row] ** 2 / count if count > 1 else np.full_like(mean, np.nan)
            for place, count in zip(places, counts, strict=True)
        ]
        error = np.sqrt(sum(shares))
        with np.errstate(divide="ignore", invalid="ignore"):
            free = sum(part**2 / (count - 1) for part, count in zip(shares, counts, strict=True))
            p = 2 * stdtr(error**4 / free, -np.abs(mean / error))
        return MapDifference(unit, first, second, (counts[0], counts[1]), mean, error, p <= LEVEL / mean.size)

    def _row(self, unit: int) -> int:
        if unit not in self.units:
            raise unknown("unit with maps", str(unit), map(str, self.units))
        return self.units.index(unit)

    def _place(self, name: str) -> int:
        if name not in self.classes:
            raise unknown("class", name, self.classes)
        return self.classes.index(name)


@dataclass(frozen=True, eq=False)
class MapSums:
    """Sums over the pictures so far: the memory that a pass takes, however many pictures there are.

    Attributes:
        images: (K, U).
        total: (K, U, H, W) of the values.
        squares: (K, U, H, W) of their squares.
    """

    images: NDArray[np.int64]
    total: Floats
    squares: Floats

    @classmethod
    def empty(cls, classes: int, units: int, shape: tuple[int, int]) -> "MapSums":
        """Before the first picture."""
        sums = np.zeros((2, classes, units, *shape))
        return cls(np.zeros((classes, units), np.int64), *sums)

    def update(self, maps: NDArray[np.float32], labels: NDArray[np.int64]) -> "MapSums":
        """With a block (B, U, H, W) of pictures of classes `labels` (B,); maps not finite are left out."""
        finite = np.asarray(np.isfinite(maps).all((2, 3)))
        values = np.where(finite[:, :, None, None], maps, 0.0).astype(np.float64)
        belongs = np.equal.outer(np.arange(len(self.images)), labels).astype(np.float64)
        return MapSums(
            self.images + (belongs @ finite).astype(np.int64),
            self.total + np.tensordot(belongs, values, 1),
            self.squares + np.tensordot(belongs, values**2, 1),
        )

    def merge(self, other: "MapSums") -> "MapSums":
        """Of both."""
        return MapSums(self.images + other.images, self.total + other.total, self.squares + other.squares)

    def compute(self) -> tuple[Floats, Floats]:
        """Means and standard deviations (K, U, H, W)."""
        count = self.images[:, :, None, None].astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = self.total / count
            variance = np.maximum(self.squares - count * mean**2, 0.0) / (count - 1)
            return mean, np.where(count > 1, np.sqrt(variance), np.nan)
