"""How many units detect a concept, and how many concepts are detected: one rule for every table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurolupa.atlas.checks import path_of, real_number
from neurolupa.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

LEAST_IOU = 0.04
"""What an IoU must exceed for a unit to be a detector, by convention."""

_COLUMNS = ("unit", "category", "concept", "iou")
_OVERLAP, _LABEL = "-iou", "-label"


@dataclass(frozen=True)
class DetectorCounts:
    """Detectors of one site.

    Attributes:
        units: N, how many units were asked.
        least: what the IoU of a detector exceeds.
        detectors: units that exceed it in any category.
        unique: different concepts among all detections, counted in each category and summed.
        unique_best: the same where a unit counts for its single best category alone.
        detectors_in: by category, the units that exceed `least` in it.
        unique_in: by category, the different concepts that these detect.
    """

    units: int
    least: float
    detectors: int
    unique: int
    unique_best: int
    detectors_in: Mapping[str, int]
    unique_in: Mapping[str, int]


def count_detectors(table: "pd.DataFrame", least: float = LEAST_IOU) -> DetectorCounts:
    """The detectors of one site, as Network Dissection counts them.

    D. Bau, B. Zhou, A. Khosla, A. Oliva and A. Torralba, *Network Dissection: Quantifying Interpretability of
    Deep Visual Representations*, CVPR 2017: a unit detects the best concept of a category where their IoU
    exceeds 0.04. It knows no null: the larger the mask of a concept, the sooner it does by chance.

    Args:
        table: One row for each unit and category, with the unit's best concept there: columns `unit`,
            `category`, `concept` and `iou`. More columns may be there.
        least: What the IoU of a detector exceeds.

    Raises:
        UsageError: `least` is not a share.
        DataError: A column is missing, or a unit has a category twice.

    >>> import pandas as pd
    >>> rows = [(0, "hue", "red", 0.2), (0, "shape", "star", 0.1), (1, "hue", "red", 0.05)]
    >>> rows += [(2, "hue", "blue", 0.04)]  # not above it
    >>> found = count_detectors(pd.DataFrame(rows, columns=["unit", "category", "concept", "iou"]))
    >>> found.detectors, found.unique, found.unique_best, found.unique_in
    (2, 2, 1, {'hue': 1, 'shape': 1})
    """
    if not 0 <= real_number("least", least) <= 1:
        raise UsageError(f"least is a share between 0 and 1, not {least:g}")
    _check(table)
    detected = table[table["iou"] > least]
    best = detected.sort_values("iou", ascending=False, kind="stable").drop_duplicates("unit")
    categories = dict.fromkeys(table["category"])
    unique_in = {each: _concepts(detected, each) for each in categories}
    return DetectorCounts(
        units=table["unit"].nunique(),
        least=float(least),
        detectors=len(best),
        unique=sum(unique_in.values()),
        unique_best=sum(_concepts(best, each) for each in categories),
        detectors_in={each: int((detected["category"] == each).sum()) for each in categories},
        unique_in=unique_in,
    )


def read_published(path: str | os.PathLike) -> "pd.DataFrame":
    r"""A table that Network Dissection wrote (`tally.csv` and the like), as `count_detectors` takes it.

    Its columns `<category>-label` and `<category>-iou` become rows; units keep their numbers, which begin
    with 1 there. A label may be empty.

    Raises:
        DataError: The file is missing, is no such table, or has an IoU that is not a number.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "tally.csv")
    ...     _ = path.write_text("unit,part-label,part-iou\n7,wheel,0.25\n")
    ...     read_published(path).to_dict("records")
    [{'unit': 7, 'category': 'part', 'concept': 'wheel', 'iou': 0.25}]
    """
    import pandas as pd

    place = path_of("path", path)
    try:
        wide = pd.read_csv(place, keep_default_na=False)
        names = [name.removesuffix(_OVERLAP) for name in map(str, wide) if name.endswith(_OVERLAP)]
        parts = [
            pd.DataFrame(
                {
                    "unit": wide["unit"],
                    "category": name,
                    "concept": wide[name + _LABEL],
                    "iou": wide[name + _OVERLAP].astype(float),
                }
            )
            for name in names
        ]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{place} cannot be read as a table of Network Dissection: {error}") from None
    if not parts:
        raise DataError(f"{place} is no table of Network Dissection: no column ends in {_OVERLAP}")
    return pd.concat(parts, ignore_index=True)


def _check(table: "pd.DataFrame") -> None:
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise DataError(
            f"a table of detectors needs a column {missing[0]}; it has: {', '.join(map(str, table))}"
        )
    twice = table[table.duplicated(["unit", "category"])]
    if len(twice):
        unit, category = twice.iloc[0][["unit", "category"]]
        raise DataError(f"unit {unit} has the category {category} twice; count one site at a time")


def _concepts(detected: "pd.DataFrame", category: str) -> int:
    return int(detected.loc[detected["category"] == category, "concept"].nunique())
