"""What classes differ in, and where it comes from."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Source
from neurolupa.comparison.classes.codes import LEVEL, MEASURED, Floats, Words
from neurolupa.comparison.classes.effects import Effects
from neurolupa.comparison.classes.looking import Lookalikes
from neurolupa.comparison.classes.maps import ClassMaps
from neurolupa.comparison.classes.sampled import SampledPair
from neurolupa.comparison.classes.variance import ClassVariance
from neurolupa.errors import unknown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ComparedClass:
    """One class and the C units of the site, over **all** its images, one value (the map's mean) for each.

    Attributes:
        name: of the class.
        id: its number in the image set.
        images: how many were read.
        sampled: how many of them are sampled.
        count: (C,) images with a finite value, behind the two below; 0 where the atlas kept none.
        mean: (C,).
        std: (C,) with n - 1 below.
    """

    name: str
    id: int
    images: int
    sampled: int
    count: NDArray[np.int64] = field(repr=False)
    mean: Floats = field(repr=False)
    std: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class ClassPair:
    """Two classes and the C units of the site; what is above 0 is higher for the first.

    Attributes:
        first: name of one class.
        second: name of the other.
        codes: (C,) as in `UnitCode`.
        effects: over all images.
        p_adjusted: (C,) `effects.p`, adjusted over all units and pairs of the comparison.
        sampled: over the sampled images: AUROC, and the null of the largest effect.
    """

    first: str
    second: str
    codes: Words = field(repr=False)
    effects: Effects = field(repr=False)
    p_adjusted: Floats = field(repr=False)
    sampled: SampledPair = field(repr=False)

    @property
    def different(self) -> NDArray[np.bool_]:
        """(C,): whether the adjusted p is at most 0.05."""
        return self.p_adjusted <= LEVEL

    def strongest(self, count: int | None = None) -> tuple[int, ...]:
        """The units with the largest |g| of this pair, ties to the lower number."""
        return _largest(np.abs(self.effects.g), count)


@dataclass(frozen=True, eq=False)
class ClassComparison:
    """Which units of a site differ between classes, and which pictures look like another class there.

    Attributes:
        source: which network and images.
        site: its name.
        classes: K of them, in the order asked for.
        pairs: each two of them, in that order.
        variance: all K at once; None for two.
        lookalikes: pictures on the side of another class.
        maps: mean maps of each class; None where they were not asked for.
        correction: how p is adjusted: "bh", "by" or "holm".
        kept: of how many classes of a unit the atlas has means; None where it has all.
        shuffles: of the labels, for the null of each pair.
        seed: of shuffles and folds.
    """

    source: Source
    site: str
    classes: tuple[ComparedClass, ...]
    pairs: tuple[ClassPair, ...]
    variance: ClassVariance | None
    lookalikes: Lookalikes
    maps: ClassMaps | None
    correction: str
    kept: int | None
    shuffles: int
    seed: int

    def __len__(self) -> int:
        return len(self.classes[0].mean)

    def __repr__(self) -> str:
        names = ", ".join(each.name for each in self.classes)
        return f"<ClassComparison {self.source.model} {self.site}: {names}; {len(self)} units>"

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(each.name for each in self.classes)

    def pair(self, first: str, second: str) -> ClassPair:
        """Two classes in the order of the comparison; UsageError with the nearest for an unknown one."""
        for name in (first, second):
            if name not in self.names:
                raise unknown("compared class", name, self.names)
        for each in self.pairs:
            if (each.first, each.second) == (first, second):
                return each
        raise unknown("pair", f"{first}, {second}", [f"{each.first}, {each.second}" for each in self.pairs])

    @property
    def largest(self) -> Floats:
        """(C,): the largest |g| of each unit over the pairs; NaN for a unit without any."""
        return np.fmax.reduce([np.abs(each.effects.g) for each in self.pairs])

    def strongest(self, count: int | None = None) -> tuple[int, ...]:
        """The units that differ most between any two of the classes, ties to the lower number."""
        return _largest(self.largest, count)

    @property
    def profile(self) -> Floats:
        """(K, C): the mean of each class less the mean of the K means, in standard deviations within a class.

        The standard deviation is the square root of the mean of the K variances, so that for two classes the
        difference of their cells is g before its small-sample factor. NaN for a unit that some class has no
        spread or no values of.
        """
        means = np.stack([each.mean for each in self.classes])
        spread = np.sqrt(np.mean([each.std**2 for each in self.classes], axis=0))
        return (means - means.mean(0)) / np.where(spread > 0, spread, np.nan)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each pair and unit.

        `n`, `mean` to `p_adjusted` are over all images; `sampled`, `auroc` and `p_shuffled` (as `p` of
        `SampledPair`) over the sampled ones. `different`: `p_adjusted` is at most 0.05.
        """
        import pandas as pd

        return pd.concat([self._rows(each) for each in self.pairs], ignore_index=True)

    def variance_frame(self) -> "pd.DataFrame":
        """One row for each unit, of all classes at once; no rows for two classes."""
        import pandas as pd

        names = ("codes", "images", "f", "df", "p", "p_adjusted", "omega_squared", "low", "high")
        held = {name: [] if self.variance is None else getattr(self.variance, name) for name in names}
        units = np.arange(len(held["codes"]))
        return pd.DataFrame({"site": self.site, "unit": units, **held}).rename(columns={"codes": "code"})

    def classes_frame(self) -> "pd.DataFrame":
        """One row for each class and unit: n, mean, std, and `profile`."""
        import pandas as pd

        rows = [
            pd.DataFrame(
                {
                    "site": self.site, "unit": np.arange(len(self)), "class_id": each.id,
                    "class_name": each.name, "n": each.count, "mean": each.mean, "std": each.std,
                    "profile": cells,
                }
            )
            for each, cells in zip(self.classes, self.profile, strict=True)
        ]  # fmt: skip
        return pd.concat(rows, ignore_index=True)

    def save(self, folder: str | os.PathLike) -> None:
        """Write `comparison.json` and `comparison.safetensors` into a folder; `load` reads them."""
        from neurolupa.comparison.classes.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "ClassComparison":
        """What `save` wrote; DataError where it is missing or damaged."""
        from neurolupa.comparison.classes.storing import load

        return load(folder)

    def _rows(self, pair: ClassPair) -> "pd.DataFrame":
        import pandas as pd

        one, two = (self.classes[self.names.index(name)] for name in (pair.first, pair.second))
        found, sampled = pair.effects, pair.sampled
        return pd.DataFrame(
            {
                "site": self.site, "unit": np.arange(len(self)), "first": pair.first, "second": pair.second,
                "code": pair.codes, "n_first": one.count, "n_second": two.count,
                "mean_first": one.mean, "mean_second": two.mean, "difference": found.difference,
                "g": found.g, "low": found.low, "high": found.high, "t": found.t, "df": found.df,
                "p": found.p, "p_adjusted": pair.p_adjusted, "different": pair.different,
                "sampled_first": sampled.first, "sampled_second": sampled.second,
                "auroc": sampled.auroc, "auroc_low": sampled.low, "auroc_high": sampled.high,
                "p_shuffled": sampled.p,
            }
        )  # fmt: skip


def measured(codes: Words) -> NDArray[np.bool_]:
    """(C,): which units have numbers."""
    return np.isin(codes, MEASURED)


def _largest(values: Floats, count: int | None) -> tuple[int, ...]:
    """The places of the largest that are numbers, all for None."""
    order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
    return tuple(order[: int((~np.isnan(values)).sum())][:count].tolist())
