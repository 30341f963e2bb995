"""Matched units: what they are, how many are more than chance, and whether they kept their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.atlases.codes import LEVEL
from neurolupa.units.relations.codes import Floats, RelationCode

if TYPE_CHECKING:
    import pandas as pd

EDGES = np.linspace(-1.0, 1.0, 81)
"""The edges of the bins in which correlations are counted."""


@dataclass(frozen=True, eq=False)
class UnitMatches:
    """M units of a site in A, each with one of a site in B; what does not exist is NaN.

    Attributes:
        site_a: the site in A.
        site_b: in B.
        code: OK, FEW_IMAGES (fewer than 4 pictures) or NO_UNITS (none varies in one of them).
        images: N, the common pictures behind every number.
        total_a: how many units the site has in A.
        total_b: in B.
        compared_a: how many of them vary over the pictures.
        compared_b: in B.
        units_a: (M,) numbers of the units of A, ascending.
        units_b: (M,) each one's match.
        r: (M,) Pearson's correlation over the pictures.
        low, high: (M,) its 95 % interval (Fisher), for this pair taken by itself.
        bound: (M,) what the unit's best of all of B passes in 5 % of the shuffles.
        p: (M,) how often that best is as high as `r`.
        null_counts: of all shuffled bests, between `null_edges`.
        null_mean: their mean.
        numbered_alike: whether unit i of A can be unit i of B.
        shuffles: of the pictures.
        seed: of the shuffling.
    """

    site_a: str
    site_b: str
    code: RelationCode
    images: int
    total_a: int
    total_b: int
    compared_a: int
    compared_b: int
    units_a: NDArray[np.int64] = field(repr=False)
    units_b: NDArray[np.int64] = field(repr=False)
    r: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    bound: Floats = field(repr=False)
    p: Floats = field(repr=False)
    null_counts: NDArray[np.int64] = field(repr=False)
    null_mean: float
    numbered_alike: bool
    shuffles: int
    seed: int

    def __len__(self) -> int:
        return len(self.units_a)

    @property
    def above(self) -> NDArray[np.bool_]:
        """(M,): whether p is at most 0.05; without anything in common 5 in 100 are."""
        return self.p <= LEVEL

    @property
    def share(self) -> tuple[float, float, float]:
        """The share of matched units above their null, and the same with every r at an end of its interval.

        NaN without matches or shuffles.
        """
        if not (len(self) and self.shuffles):
            return np.nan, np.nan, np.nan
        least, most = (self.low > self.bound).mean(), (self.high > self.bound).mean()
        return float(self.above.mean()), float(least), float(most)

    @property
    def null_edges(self) -> Floats:
        """The edges of the bins of `null_counts`."""
        return EDGES

    @property
    def median_r(self) -> float:
        """Of the matched units."""
        return float(np.median(self.r)) if len(self) else np.nan

    @property
    def own(self) -> NDArray[np.bool_]:
        """(M,): whether the match has the unit's own number; none where numbers say nothing."""
        return (self.units_a == self.units_b) & self.numbered_alike

    def own_by_chance(self, matches: int) -> float:
        """How many of so many matches have the own number where matching makes no sense: at most this."""
        return matches / max(self.compared_a, self.compared_b, 1) if self.numbered_alike else np.nan

    def to_frame(self) -> "pd.DataFrame":
        """A row for each matched unit of A."""
        import pandas as pd

        columns = ("r", "low", "high", "bound", "p", "above", "own")
        return pd.DataFrame(
            {
                "site_a": self.site_a, "unit_a": self.units_a, "site_b": self.site_b, "unit_b": self.units_b,
                **{name: getattr(self, name) for name in columns}, "images": self.images,
            }
        )  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """Everything but the single units, for one row of a table."""
        names = ("site_a", "site_b", "code", "images", "total_a", "total_b", "compared_a", "compared_b")
        share, low, high = self.share
        return {
            **{name: getattr(self, name) for name in names},
            "matched": len(self), "median_r": self.median_r, "null_mean": self.null_mean,
            "above": int(self.above.sum()), "share": share, "share_low": low, "share_high": high,
            "own": int(self.own.sum()) if self.numbered_alike else None,
            "own_by_chance": self.own_by_chance(len(self)), "shuffles": self.shuffles,
        }  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Over several pairs of sites: whether units that match beyond chance match their own number.

    Sites of one network share channels (residual sums), so that their matches are no independent evidence:
    both p-values are those of a single site with the mean counts.

    Attributes:
        sites: how many have such a match.
        matches: how many matches are above their null.
        own: how many of them have the unit's own number.
        expected: how many have, where matching makes no sense.
    """

    sites: int
    matches: int
    own: int
    expected: float

    @property
    def p(self) -> float:
        """How often chance gives as many with their own number."""
        return self._by_chance(self.own)

    @property
    def least_p(self) -> float:
        """What `p` would be if all had: above 0.05 there are too few matches to tell."""
        return self._by_chance(self.matches)

    def _by_chance(self, own: int) -> float:
        return share_by_chance(own / self.sites, self.expected / self.sites) if self.sites else 1.0


def places(matches: Sequence[UnitMatches]) -> Places:
    """How many units kept their numbers, of those that match beyond chance."""
    counts = [int(each.above.sum()) for each in matches]
    own = sum(int((each.own & each.above).sum()) for each in matches)
    expected = sum(each.own_by_chance(count) for each, count in zip(matches, counts, strict=True))
    return Places(sum(map(bool, counts)), sum(counts), own, expected)


def share_by_chance(own: float, expected: float) -> float:
    """How often a matching without any sense has as many units with their own number.

    The number of fixed points of a random permutation is nearly Poisson's, and its mean is `expected` (P. R.
    de Montmort, 1713).

    >>> round(share_by_chance(3, 1.0), 3), share_by_chance(0, 1.0)
    (0.08, 1.0)
    """
    from scipy.special import gammainc

    return float(gammainc(own, expected)) if own > 0 else 1.0
