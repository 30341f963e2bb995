"""`class_selectivities`: all units of a site in one table."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.checks import whole_number
from neurolupa.units.classes.codes import ClassCode, Floats, Words, index_codes, level_of, states_of
from neurolupa.units.classes.grouping import Grouping, group
from neurolupa.units.classes.indices import best_two, ratios, selectivity_index
from neurolupa.units.classes.nulls import HIGH, p_values, shuffled_means
from neurolupa.units.classes.table import ClassMeans, class_means

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas

SHUFFLES = 199


def class_selectivities(
    atlas: "Atlas", site: str, *, shuffles: int = SHUFFLES, seed: int = 0
) -> "pd.DataFrame":
    """One row for each unit of a site: its preferred class, ratio, level, selectivity index and its null.

    The columns mean what the fields of `ClassSelectivity` mean: `images` and all up to `index_code` are over
    all labelled images, the rest over the sampled ones: `sampled` (N), `sampled_code`, `sampled_index`, and
    under shuffled labels `null_mean`, `null_high` (95th percentile) and `p`, which is of one unit, and not
    corrected for their number. `kept` is the number of classes that the atlas kept of a unit, where it did
    not keep all of them.

    Raises:
        UsageError: The site is not in the atlas, or a number is out of range.
        DataError: The images have no labels, or a file is damaged.

    >>> import tempfile
    >>> import neurolupa as nl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shapes = "stimuli?target=shape&size=32&limit=16"
    ...     atlas = nl.scan(nl.load_model("embedded"), shapes, "relu", f"{folder}/atlas")
    ...     found = class_selectivities(atlas, "relu", shuffles=19)
    >>> found["p"].min() >= 0.05, found["images"].unique().tolist()
    (np.True_, [16])
    """
    import pandas as pd

    name = atlas.site(site)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    grouping = group(atlas)
    values = np.asarray(atlas.samples(name).mean[grouping.rows], np.float64)
    means = class_means(atlas.unit_classes(name), values.shape[1], grouping)
    columns = {**_over_all_images(means, grouping), **_over_samples(values, grouping.labels, shuffles, seed)}
    return pd.DataFrame({"site": name, "unit": np.arange(values.shape[1]), **columns})


def _over_all_images(means: ClassMeans, grouping: Grouping) -> dict[str, Any]:
    lowest, highest = means.range
    state = states_of(lowest, highest, means.classes)
    code = index_codes(state, lowest)
    if grouping.cut:
        code = np.where(code == "OK", "CLASSES_CUT", code)
    best, second, top, other = _two(means.mean)
    ratio, ratio_code = ratios(top, other)
    named = np.isin(state, [ClassCode.OK, ClassCode.SINGLE_CLASS])
    return {
        "state": state,
        "images": means.count.sum(1),
        "kept": grouping.kept if grouping.cut else None,
        "top_class": _names(grouping, best, named),
        "second_class": _names(grouping, second, state == ClassCode.OK),
        "top_mean": top,
        "second_mean": other,
        "difference": top - other,
        "ratio": ratio,
        "ratio_code": ratio_code,
        "level": [level_of(each).value for each in ratio],
        "index": _index(means.mean, code),
        "index_code": code,
    }


def _two(means: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """(C,) places and means of the best and of the second class; NaN where there is none."""
    if means.shape[1] == 1:
        first = np.zeros(len(means), np.int64)
        return first, first, means[:, 0], np.full(len(means), np.nan)
    best, second = best_two(means)
    rows = np.arange(len(means))
    return best, second, means[rows, best], means[rows, second]


def _index(means: Floats, codes: Words) -> Floats:
    """(C,): the index over the known class means; units that miss different classes are taken in turn."""
    found = np.full(len(means), np.nan)
    usable, known = codes == ClassCode.OK, ~np.isnan(means)
    for pattern in np.unique(known[usable], axis=0):
        alike = usable & (known == pattern).all(1)
        found[alike] = selectivity_index(means[alike][:, pattern])
    return found


def _over_samples(
    values: Floats, labels: NDArray[np.int64], shuffles: int, seed: int
) -> dict[str, NDArray | list]:
    """The index of every unit on its finite sampled values, and its null."""
    finite = np.isfinite(values)
    units = values.shape[1]
    numbers = {name: np.full(units, np.nan) for name in ("sampled_index", "null_mean", "null_high", "p")}
    codes = np.full(units, ClassCode.NO_VALUES.value, object)
    whole = finite.all(0)
    groups = [whole, *(np.arange(units) == unit for unit in np.flatnonzero(~whole & finite.any(0)))]
    for alike in (each for each in groups if each.any()):
        rows = finite[:, alike].all(1)
        codes[alike], *found = _with_null(values[rows][:, alike], labels[rows], shuffles, seed)
        for column, part in zip(numbers.values(), found, strict=True):
            column[alike] = part
    return {"sampled": finite.sum(0), "sampled_code": codes, **numbers}


def _with_null(
    values: Floats, labels: NDArray[np.int64], shuffles: int, seed: int
) -> tuple[Words, Floats, Floats, Floats, Floats]:
    """Codes, indices, their null's mean and 95th percentile, and p of columns (N, C) that are all finite."""
    _, sizes = np.unique(labels, return_counts=True)
    low, high = values.min(0), values.max(0)
    codes = index_codes(states_of(low, high, np.full(len(low), len(sizes))), low)
    usable = codes == ClassCode.OK
    numbers = np.full((4, len(low)), np.nan)
    if usable.any():
        held = values[:, usable]
        means = np.add.reduceat(held, np.cumsum(sizes) - sizes, axis=0) / sizes[:, None]
        index = selectivity_index(means.T)
        parts = shuffled_means(held, sizes, shuffles, seed)
        null = np.concatenate([selectivity_index(part.swapaxes(1, 2)) for part in parts])
        top = np.quantile(null, HIGH, axis=0, method="inverted_cdf")
        numbers[:, usable] = index, null.mean(0), top, p_values(index, null)
    return codes, *numbers


def _names(grouping: Grouping, places: NDArray[np.int64], known: NDArray[np.bool_]) -> "pd.Series":
    """(C,): the names of the classes at these places; None, which text columns would make NaN, for none."""
    import pandas as pd

    names = [grouping.names[place] if ok else None for place, ok in zip(places, known, strict=True)]
    return pd.Series(names, dtype=object)
