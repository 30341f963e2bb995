"""`rank_units`: the units of a site by what they do on one picture, and where one of them stands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.arrays import unit_index
from neurolupa.errors import unknown
from neurolupa.units.activity.codes import ABOVE, TOP
from neurolupa.units.activity.sampled import SampledImage, find_sampled

MEASURES = ("mean", "max")

_ROWS = 256


@dataclass(frozen=True)
class Mark:
    """Where one unit stands on a picture, and where it usually does.

    Attributes:
        unit: its number.
        value: on the picture.
        rank: from 1, the highest value first; equal values go to the lower unit number.
        in_top: whether it is among the first 50.
        usual: median of its ranks over the sampled pictures.
        usual_low, usual_high: between which 95 % of these ranks lie.
        usual_top: the share of the sampled pictures on which it is among the first 50.
    """

    unit: int
    value: float
    rank: int
    in_top: bool
    usual: float
    usual_low: float
    usual_high: float
    usual_top: float


@dataclass(frozen=True, eq=False)
class UnitRanks:
    """The units of a site on one picture of the set, the strongest first.

    Attributes:
        source: which network and images.
        site: name of the site.
        image: the picture.
        by: mean (over the map) or max.
        values: (C,) float32, by unit.
        order: (C,) units, the strongest first; equal values by unit number, NaN last.
        mark: the unit that was asked for, None where none was.
        above: how many units exceed 1.0.
        sampled: N of the sampled pictures, of which the picture is one.
    """

    source: Source
    site: str
    image: SampledImage
    by: str
    values: NDArray[np.float32]
    order: NDArray[np.int64]
    mark: Mark | None
    above: int
    sampled: int

    @property
    def units(self) -> int:
        """How many units the site has."""
        return len(self.values)

    def strongest(self, count: int = 10) -> tuple[tuple[int, float], ...]:
        """The strongest units with their values."""
        return tuple((int(unit), float(self.values[unit])) for unit in self.order[:count])

    def rank_of(self, unit: int) -> int:
        """The rank of a unit, from 1; UsageError for one that is not there."""
        number = unit_index(self.site, unit, self.units)
        return int(np.flatnonzero(self.order == number)[0]) + 1

    def __repr__(self) -> str:
        best = ", ".join(str(unit) for unit, _ in self.strongest(3))
        return f"<UnitRanks {self.source.model} {self.site} on {self.image.id}: {best}, ...>"

    def to_frame(self) -> pd.DataFrame:
        """One row for each unit, the strongest first: rank, unit, value, marked."""
        marked = self.order == (-1 if self.mark is None else self.mark.unit)
        ranks = np.arange(1, self.units + 1)
        return pd.DataFrame(
            {"rank": ranks, "unit": self.order, "value": self.values[self.order], "marked": marked}
        )


def rank_units(
    atlas: Atlas, site: str, image: int | str, mark: int | None = None, *, by: str = "mean"
) -> UnitRanks:
    """The units of a site by their values on one sampled picture.

    Args:
        atlas: What `open_atlas` gives.
        site: A name or address of a site.
        image: Index or id of a picture of the set.
        mark: A unit whose place is wanted.
        by: `mean` over the map, or `max`.

    Raises:
        UsageError: An unknown site, unit or measure.
        DataError: The set has no such picture, or it is not among the sampled ones.

    >>> import neurolupa as nl
    >>> found = rank_units(nl.open_atlas("atlas"), "layer4.1.relu", image=5, mark=3)
    >>> found.rank_of(3) == found.mark.rank, len(found.strongest()), found.sampled
    (True, 10, 64)
    """
    if by not in MEASURES:
        raise unknown("measure", str(by), MEASURES)
    name = atlas.site(site)
    samples = atlas.samples(name)
    table = samples.mean if by == "mean" else samples.max
    picture = find_sampled(atlas, np.asarray(samples.images), image)
    values = np.array(table[picture.row])
    number = None if mark is None else unit_index(name, mark, len(values))
    return UnitRanks(
        source=atlas.source,
        site=name,
        image=picture,
        by=by,
        values=values,
        order=_order(values),
        mark=None if number is None else _mark(table, values, number),
        above=int((values > ABOVE).sum()),
        sampled=len(table),
    )


def _order(values: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.argsort(-np.where(np.isnan(values), -np.inf, values), kind="stable")


def _mark(table: NDArray[np.float32], values: NDArray[np.float32], unit: int) -> Mark:
    parts = [_ranks(np.asarray(table[start : start + _ROWS]), unit) for start in range(0, len(table), _ROWS)]
    ranks, rank = np.concatenate(parts), int(_ranks(values[None], unit)[0])
    low, middle, high = np.quantile(ranks, [0.025, 0.5, 0.975])
    usual = (float(middle), float(low), float(high), float((ranks <= TOP).mean()))
    return Mark(unit, float(values[unit]), rank, rank <= TOP, *usual)


def _ranks(table: NDArray[np.float32], unit: int) -> NDArray[np.int64]:
    """(S,): ranks of one unit in each row of (S, C), as `_order` has them."""
    known = np.where(np.isnan(table), -np.inf, table)
    own = known[:, [unit]]
    earlier = np.arange(table.shape[1]) < unit
    return 1 + (known > own).sum(1) + ((known == own) & earlier).sum(1)
