"""Groups of units that say the same: how much of a layer is doubled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.errors import UsageError
from neurolupa.units.relations.codes import Floats, RelationCode
from neurolupa.units.relations.correlating import SAME, correlation_matrix, fisher_interval, share_as_large
from neurolupa.units.relations.sampling import SampledUnits, sampled_units

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Group:
    """Units of which every two correlate at least as the threshold says.

    Attributes:
        units: their numbers, ascending.
        centre: the one that correlates most with the others on average, ties by number.
        lowest: the lowest correlation between any two.
        mean: the mean of all of them.
    """

    units: tuple[int, ...]
    centre: int
    lowest: float
    mean: float


@dataclass(frozen=True, eq=False)
class RedundantGroups:
    """The units of a site sorted into groups that say the same on the sampled pictures.

    Attributes:
        source: which network and images.
        site: its name.
        of: "mean" or "max": what stands for a map.
        sampled: N, the pictures behind every number.
        total: how many units the site has.
        compared: how many of them vary and are compared.
        left_out: how many are not, by code.
        code: OK, FEW_IMAGES, NO_UNITS or ALONE.
        threshold: of the correlation.
        groups: those of two units and more, the largest first, then by their first unit.
        doubled: how many units are there beyond one of each group.
        share: doubled over compared.
        low, high: `share` with every correlation moved to the lower or upper end of its own 95 % interval
            (Fisher), all at once.
        null_mean, null_high: `share` with every unit's pictures shuffled by themselves: mean and 95th
            percentile; NaN without shuffles.
        p: how often that is as large.
        shuffles: how many.
        seed: of the shuffling.
        units: (U,), the units that are compared, ascending.
        order: (U,), the same so that units of a group stand together, as the tree has them.
        correlations: (U, U) float32, in the order of `units`.
    """

    source: Source
    site: str
    of: str
    sampled: int
    total: int
    compared: int
    left_out: Mapping[str, int]
    code: RelationCode
    threshold: float
    groups: tuple[Group, ...]
    doubled: int
    share: float
    low: float
    high: float
    null_mean: float
    null_high: float
    p: float
    shuffles: int
    seed: int
    units: NDArray[np.int64] = field(repr=False)
    order: NDArray[np.int64] = field(repr=False)
    correlations: NDArray[np.float32] = field(repr=False)

    def group_of(self, unit: int) -> Group | None:
        """The group that a unit is in; None where it is in none."""
        return next((group for group in self.groups if unit in group.units), None)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each unit of a group: group (from 0), unit, centre, size, lowest, mean, images (N)."""
        import pandas as pd

        columns = ["site", "group", "unit", "centre", "size", "lowest", "mean"]
        rows = [
            (self.site, place, unit, unit == each.centre, len(each.units), each.lowest, each.mean)
            for place, each in enumerate(self.groups)
            for unit in each.units
        ]
        return pd.DataFrame(rows, columns=columns).assign(images=self.sampled)


def redundant_groups(
    atlas: Atlas,
    site: str,
    *,
    threshold: float = 0.9,
    of: str = "mean",
    shuffles: int = 19,
    seed: int = 0,
) -> RedundantGroups:
    """The groups of units that say the same on the sampled pictures, by hierarchical clustering.

    Distance is one minus Pearson's correlation, linkage is complete: in a group every two units correlate at
    least `threshold`. The tree depends on the order of the correlations alone. Memory: 20 bytes for each pair
    of units (84 MB at 2,048).

    Args:
        atlas: The scan.
        site: Name of the site.
        threshold: Above 0, at most 1.
        of: "mean" or "max" of each map.
        shuffles: For the null of `share`; 0 for none.
        seed: Of the shuffling.

    Raises:
        UsageError: An unknown site or `of`, a threshold out of range, shuffles below 0.
        DataError: The samples are missing or damaged.

    >>> import neurolupa as nl
    >>> found = redundant_groups(nl.open_atlas("atlas"), "relu")
    >>> found.sampled, all(group.lowest >= 0.9 for group in found.groups)
    (64, True)
    """
    threshold, shuffles = _threshold(threshold), whole_number("shuffles", shuffles, 0)
    held = sampled_units(atlas, site, of)
    usable = held.code is RelationCode.OK
    matrix = correlation_matrix(held.values) if usable else np.eye(len(held.units))
    tree = _tree(matrix)
    groups = _groups(_labels(tree, threshold), matrix, held.units) if usable else ()
    return RedundantGroups(
        source=held.source,
        site=held.site,
        of=of,
        sampled=held.sampled,
        total=held.total,
        compared=len(held.units),
        left_out=held.left_out,
        code=held.code,
        threshold=threshold,
        groups=groups,
        doubled=sum(len(group.units) - 1 for group in groups),
        **_shares(held, tree, threshold, shuffles, seed),
        shuffles=shuffles,
        seed=seed,
        units=held.units,
        order=held.units[_leaves(tree)],
        correlations=matrix.astype(np.float32),
    )


