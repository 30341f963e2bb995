"""How alike the layers of a network are, and how much of each is doubled."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.checks import shown, whole_number
from neurolupa.errors import UsageError
from neurolupa.units.relations.alignment import (
    CERTAIN,
    debiased_cka,
    grams,
    linear_cka,
    shuffled_cka,
    surely_below,
)
from neurolupa.units.relations.codes import Floats, RelationCode
from neurolupa.units.relations.grouping import redundant_groups
from neurolupa.units.relations.jackknife import GROUPS, jackknife, reach
from neurolupa.units.relations.sampling import SampledUnits, sampled_units

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = (
    "cka",
    "low",
    "high",
    "debiased",
    "debiased_low",
    "debiased_high",
    "null_mean",
    "null_bound",
    "p_bound",
)


@dataclass(frozen=True)
class Doubling:
    """How much of one layer is doubled; see `redundant_groups`.

    Attributes:
        site: name of the layer.
        total: how many units it has.
        compared: how many of them vary over the sampled pictures.
        groups: of units that say the same.
        doubled: units beyond one of each group.
        share: doubled over compared.
        low, high: with every correlation at one end of its 95 % interval.
        sampled: N.
        code: OK, FEW_IMAGES, NO_UNITS or ALONE.
    """

    site: str
    total: int
    compared: int
    groups: int
    doubled: int
    share: float
    low: float
    high: float
    sampled: int
    code: RelationCode


@dataclass(frozen=True, eq=False)
class LayerSimilarity:
    """Linear CKA between every two of L layers, by the means (or maxima) of their units' maps.

    Where in the picture units answer plays no part: a map is one number. Numbers that do not exist are NaN.

    Attributes:
        source: which network and images.
        sites: their names, in the order in which they were asked for.
        of: "mean" or "max": what stands for a map.
        sampled: N, the pictures behind every number of the matrices.
        codes: (L,), OK; NO_UNITS: nothing varies; FEW_IMAGES; NOT_POSITIVE: no debiased estimate.
        cka: (L, L), linear CKA, 0 to 1; few pictures lift it.
        low, high: (L, L), its 95 % interval, by the jackknife over groups of pictures.
        debiased: (L, L), the same of HSIC_1; chance does not lift it, it can be below 0.
        debiased_low, debiased_high: (L, L), its 95 % interval.
        null_mean: (L, L), the mean of `cka` over all shuffles of the pictures of one layer, exact.
        null_std: (L, L), its standard deviation over them, exact.
        p_bound: (L, L), never too small: how often `cka` could come from such a shuffle (Cantelli).
        doubling: of each layer, over all sampled pictures.
        threshold: of the correlation, for `doubling`.
        seed: of the choice of pictures and of the groups that are left out for the intervals.
        images: (N,), the indices of the pictures behind the matrices.
    """

    source: Source
    sites: tuple[str, ...]
    of: str
    sampled: int
    codes: tuple[RelationCode, ...]
    cka: Floats
    low: Floats
    high: Floats
    debiased: Floats
    debiased_low: Floats
    debiased_high: Floats
    null_mean: Floats
    null_std: Floats
    p_bound: Floats
    doubling: tuple[Doubling, ...]
    threshold: float
    seed: int
    images: NDArray[np.int64] = field(repr=False)

    @property
    def null_bound(self) -> Floats:
        """(L, L): what a shuffle surely passes in at most 5 %: mean and 4.36 standard deviations."""
        return self.null_mean + CERTAIN * self.null_std

    def to_frame(self) -> "pd.DataFrame":
        """One row for each pair of layers: first, second, the numbers, images (N)."""
        import pandas as pd

        first, second = np.triu_indices(len(self.sites), 1)
        names = np.array(self.sites)
        columns = {name: getattr(self, name)[first, second] for name in _NUMBERS}
        return pd.DataFrame(
            {"first": names[first], "second": names[second], **columns, "images": self.sampled}
        )

    def layers_frame(self) -> "pd.DataFrame":
        """One row for each layer: how much of it is doubled."""
        import pandas as pd

        rows = [asdict(each) | {"code": each.code.value} for each in self.doubling]
        return pd.DataFrame(rows, columns=list(Doubling.__dataclass_fields__))


def layer_similarity(
    atlas: Atlas,
    sites: Iterable[str] | str | None = None,
    *,
    of: str = "mean",
    images: int = 1024,
    threshold: float = 0.9,
    seed: int = 0,
) -> LayerSimilarity:
    """Linear CKA between every two layers, and how much of each layer is doubled.

    Both are from the sampled pictures. CKA takes at most `images` of them: its time grows with their square.
    Memory: 8 bytes for each unit and picture, and 64 MB.

    Args:
        atlas: The scan.
        sites: Names of the layers; all of the atlas by default.
        of: "mean" or "max" of each map.
        images: At most so many of the sampled pictures, drawn at random, for CKA.
        threshold: Of the correlation from which two units of a layer say the same.
        seed: Of the drawing, and of the groups for the intervals.

    Raises:
        UsageError: An unknown site or `of`, no site, images below 4, a threshold out of range.
        DataError: The samples are missing or damaged.

    >>> import neurolupa as nl
    >>> found = layer_similarity(nl.open_atlas("atlas"))
    >>> found.sites, found.sampled, bool(0 < found.cka[0, 1] < 1)
    (('relu', 'layer4.1.relu'), 64, True)
    """
    images = whole_number("images", images, 4)
    names = _names(atlas, sites)
    doubling = tuple(_doubling(atlas, name, threshold, of) for name in names)
    held = [sampled_units(atlas, name, of) for name in names]
    rows = _common(held, images, seed)
    values = [each.values[np.searchsorted(each.rows, rows)] for each in held]
    return LayerSimilarity(
        source=atlas.source,
        sites=names,
        of=of,
        sampled=len(rows),
        doubling=doubling,
        threshold=float(threshold),
        seed=seed,
        images=np.asarray(atlas.samples(names[0]).images)[rows],
        **_compared(values, seed),
    )


def _names(atlas: Atlas, sites: Iterable[str] | str | None) -> tuple[str, ...]:
    if sites is None:
        return atlas.sites
    if not isinstance(sites, Iterable):
        raise UsageError(f"layers are named by strings, not by {shown(sites)}")
    names = tuple(dict.fromkeys(atlas.site(site) for site in ([sites] if isinstance(sites, str) else sites)))
    if not names:
        raise UsageError("the similarity of layers is of one or more; none was named")
    return names


def _doubling(atlas: Atlas, name: str, threshold: float, of: str) -> Doubling:
    found = redundant_groups(atlas, name, threshold=threshold, of=of, shuffles=0)
    columns = ("site", "total", "compared", "doubled", "share", "low", "high", "sampled", "code")
    return Doubling(groups=len(found.groups), **{column: getattr(found, column) for column in columns})


def _common(held: list[SampledUnits], images: int, seed: int) -> NDArray[np.int64]:
    """The sampled pictures that every layer has values on, at most so many, in their order."""
    rows = held[0].rows
    for each in held[1:]:
        rows = np.intersect1d(rows, each.rows)
    if len(rows) <= images:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, images, replace=False))


def _compared(values: list[Floats], seed: int) -> dict[str, Any]:
    """Everything that is a matrix, and the codes."""
    if len(values[0]) < 4:
        nothing = np.full((len(values), len(values)), np.nan)
        names = ("cka", "low", "high", "debiased", "debiased_low", "debiased_high")
        empty = dict.fromkeys((*names, "null_mean", "null_std", "p_bound"), nothing)
        return {**empty, "codes": (RelationCode.FEW_IMAGES,) * len(values)}
    found = grams(values)
    cka, debiased = linear_cka(found), debiased_cka(found)
    mean, std = shuffled_cka(found)
    spread = _spread(values, seed)
    return {
        "cka": cka,
        "low": np.clip(cka - spread[0], 0, 1),
        "high": np.clip(cka + spread[0], 0, 1),
        "debiased": debiased,
        "debiased_low": np.clip(debiased - spread[1], -1, 1),
        "debiased_high": np.clip(debiased + spread[1], -1, 1),
        "null_mean": mean,
        "null_std": std,
        "p_bound": surely_below(cka, mean, std),
        "codes": tuple(map(_code, np.diag(cka), np.diag(debiased))),
    }


def _spread(values: list[Floats], seed: int) -> Floats:
    """(2, L, L): half the length of the intervals of both kinds of CKA; NaN where pictures are too few."""
    images, layers = len(values[0]), len(values)
    groups = min(GROUPS, images // 4)
    if groups < 2:
        return np.full((2, layers, layers), np.nan)

    def measure(kept: NDArray[np.int64]) -> Floats:
        found = grams([each[kept] for each in values])
        return np.stack([linear_cka(found), debiased_cka(found)])

    return reach(groups) * jackknife(measure, images, groups, seed)


def _code(cka: float, debiased: float) -> RelationCode:
    if np.isnan(cka):
        return RelationCode.NO_UNITS
    return RelationCode.NOT_POSITIVE if np.isnan(debiased) else RelationCode.OK
