"""Units that are silent in one atlas and not in the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neurolupa.atlas import Atlas
from neurolupa.comparison.atlases.standing import Standing

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("dead", "dormant")
CHANGES = ("gained", "lost", "kept")
_SURE = 0.95


@dataclass(frozen=True)
class SilentUnits:
    """The dead or the dormant units of one site; what only one atlas has is None for the other.

    Attributes:
        site: its name.
        kind: "dead", never above the threshold; or "dormant", at most 0.025 of the site's mean size.
        units_a: how many units the site has in A.
        units_b: in B.
        count_a: how many of them are silent in A.
        count_b: in B.
        images_a: N in A.
        images_b: in B.
        gained: silent in B and not in A; None where unit i of A is not unit i of B.
        lost: silent in A and not in B.
        kept: silent in both.
    """

    site: str
    kind: str
    units_a: int | None
    units_b: int | None
    count_a: int | None
    count_b: int | None
    images_a: int
    images_b: int
    gained: tuple[int, ...] | None = field(repr=False)
    lost: tuple[int, ...] | None = field(repr=False)
    kept: tuple[int, ...] | None = field(repr=False)

    @property
    def bound_a(self) -> float:
        """A dead unit of A answers to at most this share of such pictures; NaN for dormant ones.

        See `rule_of_three`.
        """
        return rule_of_three(self.images_a) if self.kind == "dead" else math.nan

    @property
    def bound_b(self) -> float:
        """The same of B."""
        return rule_of_three(self.images_b) if self.kind == "dead" else math.nan


def rule_of_three(images: int) -> float:
    r"""What never happened on N pictures happens on at most this share of all, in 95 of 100 cases.

    $1 - 0.05^{1/N}$, about 3 / N (J. A. Hanley and A. Lippman-Hand, *If Nothing Goes Wrong, Is Everything All
    Right?*, JAMA 249, 1983). The pictures must be drawn from those that are meant.

    >>> round(rule_of_three(100), 4)
    0.0295
    """
    return 1 - (1 - _SURE) ** (1 / images) if images else 1.0


def silent_units(a: Atlas, b: Atlas, stand: Standing, threshold: float) -> tuple[SilentUnits, ...]:
    """The dead, then the dormant units of every site of either atlas, those of A first.

    >>> import neurolupa as nl
    >>> from neurolupa.comparison.atlases.standing import standing
    >>> atlas = nl.open_atlas("atlas")
    >>> found = silent_units(atlas, atlas, standing(atlas, atlas, "relu"), 1e-6)
    >>> [(each.kind, each.gained, each.count_a == each.count_b) for each in found]
    [('dead', (), True), ('dormant', (), True)]
    """
    sites = (*stand.sites_a, *(site for site in stand.sites_b if site not in stand.sites_a))
    held = {kind: [_silent(atlas, kind, threshold) for atlas in (a, b)] for kind in KINDS}
    reads = (a.source.read, b.source.read)
    return tuple(
        _of_site(site, kind, stand, [each.get(site) for each in held[kind]], reads)
        for kind in KINDS
        for site in sites
    )


def silent_frame(rows: Sequence[SilentUnits]) -> "pd.DataFrame":
    """A row for each site and kind: counts in A and in B, gained, lost and kept, with their numbers."""
    import pandas as pd

    counts = [f"{name}_{side}" for name in ("units", "count", "images") for side in "ab"]
    whole = dict.fromkeys([*counts, *CHANGES], "Int64")
    return pd.DataFrame([_row(each) for each in rows]).astype(whole)


def silent_units_frame(rows: Sequence[SilentUnits]) -> "pd.DataFrame":
    """A row for each unit that is silent in one atlas or both: site, kind, change, unit."""
    import pandas as pd

    found = [
        (each.site, each.kind, change, unit)
        for each in rows
        for change in CHANGES
        for unit in getattr(each, change) or ()
    ]
    return pd.DataFrame(found, columns=["site", "kind", "change", "unit"])


def _row(each: SilentUnits) -> dict[str, object]:
    sides = {
        f"{name}_{side}": getattr(each, f"{name}_{side}")
        for name in ("units", "count", "images", "bound")
        for side in "ab"
    }
    changes = {name: getattr(each, name) for name in CHANGES}
    counts = {name: None if units is None else len(units) for name, units in changes.items()}
    return {"site": each.site, "kind": each.kind, **sides, **counts}


def _silent(atlas: Atlas, kind: str, threshold: float) -> dict[str, tuple[int, frozenset[int]]]:
    """How many units each site has, and which of them are silent."""
    units = atlas.units
    silent = units["max"] <= threshold if kind == "dead" else units["dormant"].astype(bool)
    return {
        str(site): (len(rows), frozenset(rows.loc[silent[rows.index], "unit"].tolist()))
        for site, rows in units.groupby("site", sort=False)
    }


def _of_site(
    site: str,
    kind: str,
    stand: Standing,
    held: Sequence[tuple[int, frozenset[int]] | None],
    reads: tuple[int, int],
) -> SilentUnits:
    one, two = (
        each if site in sites else None
        for each, sites in zip(held, (stand.sites_a, stand.sites_b), strict=True)
    )
    changes: tuple[tuple[int, ...] | None, ...] = (None, None, None)
    if one and two and stand.numbered_alike:
        changes = tuple(tuple(sorted(each)) for each in (two[1] - one[1], one[1] - two[1], one[1] & two[1]))
    return SilentUnits(
        site, kind, one and one[0], two and two[0], one and len(one[1]), two and len(two[1]), *reads, *changes
    )
