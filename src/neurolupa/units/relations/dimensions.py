"""The dimensionality of a layer: how many directions its units fill together."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.checks import whole_number
from neurolupa.units.relations.codes import Floats, RelationCode
from neurolupa.units.relations.correlating import share_as_large
from neurolupa.units.relations.jackknife import GROUPS, jackknife, reach
from neurolupa.units.relations.sampling import SampledUnits, sampled_units
from neurolupa.units.relations.spectra import dimensions, eigenvalues

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("participation", "corrected", "effective")


@dataclass(frozen=True)
class Index:
    """One measure of dimensionality.

    Attributes:
        value: how many dimensions.
        low, high: its 95 % interval, by the jackknife over groups of pictures, on the scale of logarithms.
        null_mean: of units that have nothing to do with each other and the same variances: every unit's
            pictures shuffled by themselves.
        null_low: the 5th percentile of that.
        p: how often it is as small as `value`.
    """

    value: float
    low: float
    high: float
    null_mean: float
    null_low: float
    p: float


@dataclass(frozen=True, eq=False)
class Dimensionality:
    """How many dimensions the units of a site fill over the sampled pictures.

    Attributes:
        source: which network and images.
        site: its name.
        of: "mean" or "max": what stands for a map.
        sampled: N, the pictures behind every number.
        total: how many units the site has.
        compared: how many of them vary; the others add nothing.
        left_out: how many do not, by code.
        most: what the sample's covariance can fill at most: the lesser of `compared` and N - 1.
        code: OK; FEWER_IMAGES_THAN_UNITS: `participation` and `effective` are bounded by the pictures, not by
            the layer; FEW_IMAGES or NO_UNITS: no numbers.
        participation: participation ratio of the sample's covariance, too low for few pictures.
        corrected: the same from unbiased estimates of both traces; see `spectra.corrected_participation`.
        effective: effective rank (Roy and Vetterli 2007), too low for few pictures.
        eigenvalues: of the covariance, descending.
        shuffles: for the nulls.
        seed: of shuffles and groups.
    """

    source: Source
    site: str
    of: str
    sampled: int
    total: int
    compared: int
    left_out: Mapping[str, int]
    most: int
    code: RelationCode
    participation: Index
    corrected: Index
    effective: Index
    eigenvalues: Floats = field(repr=False)
    shuffles: int
    seed: int

    def to_frame(self) -> "pd.DataFrame":
        """One row for each index, with its interval and null, the units, the images (N) and the code."""
        import pandas as pd

        columns = ["value", "low", "high", "null_mean", "null_low", "p"]
        rows = [(self.site, name, *astuple(getattr(self, name))) for name in NAMES]
        frame = pd.DataFrame(rows, columns=["site", "index", *columns])
        return frame.assign(units=self.compared, images=self.sampled, code=self.code.value)


def dimensionality(
    atlas: Atlas, site: str, *, of: str = "mean", shuffles: int = 19, seed: int = 0
) -> Dimensionality:
    """How many dimensions the units of a site fill: participation ratio and effective rank.

    Both are of the covariance of the units' means (or maxima) over the sampled pictures, in the units'
    own strengths: strong units weigh more.

    Args:
        atlas: The scan.
        site: Name of the site.
        of: "mean" or "max" of each map.
        shuffles: For the nulls; 0 for none.
        seed: Of the shuffling and of the groups that are left out for the intervals.

    Raises:
        UsageError: An unknown site or `of`, shuffles below 0.
        DataError: The samples are missing or damaged.

    >>> import neurolupa as nl
    >>> found = dimensionality(nl.open_atlas("atlas"), "relu", shuffles=9)
    >>> found.sampled, 1 <= found.participation.value <= found.most, found.code.value
    (64, True, 'OK')
    """
    shuffles = whole_number("shuffles", shuffles, 0)
    held = sampled_units(atlas, site, of)
    code = _code(held)
    indices = _indices(held, shuffles, seed) if held.values.size and held.sampled >= 4 else _NOTHING
    return Dimensionality(
        source=held.source,
        site=held.site,
        of=of,
        sampled=held.sampled,
        total=held.total,
        compared=len(held.units),
        left_out=held.left_out,
        most=min(len(held.units), max(held.sampled - 1, 0)),
        code=code,
        **indices,
        eigenvalues=eigenvalues(held.values) if held.values.size else np.zeros(0),
        shuffles=shuffles,
        seed=seed,
    )


_NOTHING = {name: Index(*[np.nan] * 6) for name in NAMES}


def _code(held: SampledUnits) -> RelationCode:
    if held.code in (RelationCode.FEW_IMAGES, RelationCode.NO_UNITS):
        return held.code
    fewer = held.sampled <= len(held.units)
    return RelationCode.FEWER_IMAGES_THAN_UNITS if fewer else RelationCode.OK


def _indices(held: SampledUnits, shuffles: int, seed: int) -> dict[str, Index]:
    values = np.array(astuple(dimensions(held.values)))
    groups = min(GROUPS, held.sampled // 4)
    spread = np.full(3, np.nan)
    if groups > 1:
        spread = reach(groups) * jackknife(
            lambda kept: _logarithms(held.values[kept]), held.sampled, groups, seed
        )
    rng = np.random.default_rng(seed)
    nulls = [astuple(dimensions(rng.permuted(held.values, axis=0))) for _ in range(shuffles)]
    ends = (values / np.exp(spread), values * np.exp(spread))
    columns = np.array(nulls).reshape(-1, 3).T
    found = zip(NAMES, values, *ends, columns, strict=True)
    return {name: _index(value, low, high, null) for name, value, low, high, null in found}


def _logarithms(values: Floats) -> Floats:
    return np.log(np.array(astuple(dimensions(values))))


def _index(value: float, low: float, high: float, null: Floats) -> Index:
    known = null[np.isfinite(null)]
    if not len(known) or np.isnan(value):
        return Index(float(value), float(low), float(high), np.nan, np.nan, np.nan)
    bound = np.quantile(known, 0.05, method="inverted_cdf")
    p = share_as_large(np.asarray(-value), -known)
    return Index(float(value), float(low), float(high), float(known.mean()), float(bound), float(p))
