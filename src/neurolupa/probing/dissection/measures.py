"""From counts of places to how well a unit detects a concept."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def iou(both: Floats, active: Floats, truth: Floats) -> Floats:
    """Intersection over union: both / (active + truth - both), 0 where nothing is active or true.

    Summed over a data set before they are divided, as Bau et al. 2017 do.

    Args:
        both: places (...) where the unit is above its threshold inside the concept's mask.
        active: places (...) where the unit is above its threshold.
        truth: places (...) of the mask.

    >>> iou(np.array([2.0, 0.0]), np.array([4.0, 0.0]), np.array([6.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    union = active + truth - both
    return np.divide(both, union, out=np.zeros(np.shape(union)), where=union > 0)


def average_precision(hits: Floats, places: Floats) -> Floats:
    """Area under the precision-recall curve, as steps: the sum over levels of precision x gain in recall.

    With TP_k the hits and N_k the places at level k or above: sum of TP_k / N_k x (TP_k - TP_(k+1)) / TP_0.
    It is scikit-learn's `average_precision_score` of values that are rounded down to their level, every place
    being true by its share in the mask and false by the rest. Without hits it is 0.

    Args:
        hits: (..., L) what of the mask lies at places of each level, lowest level first.
        places: (..., L) how many places have this level.

    >>> average_precision(np.array([0.0, 1.0, 1.0]), np.array([2.0, 3.0, 1.0])).tolist()
    0.75
    """
    above, among = _from_above(hits), _from_above(places)
    precision = np.divide(above, among, out=np.zeros_like(above), where=among > 0)
    whole = above[..., 0]
    area = (precision * hits).sum(-1)
    return np.divide(area, whole, out=np.zeros_like(area), where=whole > 0)


def best_f1(hits: Floats, places: Floats) -> Floats:
    """The highest F1 = 2 TP_k / (N_k + TP_0) over all levels k; the lowest takes every place.

    At a unit's own threshold F1 would be 2 IoU / (1 + IoU) and say nothing that IoU does not. A detector that
    takes every place has 2 b / (1 + b), b being the base rate. Arguments as of `average_precision`.

    >>> best_f1(np.array([0.0, 1.0, 1.0]), np.array([2.0, 3.0, 1.0])).round(3).tolist()
    0.667
    """
    above, among = _from_above(hits), _from_above(places)
    size = among + above[..., :1]
    return np.divide(2 * above, size, out=np.zeros_like(above), where=size > 0).max(-1)


def _from_above(counts: Floats) -> Floats:
    return np.broadcast_to(counts, counts.shape)[..., ::-1].cumsum(-1)[..., ::-1]
