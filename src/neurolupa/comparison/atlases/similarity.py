"""How alike the layers of one atlas are to those of another: linear CKA over the common pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.atlases.common import Answers
from neurolupa.units.relations.alignment import (
    CERTAIN,
    debiased_cka,
    grams,
    linear_cka,
    shuffled_cka,
    surely_below,
)
from neurolupa.units.relations.codes import FEWEST, Floats
from neurolupa.units.relations.jackknife import GROUPS, jackknife, reach

if TYPE_CHECKING:
    import pandas as pd

_MATRICES = (
    "cka", "low", "high", "debiased", "debiased_low", "debiased_high", "null_mean", "null_std", "p_bound",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class CrossSimilarity:
    """Linear CKA between each layer of A and each of B, by the means (or maxima) of their units' maps.

    The matrices are (L_a, L_b); a number that does not exist is NaN (a layer that does not vary, fewer than
    four pictures; a debiased estimate of a layer with itself that is not above 0).

    Attributes:
        sites_a: the layers of A.
        sites_b: of B.
        images: N, the common pictures behind every number.
        cka: linear CKA, 0 to 1; few pictures lift it.
        low, high: its 95 % interval, by the jackknife over groups of pictures.
        debiased: the same of HSIC_1; chance does not lift it, it can be below 0.
        debiased_low, debiased_high: its 95 % interval.
        null_mean: of `cka` over all shuffles of one layer's pictures, exact.
        null_std: its standard deviation over them, exact.
        p_bound: never too small: how often `cka` could come from such a shuffle (Cantelli).
    """

    sites_a: tuple[str, ...]
    sites_b: tuple[str, ...]
    images: int
    cka: Floats
    low: Floats
    high: Floats
    debiased: Floats
    debiased_low: Floats
    debiased_high: Floats
    null_mean: Floats
    null_std: Floats
    p_bound: Floats

    @property
    def null_bound(self) -> Floats:
        """What a shuffle surely passes in at most 5 %: mean and 4.36 standard deviations."""
        return self.null_mean + CERTAIN * self.null_std

    def nearest(self, site: str) -> str | None:
        """The layer of B most like a layer of A, by debiased CKA where there is one; None without any."""
        row = self.sites_a.index(site)
        value = np.where(np.isnan(self.debiased[row]), self.cka[row], self.debiased[row])
        return None if np.isnan(value).all() else self.sites_b[int(np.nanargmax(value))]

    def to_frame(self) -> "pd.DataFrame":
        """A row for each layer of A and each of B: site_a, site_b, the numbers, images (N)."""
        import pandas as pd

        rows, columns = (each.ravel() for each in np.indices(self.cka.shape))
        names = (*_MATRICES[:-1], "null_bound", "p_bound")
        numbers = {name: getattr(self, name).ravel() for name in names}
        sites = {
            "site_a": np.array(self.sites_a, object)[rows],
            "site_b": np.array(self.sites_b, object)[columns],
        }
        return pd.DataFrame({**sites, **numbers, "images": self.images})


def cross_similarity(a: Sequence[Answers], b: Sequence[Answers], seed: int) -> CrossSimilarity:
    """Linear CKA between the layers of A and those of B on the same pictures.

    The formulas are those of `neurolupa.units.relations.alignment`.

    >>> from neurolupa.comparison.atlases.common import Answers
    >>> values = np.random.default_rng(0).normal(size=(40, 3))
    >>> held = [Answers("relu", np.arange(3), values, np.array(["OK"] * 3))]
    >>> found = cross_similarity(held, held, seed=0)
    >>> found.cka.round(6).tolist(), found.nearest("relu"), found.images
    ([[1.0]], 'relu', 40)
    """
    values = [each.values for each in (*a, *b)]
    images, split = len(values[0]), len(a)
    found = _numbers(values, seed) if images >= FEWEST else dict.fromkeys(_MATRICES, _nothing(len(values)))
    return CrossSimilarity(
        sites_a=tuple(each.site for each in a),
        sites_b=tuple(each.site for each in b),
        images=images,
        **{name: matrix[:split, split:] for name, matrix in found.items()},
    )


def _nothing(layers: int) -> Floats:
    return np.full((layers, layers), np.nan)


def _numbers(values: list[Floats], seed: int) -> dict[str, Any]:
    found = grams(values)
    cka, debiased = linear_cka(found), debiased_cka(found)
    mean, std = shuffled_cka(found)
    spread, debiased_spread = _spread(values, seed)
    numbers = (
        cka, np.clip(cka - spread, 0, 1), np.clip(cka + spread, 0, 1),
        debiased, np.clip(debiased - debiased_spread, -1, 1), np.clip(debiased + debiased_spread, -1, 1),
        mean, std, surely_below(cka, mean, std),
    )  # fmt: skip
    return dict(zip(_MATRICES, numbers, strict=True))


def _spread(values: list[Floats], seed: int) -> Floats:
    """(2, L, L): half the length of the intervals of both kinds of CKA; NaN where pictures are too few."""
    images = len(values[0])
    groups = min(GROUPS, images // 4)
    if groups < 2:
        return np.stack([_nothing(len(values))] * 2)

    def measure(kept: NDArray[np.int64]) -> Floats:
        found = grams([each[kept] for each in values])
        return np.stack([linear_cka(found), debiased_cka(found)])

    return reach(groups) * jackknife(measure, images, groups, seed)
