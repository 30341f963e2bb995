"""How alike two maps of one picture are, in the four ways of Adebayo et al. 2018.

NaN where one of them has one value everywhere, or holds values that are no numbers.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from skimage.feature import hog
from skimage.metrics import structural_similarity

Map = NDArray[np.floating[Any]]

_CELLS = 7  # of the histograms of gradients, along the shorter side
_WINDOW = 7  # pixels of the structural similarity


def rank(first: Map, second: Map) -> float:
    """Spearman's correlation of the absolute values.

    >>> rank(np.array([[1.0, -2.0, 3.0]]), np.array([[1.0, 2.0, 3.0]]))
    1.0
    """
    return _correlated(np.abs(first), np.abs(second))


def signed_rank(first: Map, second: Map) -> float:
    """Spearman's correlation of the values.

    >>> signed_rank(np.array([[1.0, 2.0, 3.0]]), np.array([[3.0, 2.0, 1.0]]))
    -1.0
    """
    return _correlated(first, second)


def structure(first: Map, second: Map) -> float:
    """Structural similarity (Wang et al. 2004) of the absolute values, each between its own ends.

    >>> ramp = np.arange(64.0).reshape(8, 8)
    >>> structure(ramp, ramp)
    1.0
    """
    window = min(_WINDOW, *first.shape)
    window -= 1 - window % 2
    if window < 3 or _is_blank(first) or _is_blank(second):
        return float("nan")
    return float(
        structural_similarity(_scaled(np.abs(first)), _scaled(np.abs(second)), win_size=window, data_range=1)
    )


def outlines(first: Map, second: Map) -> float:
    """Pearson's correlation between histograms of oriented gradients (Dalal and Triggs 2005).

    >>> ramp = np.arange(256.0).reshape(16, 16) ** 2
    >>> round(outlines(ramp, ramp), 6)
    1.0
    """
    found = [_gradients(each) for each in (first, second)]
    if any(_is_blank(each) for each in found):
        return float("nan")
    return float(np.corrcoef(found[0], found[1])[0, 1])


MEASURES: Mapping[str, Callable[[Map, Map], float]] = {
    "rank": rank,
    "signed_rank": signed_rank,
    "structure": structure,
    "outlines": outlines,
}
RANKS = ("rank", "signed_rank")
"""Those that do not care how large the cells of a map are."""


def _correlated(first: Map, second: Map) -> float:
    if _is_blank(first) or _is_blank(second):
        return float("nan")
    return float(spearmanr(first, second, axis=None).statistic)


def _is_blank(values: Map) -> bool:
    """Whether there is nothing to compare: one value everywhere, or some that are no numbers."""
    return values.size < 2 or not np.isfinite(values).all() or bool(np.ptp(values) == 0)


def _scaled(values: Map) -> Map:
    return (values - values.min()) / np.ptp(values)


def _gradients(values: Map) -> Map:
    if _is_blank(values):
        return np.zeros(1)
    side = max(1, min(values.shape) // _CELLS)
    return hog(_scaled(np.abs(values)), pixels_per_cell=(side, side), cells_per_block=(1, 1))
