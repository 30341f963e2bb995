"""`most_selective`: the units of all sites that answer one class more than the rest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import DataError, unknown
from neurolupa.units.classes.codes import RELIABLE, Floats
from neurolupa.units.classes.discrimination import auroc_of, discriminate
from neurolupa.units.classes.grouping import Grouping, group
from neurolupa.units.classes.indices import contrast
from neurolupa.units.classes.table import ClassMeans, class_means

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas

By = Literal["auroc", "index"]


def most_selective(
    atlas: "Atlas", class_name: str | int, *, k: int = 10, site: str | None = None, by: By = "auroc"
) -> "pd.DataFrame":
    """The `k` units that answer a class most, compared with the rest, the first the best.

    Columns: `site`, `unit`, `class_name`; `auroc` and `average_precision` of the class against the rest of
    the sampled images, with 95 % intervals; `sampled` (N) and `sampled_of_class`; `mean` of the class and
    `num_samples` behind it, over all images; `index`, the selectivity index with this class in the place of
    the best (NaN where means are negative or were not kept); `preferred`, whether it is the class with the
    highest mean; `reliable`, whether at least 10 sampled images are of the class; `kept`, of how many classes
    of a unit the atlas kept means, where not of all; `searched`, among how many units. The best of many units
    looks better than it is: the intervals are those of a unit chosen beforehand.

    Args:
        atlas: of a labelled image set.
        class_name: its name in the image set, or its number.
        k: how many units at most. Units without a value to rank by are left out.
        site: of one site only.
        by: "auroc", or "index" (over all images). Ties go to the earlier site, then the smaller number.

    Raises:
        UsageError: The class, site or measure is unknown (with the nearest names), or `k` is below 1.
        DataError: The images have no labels, or no sampled image is of the class.

    >>> import tempfile
    >>> import neurolupa as nl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shapes = "stimuli?target=shape&size=32&limit=16"
    ...     atlas = nl.scan(nl.load_model("embedded"), shapes, "relu", f"{folder}/atlas")
    ...     found = most_selective(atlas, "star", k=3)
    >>> found["auroc"].is_monotonic_decreasing, len(found)
    (True, 3)
    """
    import pandas as pd

    count = whole_number("k", k, 1)
    if by not in get_args(By):
        raise unknown("measure of selectivity", str(by), get_args(By))
    sites = atlas.sites if site is None else (atlas.site(site),)
    grouping = group(atlas)
    place = grouping.place(class_name)
    chosen = grouping.labels == place
    if not chosen.any():
        raise DataError(f"no sampled image of {atlas.folder} is of class {grouping.names[place]!r}")
    parts = [_ranked(atlas, name, grouping, place, by) for name in sites]
    found = pd.concat([part for part, _ in parts], ignore_index=True)
    found = found.sort_values(by, ascending=False, kind="stable", ignore_index=True).head(count)
    return _completed(atlas, found, grouping, place, sum(units for _, units in parts))


def _ranked(atlas: "Atlas", site: str, grouping: Grouping, place: int, by: By) -> tuple["pd.DataFrame", int]:
    """The units of a site that can be ranked, with their index and AUROC; and how many units it has."""
    import pandas as pd

    values = np.asarray(atlas.samples(site).mean[grouping.rows], np.float64)
    means = class_means(atlas.unit_classes(site), values.shape[1], grouping)
    frame = pd.DataFrame(
        {
            "site": site,
            "unit": np.arange(values.shape[1]),
            "class_name": grouping.names[place],
            "index": _index(means, grouping, place),
            "mean": means.mean[:, place],
            "num_samples": means.count[:, place],
            "preferred": _preferred(means.mean, place),
        }
    )
    if by == "auroc":
        frame["auroc"] = auroc_of(values, grouping.labels == place)
    return frame[frame[by].notna()], len(frame)


def _index(means: ClassMeans, grouping: Grouping, place: int) -> Floats:
    """(C,): the index of one class against the mean of the others; NaN where it does not exist."""
    lowest = means.range[0]
    usable = (lowest >= 0) & (means.classes == len(grouping.ids)) & (len(grouping.ids) > 1)
    found = np.full(len(lowest), np.nan)
    found[usable] = contrast(means.mean[usable], np.full(usable.sum(), place)) if usable.any() else np.nan
    return found


def _preferred(means: Floats, place: int) -> NDArray[np.bool_]:
    ranked = np.where(np.isnan(means), -np.inf, means)
    return (
        (ranked.argmax(1) == place) & (np.ptp(ranked, axis=1) > 0)
        if ranked.shape[1] > 1
        else ranked[:, 0] > 0
    )


def _completed(
    atlas: "Atlas", found: "pd.DataFrame", grouping: Grouping, place: int, searched: int
) -> "pd.DataFrame":
    """The chosen rows with what is dear to compute: intervals and average precision of these units alone."""
    import pandas as pd

    samples = {site: atlas.samples(site).mean for site in found["site"].unique()}
    pairs = zip(found["site"], found["unit"], strict=True)
    columns = [samples[site][:, unit][grouping.rows].astype(np.float64) for site, unit in pairs]
    rows = pd.DataFrame([_measured(column, grouping, place) for column in columns], columns=list(_MEASURED))
    found = found.drop(columns="auroc", errors="ignore").reset_index(drop=True)
    found = pd.concat(
        [found[["site", "unit", "class_name"]], rows, found.drop(columns=found.columns[:3])], axis=1
    )
    found["reliable"] = found["sampled_of_class"] >= RELIABLE
    found["kept"] = grouping.kept if grouping.cut else None
    return found.assign(searched=searched)


_MEASURED: Sequence[str] = (
    "auroc", "auroc_low", "auroc_high", "average_precision", "ap_low", "ap_high",
    "sampled", "sampled_of_class",
)  # fmt: skip


def _measured(values: Floats, grouping: Grouping, place: int) -> tuple:
    finite = np.isfinite(values)
    told = (grouping.labels[finite] == place).astype(np.int64)
    one = discriminate(values[finite], told, 2)
    numbers = (one.auroc, one.auroc_low, one.auroc_high, one.average_precision, one.ap_low, one.ap_high)
    return (*(float(each[1]) for each in numbers), int(finite.sum()), int(told.sum()))
