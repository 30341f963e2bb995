"""`class_selectivity`: one unit of an atlas and the classes of its images."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.checks import whole_number
from neurolupa.units.classes.codes import ClassCode, Floats, index_codes, level_of, states_of
from neurolupa.units.classes.discrimination import discriminate
from neurolupa.units.classes.evidence import sampled_selectivity
from neurolupa.units.classes.grouping import Grouping, group
from neurolupa.units.classes.indices import best_two, ratios, selectivity_index
from neurolupa.units.classes.result import ClassSelectivity
from neurolupa.units.classes.sparseness import vinje_gallant
from neurolupa.units.classes.table import ClassMeans, class_means, class_table

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas

SHUFFLES = 299


def class_selectivity(
    atlas: "Atlas", site: str, unit: int, *, shuffles: int = SHUFFLES, seed: int = 0
) -> ClassSelectivity:
    """Which classes a unit answers, how far the preferred one stands out, and what chance would give.

    A unit's answer to an image is the mean of its map. Means, ratio and index are over all labelled images of
    the atlas; medians, AUROC, average precision, sparseness, nulls and intervals over its sampled images. No
    network runs, and only the unit's rows and its site's samples are read.

    Args:
        atlas: of a labelled image set.
        site: any name that the atlas takes.
        unit: its number in the site.
        shuffles: how often labels are shuffled for the nulls, and images drawn for the intervals.
        seed: of both.

    Raises:
        UsageError: The site or unit is not in the atlas, or a number is out of range.
        DataError: The images have no labels, or a file is damaged.

    >>> import tempfile
    >>> import neurolupa as nl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shapes = "stimuli?target=shape&size=32&limit=16"
    ...     atlas = nl.scan(nl.load_model("embedded"), shapes, "relu", f"{folder}/atlas")
    ...     found = class_selectivity(atlas, "relu", 3)
    >>> found.images, found.sampled, len(found.to_frame()), found.reliable
    (16, 16, 8, False)
    """
    name, number = atlas.site(site), whole_number("unit", unit)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    rows = atlas.unit_classes(name, number)
    grouping = group(atlas)
    values, labels = _sampled_values(atlas, name, number, grouping)
    means = class_means(rows, 1, grouping, first=number)
    found = discriminate(values, labels, len(grouping.ids))
    return ClassSelectivity(
        source=atlas.source,
        site=name,
        unit=number,
        images=int(means.count.sum()),
        unlabelled=grouping.unlabelled,
        kept=grouping.kept if grouping.cut else None,
        **_over_all_images(means, grouping),
        classes=class_table(grouping, means, values, labels, found),
        sample=sampled_selectivity(values, labels, grouping.names, shuffles, seed),
    )


def _sampled_values(
    atlas: "Atlas", site: str, unit: int, grouping: Grouping
) -> tuple[Floats, NDArray[np.int64]]:
    """The unit's finite values on the labelled sampled images, and which class each is of, ascending."""
    values = atlas.samples(site).mean[:, unit][grouping.rows].astype(np.float64)
    finite = np.isfinite(values)
    return values[finite], grouping.labels[finite]


def _over_all_images(means: ClassMeans, grouping: Grouping) -> dict:
    """The fields of a unit that come from its class means (1, K)."""
    lowest, highest = means.range
    state = states_of(lowest, highest, means.classes)
    code = ClassCode(index_codes(state, lowest)[0])
    code = ClassCode.CLASSES_CUT if code == ClassCode.OK and grouping.cut else code
    stands_out = state[0] in (ClassCode.OK, ClassCode.SINGLE_CLASS)
    best, second, known = _best_two(means.mean[0])
    ratio, ratio_code = ratios(np.array(best[1]), np.array(second[1]))
    held = means.mean[0][known]
    return {
        "state": ClassCode(state[0]),
        "top_place": best[0] if stands_out else None,
        "top_class": grouping.names[best[0]] if stands_out else None,
        "second_class": grouping.names[second[0]] if state[0] == ClassCode.OK else None,
        "difference": best[1] - second[1],
        "ratio": float(ratio),
        "ratio_code": ClassCode(str(ratio_code)),
        "level": level_of(float(ratio)),
        "index": float(selectivity_index(held)) if code == ClassCode.OK else np.nan,
        "index_code": code,
        "class_sparseness": float(vinje_gallant(held)) if code == ClassCode.OK else np.nan,
    }


def _best_two(means: Floats) -> tuple[tuple[int, float], tuple[int, float], NDArray[np.bool_]]:
    """The place and mean of the best class and of the second (NaN where there is none); which are known."""
    known = ~np.isnan(means)
    if len(means) < 2:
        return (0, float(means[0])), (0, np.nan), known
    best, second = (int(place) for place in best_two(means))
    return (best, float(means[best])), (second, float(means[second])), known
