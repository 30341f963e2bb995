"""The partners of one unit: the units of its site that are most like it, and most unlike it."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.arrays import unit_index
from neurolupa.atlas.checks import whole_number
from neurolupa.units.relations.codes import Floats, RelationCode
from neurolupa.units.relations.correlating import (
    fisher_interval,
    share_as_large,
    shuffled_extremes,
    standardised,
)
from neurolupa.units.relations.sampling import SampledUnits, sampled_units

if TYPE_CHECKING:
    import pandas as pd

SHUFFLES = 999
_TAIL = 0.05


@dataclass(frozen=True)
class Partner:
    """A unit beside the one that was asked for.

    Attributes:
        unit: its number.
        correlation: Pearson's, over the sampled pictures.
        low, high: its 95 % interval (Fisher), for this unit taken by itself: the first of many partners is
            partly first by luck, and `p` counts that, the interval does not.
        p: how often the best of all units is as far out when the pictures are shuffled.
    """

    unit: int
    correlation: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Chance:
    """The best correlation among all other units when the unit's pictures are shuffled.

    Attributes:
        mean: over the shuffles.
        bound: what it passes in 5 % of them: for likeness the 95th percentile of the highest, for opposition
            the 5th of the lowest.
        p: of the best partner; NaN where there is none.
    """

    mean: float
    bound: float
    p: float


@dataclass(frozen=True, eq=False)
class Relations:
    """The units of a site that do most and least the same as one unit, picture by picture.

    Attributes:
        source: which network and images.
        site: its name.
        unit: the unit's number.
        of: "mean" or "max": what stands for a map.
        sampled: N, the pictures behind every number.
        total: how many units the site has.
        compared: with how many others the unit is compared.
        code: OK, or why there are no partners: SILENT, CONSTANT, NOT_FINITE, FEW_IMAGES or ALONE.
        similar: up to k units with the highest correlation above 0, the highest first, ties by number.
        opposite: up to k with the lowest below 0, the lowest first.
        similar_chance, opposite_chance: the nulls; None without `code` OK or without shuffles.
        correlations: (C,), with every unit of the site; NaN where there is none, and for itself.
        codes: (C,), of every unit: OK, SILENT, CONSTANT or NOT_FINITE.
        shuffles: of the unit's pictures.
        seed: of the shuffling.
    """

    source: Source
    site: str
    unit: int
    of: str
    sampled: int
    total: int
    compared: int
    code: RelationCode
    similar: tuple[Partner, ...]
    opposite: tuple[Partner, ...]
    similar_chance: Chance | None
    opposite_chance: Chance | None
    correlations: Floats = field(repr=False)
    codes: np.ndarray = field(repr=False)
    shuffles: int
    seed: int

    def to_frame(self) -> "pd.DataFrame":
        """One row for each partner: relation (similar, opposite), rank, partner, its numbers, images (N)."""
        import pandas as pd

        columns = ["site", "unit", "relation", "rank", "partner", "correlation", "low", "high", "p", "images"]
        sides = {"similar": self.similar, "opposite": self.opposite}
        rows = [
            {"relation": side, "rank": rank, "partner": each.unit, **asdict(each), "images": self.sampled}
            for side, partners in sides.items()
            for rank, each in enumerate(partners)
        ]
        return pd.DataFrame([row | {"site": self.site, "unit": self.unit} for row in rows], columns=columns)


def relations(
    atlas: Atlas,
    site: str,
    unit: int,
    *,
    k: int = 10,
    of: str = "mean",
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> Relations:
    """The units of the site whose answers to the sampled pictures are most like a unit's, and most unlike.

    Pearson's correlation over the pictures between the means (or maxima) of the maps. It says nothing of
    where in the picture two units answer, nor that one drives the other.

    Args:
        atlas: The scan.
        site: Name of the site.
        unit: Number of the unit.
        k: Partners on either side.
        of: "mean" or "max" of each map.
        shuffles: Of the unit's pictures, for the null of the best partner; 0 for none.
        seed: Of the shuffling.

    Raises:
        UsageError: An unknown site or unit, a k below 1, an unknown `of`, shuffles below 0.
        DataError: The samples are missing or damaged.

    >>> import neurolupa as nl
    >>> found = relations(nl.open_atlas("atlas"), "relu", 0, k=3)
    >>> found.sampled, len(found.similar), found.code.value
    (64, 3, 'OK')
    """
    k, shuffles = whole_number("k", k, 1), whole_number("shuffles", shuffles, 0)
    held = sampled_units(atlas, site, of)
    number = unit_index(held.site, unit, held.total)
    code = _code(held, number)
    found, chances = _compared(held, number, shuffles, seed, code is RelationCode.OK)
    similar = _partners(found, chances[0], held.sampled, k, 1)
    opposite = _partners(found, chances[1], held.sampled, k, -1)
    return Relations(
        source=held.source,
        site=held.site,
        unit=number,
        of=of,
        sampled=held.sampled,
        total=held.total,
        compared=int(np.isfinite(found).sum()),
        code=code,
        similar=similar,
        opposite=opposite,
        similar_chance=_chance(similar, chances[0], 1),
        opposite_chance=_chance(opposite, chances[1], -1),
        correlations=found,
        codes=held.codes,
        shuffles=shuffles,
        seed=seed,
    )


def _compared(
    held: SampledUnits, number: int, shuffles: int, seed: int, usable: bool
) -> tuple[Floats, tuple[Floats, Floats]]:
    """The correlations with every unit (C,), and the highest and lowest of each shuffle."""
    found = np.full(held.total, np.nan)
    if not usable:
        return found, (np.zeros(0), np.zeros(0))
    columns, mine = standardised(held.values), held.units == number
    own, others = columns[:, mine][:, 0], columns[:, ~mine]
    found[held.units[~mine]] = np.clip(own @ others, -1.0, 1.0)
    return found, shuffled_extremes(own, others, shuffles, seed)


def _code(held: SampledUnits, number: int) -> RelationCode:
    if held.code is RelationCode.FEW_IMAGES:
        return RelationCode.FEW_IMAGES
    own = RelationCode(held.codes[number])
    return held.code if own is RelationCode.OK else own


def _partners(found: Floats, chance: Floats, images: int, k: int, sign: int) -> tuple[Partner, ...]:
    """The k units furthest to one side of 0."""
    away = np.nan_to_num(sign * found)
    first = [place for place in np.argsort(-away, kind="stable")[:k] if away[place] > 0]
    low, high = fisher_interval(found[first], images)
    p = share_as_large(away[first], sign * chance) if len(chance) else np.full(len(first), np.nan)
    numbers = (found[first].tolist(), low.tolist(), high.tolist(), p.tolist())
    return tuple(Partner(int(unit), *row) for unit, *row in zip(first, *numbers, strict=True))


def _chance(partners: tuple[Partner, ...], chance: Floats, sign: int) -> Chance | None:
    if not len(chance):
        return None
    bound = sign * np.quantile(sign * chance, 1 - _TAIL, method="inverted_cdf")
    return Chance(float(chance.mean()), float(bound), partners[0].p if partners else np.nan)
