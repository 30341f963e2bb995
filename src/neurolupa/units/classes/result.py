"""What a unit's class selectivity amounts to, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.atlas import Source
from neurolupa.units.classes.codes import ClassCode, Level
from neurolupa.units.classes.intervals import Interval
from neurolupa.units.classes.nulls import Null
from neurolupa.units.classes.table import ClassTable

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN: Interval = (np.nan, np.nan)


@dataclass(frozen=True)
class SampledSelectivity:
    """The indices once more on the sampled images, for which alone there are nulls and intervals.

    Attributes:
        images: N, labelled sampled images on which the unit has a finite value.
        classes: how many classes they are of.
        code: whether the class indices exist: OK, CONSTANT, NEGATIVE, SILENT, SINGLE_CLASS or NO_VALUES.
        top_class: the name of the class with the highest mean over these images; None where none stands out.
        index: the selectivity index.
        ratio: the highest class mean over the second; infinite where the second is 0.
        lifetime_sparseness: of Vinje and Gallant, over the images.
        hoyer: Hoyer's sparseness, over the images.
        class_sparseness: of Vinje and Gallant, over the class means.
        nulls: under shuffled labels, by name: "index", "ratio", "class_sparseness" and "auroc" (that of the
            class with the highest mean). Empty where nothing can be shuffled; "auroc" alone with NEGATIVE.
        intervals: 95 %, by name: "index", "ratio", "lifetime_sparseness", "hoyer", "class_sparseness".
        interval_code: OK; FEW_IMAGES, a single sampled image of the preferred class; else as `code`.
        shuffles: of the labels, and drawings for the intervals.
        seed: of both.
    """

    images: int
    classes: int
    code: ClassCode
    top_class: str | None
    index: float
    ratio: float
    lifetime_sparseness: float
    hoyer: float
    class_sparseness: float
    nulls: Mapping[str, Null]
    intervals: Mapping[str, Interval]
    interval_code: ClassCode
    shuffles: int
    seed: int


@dataclass(frozen=True, eq=False)
class ClassSelectivity:
    """Which classes of the image set a unit answers, by the mean of its map on each image.

    Numbers of the first group are over all labelled images, those in `sample` over the sampled ones. A number
    that does not exist is NaN, and a code beside it says why.

    Attributes:
        source: which network and images.
        site: name of the site.
        unit: number of the unit.
        images: N, labelled images with a finite value of the unit, over the classes that the atlas kept.
        unlabelled: images without a label; they enter nothing.
        state: OK, SILENT, CONSTANT, SINGLE_CLASS or NO_VALUES.
        kept: how many classes of each unit the atlas kept, where it did not keep all; else None.
        top_class: the name of the class with the highest mean, ties to the first; None for a unit that is
            silent, constant, or without values.
        second_class: of the second highest; None likewise and for a single class.
        difference: of these two means.
        ratio: of these two means; infinite where the second is 0.
        ratio_code: OK, EXCLUSIVE (infinite), NEGATIVE, SILENT, SINGLE_CLASS or NO_VALUES.
        level: of the ratio.
        index: the selectivity index, see `indices.selectivity_index`.
        index_code: OK, NEGATIVE, SILENT, SINGLE_CLASS, NO_VALUES or CLASSES_CUT.
        class_sparseness: of Vinje and Gallant, over the class means; it exists where the index does.
        classes: the classes, one by one.
        sample: the same on the sampled images, with nulls and intervals.
        top_place: which row of `classes` is the preferred class; None where there is none.
    """

    source: Source
    site: str
    unit: int
    images: int
    unlabelled: int
    state: ClassCode
    kept: int | None
    top_class: str | None
    second_class: str | None
    difference: float
    ratio: float
    ratio_code: ClassCode
    level: Level
    index: float
    index_code: ClassCode
    class_sparseness: float
    classes: ClassTable
    sample: SampledSelectivity
    top_place: int | None

    @property
    def sampled(self) -> int:
        """How many sampled images are behind nulls, intervals, medians, AUROC and sparseness."""
        return self.sample.images

    @property
    def null(self) -> Null | None:
        """The selectivity index on the sampled images under shuffled labels; None where it has no index."""
        return self.sample.nulls.get("index")

    @property
    def interval(self) -> Interval:
        """95 % of the selectivity index of the sampled images, the preferred class taken as it is."""
        return self.sample.intervals.get("index", UNKNOWN)

    @property
    def lifetime_sparseness(self) -> float:
        """Of Vinje and Gallant, over the sampled images."""
        return self.sample.lifetime_sparseness

    @property
    def hoyer(self) -> float:
        """Hoyer's sparseness over the sampled images."""
        return self.sample.hoyer

    @property
    def auroc(self) -> float:
        """Of the preferred class against the rest of the sampled images; NaN where there is none."""
        return self._of_top(self.classes.discrimination.auroc)

    @property
    def auroc_interval(self) -> Interval:
        """95 % of `auroc`, the preferred class taken as it is."""
        found = self.classes.discrimination
        return self._of_top(found.auroc_low), self._of_top(found.auroc_high)

    @property
    def average_precision(self) -> float:
        """Of the preferred class against the rest of the sampled images; NaN where there is none."""
        return self._of_top(self.classes.discrimination.average_precision)

    @property
    def average_precision_interval(self) -> Interval:
        """95 % of `average_precision`, the preferred class taken as it is."""
        found = self.classes.discrimination
        return self._of_top(found.ap_low), self._of_top(found.ap_high)

    @property
    def reliable(self) -> bool:
        """Whether the preferred and the second class have at least 10 images each."""
        if self.top_place is None or self.second_class is None:
            return False
        means = np.where(np.isnan(self.classes.mean), -np.inf, self.classes.mean)
        two = np.argsort(-means, kind="stable")[:2]
        return bool(self.classes.reliable[two].all())

    def to_frame(self) -> "pd.DataFrame":
        """One row for each class, by class number; `preferred` marks the preferred one."""
        frame = self.classes.to_frame()
        frame.insert(2, "preferred", [place == self.top_place for place in range(len(frame))])
        return frame

    def to_dict(self) -> dict[str, Any]:
        """What it amounts to in one row, ready for JSON: None where there is no number."""
        row = {**self._head(), **self._measured(), **self._nulls()}
        bare = {name: value for name, value in row.items() if not isinstance(value, float)}
        numbers = {name: value for name, value in row.items() if isinstance(value, float)}
        clean = {name: float(value) if np.isfinite(value) else None for name, value in numbers.items()}
        return {name: {**bare, **clean}[name] for name in row}

    def _head(self) -> dict[str, Any]:
        return {
            "site": self.site, "unit": self.unit, "state": self.state.value, "images": self.images,
            "sampled": self.sampled, "unlabelled": self.unlabelled, "classes": len(self.classes.ids),
            "kept": self.kept, "top_class": self.top_class, "second_class": self.second_class,
            "reliable": self.reliable,
        }  # fmt: skip

    def _measured(self) -> dict[str, Any]:
        sample = self.sample
        pairs = {
            f"{name}_{end}": value for name, span in sample.intervals.items() for end, value in _named(span)
        }
        return {
            "difference": self.difference, "ratio": self.ratio, "ratio_code": self.ratio_code.value,
            "level": self.level.value, "index": self.index, "index_code": self.index_code.value,
            "class_sparseness": self.class_sparseness, "sampled_index": sample.index,
            "sampled_code": sample.code.value, "sampled_top_class": sample.top_class,
            "interval_code": sample.interval_code.value, **pairs,
            "lifetime_sparseness": sample.lifetime_sparseness, "hoyer": sample.hoyer,
            "auroc": self.auroc, **{f"auroc_{end}": value for end, value in _named(self.auroc_interval)},
            "average_precision": self.average_precision,
            **{f"ap_{end}": value for end, value in _named(self.average_precision_interval)},
        }  # fmt: skip

    def _nulls(self) -> dict[str, Any]:
        found = {
            f"{name}_null_{part}": value
            for name, null in self.sample.nulls.items()
            for part, value in null.to_dict().items()
        }
        return {**found, "shuffles": self.sample.shuffles, "seed": self.sample.seed}

    def _of_top(self, column: np.ndarray) -> float:
        return np.nan if self.top_place is None else float(column[self.top_place])


def _named(span: Interval) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("low", span[0]), ("high", span[1])
