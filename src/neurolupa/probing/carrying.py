"""Which units of a site carry a concept, by their weights in its probe."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.probing.codes import Floats
from neurolupa.probing.result import ConceptProbes

if TYPE_CHECKING:
    import pandas as pd


def carriers(probes: ConceptProbes, site: str, units: Mapping[str, NDArray[np.int64]]) -> "pd.DataFrame":
    """One row for each unit of a site, the heaviest first (see `ProbeReport.carriers`)."""
    import pandas as pd

    weights = probes.of(site).weights
    assert weights is not None
    parts = by_unit(weights, units[site])
    size = np.sqrt(parts.sum(0))
    order = np.argsort(-size, kind="stable")
    frame = pd.DataFrame({"unit": order, "weight": size[order], "share": _share(size**2)[order]})
    if probes.classes:
        frame["for_class"] = np.array(probes.classes, dtype=object)[_leading(weights, units[site])[order]]
    return frame


def by_unit(weights: NDArray[np.float32], units: NDArray[np.int64]) -> Floats:
    """(K, U) the squares of weights (K, F) summed over the features of each unit; units (F,).

    >>> by_unit(np.array([[3.0, 4.0, 1.0]], np.float32), np.array([0, 0, 1])).tolist()
    [[25.0, 1.0]]
    """
    found = np.zeros((len(weights), int(units.max()) + 1))
    np.add.at(found.T, units, weights.T.astype(np.float64) ** 2)
    return found


def _leading(weights: NDArray[np.float32], units: NDArray[np.int64]) -> NDArray[np.int64]:
    """(U,) the class with the largest of a unit's weights; of a grid, summed over its cells."""
    found = np.zeros((len(weights), int(units.max()) + 1))
    np.add.at(found.T, units, weights.T)
    return found.argmax(0)


def _share(values: Floats) -> Floats:
    total = values.sum()
    return values / total if total > 0 else values
