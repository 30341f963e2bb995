"""What units do on each class: one row for each class, or an array of units by classes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import RELIABLE, ClassCode, Floats
from neurolupa.units.classes.discrimination import Discrimination
from neurolupa.units.classes.grouping import Grouping
from neurolupa.units.classes.intervals import mean_interval

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """Statistics of C units on K classes over **all** images, one value (the map's mean) for each image.

    NaN where the atlas has none: a class cut away, or without a finite value.

    Attributes:
        count: (C, K), images behind the numbers.
        mean: (C, K).
        std: (C, K), the population's.
        lowest: (C, K), the least of the images' values.
        highest: (C, K), the greatest.
    """

    count: NDArray[np.int64]
    mean: Floats
    std: Floats
    lowest: Floats
    highest: Floats

    @property
    def range(self) -> tuple[Floats, Floats]:
        """(C,) and (C,): the least and the greatest value of each unit; NaN where there is none."""
        return np.fmin.reduce(self.lowest, axis=1), np.fmax.reduce(self.highest, axis=1)

    @property
    def classes(self) -> NDArray[np.int64]:
        """(C,): of how many classes each unit has a mean."""
        return (self.count > 0).sum(1)


def class_means(rows: "pd.DataFrame", units: int, grouping: Grouping, first: int = 0) -> ClassMeans:
    """The rows of `unit_classes.parquet` of the units `first` .. `first + units - 1` as arrays."""
    shape = (units, len(grouping.ids))
    place = rows["unit"].to_numpy() - first, np.searchsorted(grouping.ids, rows["class_id"].to_numpy())
    count = np.zeros(shape, np.int64)
    count[place] = rows["num_samples"].to_numpy()
    arrays = []
    for name in ("mean", "std", "min", "max"):
        arrays.append(np.full(shape, np.nan))
        arrays[-1][place] = rows[name].to_numpy()
    return ClassMeans(count, *arrays)


@dataclass(frozen=True, eq=False)
class ClassTable:
    """What one unit does on each of K classes.

    Attributes:
        ids: (K,), numbers of the classes in the image set.
        names: of the classes.
        count: (K,), images behind `mean` to `highest`: all of the class with a finite value.
        mean: (K,), of the images' values; NaN where the atlas kept no mean of the class.
        mean_low: (K,), lower end of Student's 95 % interval; NaN below two images.
        mean_high: (K,), upper end.
        std: (K,), the population's.
        lowest: (K,), the least of the images' values.
        highest: (K,), the greatest.
        sampled: (K,), sampled images, behind the numbers below.
        median: (K,), of the sampled images' values; NaN without one, as the rest.
        discrimination: the class against the rest of the sampled images.
    """

    ids: NDArray[np.int64]
    names: tuple[str, ...]
    count: NDArray[np.int64]
    mean: Floats
    mean_low: Floats
    mean_high: Floats
    std: Floats
    lowest: Floats
    highest: Floats
    sampled: NDArray[np.int64]
    median: Floats
    discrimination: Discrimination

    @property
    def reliable(self) -> NDArray[np.bool_]:
        """(K,): whether the means are over at least 10 images."""
        return self.count >= RELIABLE

    @property
    def codes(self) -> tuple[ClassCode, ...]:
        """What each class lacks, the gravest alone: CLASSES_CUT, NO_VALUES, NOT_SAMPLED, FEW_IMAGES."""
        return tuple(self._code(place) for place in range(len(self.ids)))

    def to_frame(self) -> "pd.DataFrame":
        """One row for each class, by class number."""
        import pandas as pd

        found = self.discrimination
        return pd.DataFrame(
            {
                "class_id": self.ids, "class_name": self.names, "num_samples": self.count,
                "reliable": self.reliable, "code": [code.value for code in self.codes],
                "mean": self.mean, "mean_low": self.mean_low, "mean_high": self.mean_high, "std": self.std,
                "min": self.lowest, "max": self.highest, "sampled": self.sampled, "median": self.median,
                "sampled_reliable": self.sampled >= RELIABLE,
                "auroc": found.auroc, "auroc_low": found.auroc_low, "auroc_high": found.auroc_high,
                "average_precision": found.average_precision,
                "ap_low": found.ap_low, "ap_high": found.ap_high,
                "ap_chance": self.sampled / max(1, self.sampled.sum()),
            }
        )  # fmt: skip

    def _code(self, place: int) -> ClassCode:
        if self.count[place] == 0:
            return ClassCode.CLASSES_CUT if self.sampled[place] else ClassCode.NO_VALUES
        if self.sampled[place] == 0:
            return ClassCode.NOT_SAMPLED
        return (
            ClassCode.OK if min(self.count[place], self.sampled[place]) >= RELIABLE else ClassCode.FEW_IMAGES
        )


def class_table(
    grouping: Grouping, means: ClassMeans, values: Floats, labels: NDArray[np.int64], found: Discrimination
) -> ClassTable:
    """The table of one unit from its class means (1, K) and its sampled values (N,), sorted by label (N,)."""
    count, mean, std = means.count[0], means.mean[0], means.std[0]
    low, high = mean_interval(mean, std, count)
    sampled = np.bincount(labels, minlength=len(grouping.ids))
    return ClassTable(
        ids=grouping.ids,
        names=grouping.names,
        count=count,
        mean=mean,
        mean_low=low,
        mean_high=high,
        std=std,
        lowest=means.lowest[0],
        highest=means.highest[0],
        sampled=sampled,
        median=_medians(values, labels, sampled),
        discrimination=found,
    )


def _medians(values: Floats, labels: NDArray[np.int64], sizes: NDArray[np.int64]) -> Floats:
    """(K,): the median of each class's values (N,); NaN for a class without any."""
    ascending = values[np.lexsort((values, labels))]
    starts = np.cumsum(sizes) - sizes
    held = sizes > 0
    lower = (starts + (sizes - 1) // 2)[held]
    upper = (starts + sizes // 2)[held]
    found = np.full(len(sizes), np.nan)
    found[held] = 0.5 * (ascending[lower] + ascending[upper])
    return found