def _shares(held: SampledUnits, tree: Floats, threshold: float, shuffles: int, seed: int) -> dict[str, float]:
    """The doubled share with its interval and its null; NaN where units cannot be compared."""
    if held.code is not RelationCode.OK:
        return dict.fromkeys(("share", "low", "high", "null_mean", "null_high", "p"), np.nan)
    lenient, strict = fisher_interval(np.array(threshold), held.sampled)
    share, low, high = (_share(_labels(tree, float(cut))) for cut in (threshold, strict, lenient))
    nulls = _shuffled_shares(held, threshold, shuffles, seed)
    return {
        "share": share,
        "low": low,
        "high": high,
        "null_mean": float(nulls.mean()) if shuffles else np.nan,
        "null_high": float(np.quantile(nulls, 0.95, method="inverted_cdf")) if shuffles else np.nan,
        "p": float(share_as_large(np.asarray(share), nulls)) if shuffles else np.nan,
    }


def _threshold(value: float) -> float:
    number = real_number("threshold", value)
    if not 0 < number <= 1:
        raise UsageError(f"the threshold of a correlation is above 0 and at most 1, not {number:g}")
    return number


def _tree(matrix: Floats) -> Floats:
    """(U - 1, 4): the tree of complete linkage, as SciPy lays it out; empty below two units."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    return linkage(squareform(1 - matrix, checks=False), "complete") if len(matrix) > 1 else np.zeros((0, 4))


def _labels(tree: Floats, threshold: float) -> NDArray[np.integer]:
    """(U,): units of the same number are in the same group."""
    from scipy.cluster.hierarchy import fcluster

    return fcluster(tree, 1 - threshold + SAME, "distance") if len(tree) else np.zeros(1, int)


def _leaves(tree: Floats) -> NDArray[np.integer] | slice:
    from scipy.cluster.hierarchy import leaves_list

    return leaves_list(tree) if len(tree) else slice(None)


def _share(labels: NDArray[np.integer]) -> float:
    return 1 - len(np.unique(labels)) / len(labels)


def _groups(labels: NDArray[np.integer], matrix: Floats, units: NDArray[np.int64]) -> tuple[Group, ...]:
    found = [np.flatnonzero(labels == label) for label in np.flatnonzero(np.bincount(labels) > 1)]
    return tuple(
        _group(places, matrix, units) for places in sorted(found, key=lambda each: (-len(each), each[0]))
    )


def _group(places: NDArray[np.intp], matrix: Floats, units: NDArray[np.int64]) -> Group:
    block = matrix[np.ix_(places, places)]
    pairs = block[np.triu_indices(len(places), 1)]
    centre = units[places[(block.sum(axis=1) + SAME >= block.sum(axis=1).max()).argmax()]]
    return Group(tuple(units[places].tolist()), int(centre), float(pairs.min()), float(pairs.mean()))


def _shuffled_shares(held: SampledUnits, threshold: float, shuffles: int, seed: int) -> Floats:
    """(S,): the doubled share of units that have nothing to do with each other, each distributed as it is."""
    rng = np.random.default_rng(seed)
    shares = np.zeros(shuffles)
    for place in range(shuffles):
        matrix = correlation_matrix(rng.permuted(held.values, axis=0))
        np.fill_diagonal(matrix, -1.0)
        if matrix.max() >= threshold - SAME:  # else there is no pair, and no need of a tree
            np.fill_diagonal(matrix, 1.0)
            shares[place] = _share(_labels(_tree(matrix), threshold))
    return shares
