"""Many tests at once: p-values adjusted for their number."""

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.codes import Floats
from neurolupa.errors import unknown

CORRECTIONS = ("bh", "by", "holm")


def known_correction(name: str) -> str:
    """The name itself; UsageError with the nearest for an unknown one.

    >>> known_correction("holm")
    'holm'
    """
    if name not in CORRECTIONS:
        raise unknown("correction", str(name), CORRECTIONS)
    return name


def adjusted(p: Floats, correction: str) -> Floats:
    """The p-values (...) of one family, adjusted for how many they are; NaN stays and does not count.

    "bh": of those called different at most 5 in 100 are expected to be none (Y. Benjamini and Y. Hochberg, J.
    Royal Statistical Society B 57, 1995; SciPy's `false_discovery_control`); holds for independent tests and
    for such as go up together. "by": the same whatever the tests have to do with each other (Y. Benjamini and
    D. Yekutieli, Annals of Statistics 29, 2001). "holm": in at most 5 of 100 analyses is even one none (S.
    Holm, Scandinavian J. of Statistics 6, 1979); holds always.

    >>> p = np.array([0.01, 0.02, 0.03, np.nan])
    >>> adjusted(p, "bh").round(3).tolist(), adjusted(p, "holm").round(3).tolist()
    ([0.03, 0.03, 0.03, nan], [0.03, 0.04, 0.04, nan])
    """
    from scipy.stats import false_discovery_control

    known = ~np.isnan(p)
    found = np.full(p.shape, np.nan)
    if known.any():
        values = p[known]
        by_rule = known_correction(correction) == "holm"
        found[known] = _holm(values) if by_rule else false_discovery_control(values, method=correction)
    return found


def _holm(p: NDArray[np.float64]) -> Floats:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(stepped, 1.0)
    return found
