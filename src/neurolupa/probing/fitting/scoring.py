"""How good a probe is on its test pictures, with intervals by resampling them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from neurolupa.probing.codes import Floats

_LEVEL = 0.95
_RESAMPLED = 2


@lru_cache(maxsize=4)
def resampled(count: int, resamples: int, seed: int) -> NDArray[np.float32]:
    """(R, T) how often each test picture is drawn when `count` are drawn with replacement; the same for all.

    >>> resampled(5, 3, 0).sum(1).tolist()
    [5.0, 5.0, 5.0]
    """
    random = np.random.default_rng([seed, _RESAMPLED])
    found = np.zeros((resamples, count), np.float32)
    for row in found:
        row += np.bincount(random.integers(count, size=count), minlength=count)
    found.flags.writeable = False
    return found


def accuracies(hits: NDArray[np.bool_], draws: NDArray[np.float32]) -> Floats:
    """(R,) the share of right answers in each resample; hits (T,).

    >>> accuracies(np.array([True, False]), np.array([[1, 1], [2, 0]], np.float32)).tolist()
    [0.5, 1.0]
    """
    return (draws @ hits.astype(np.float32)).astype(np.float64) / len(hits)


def determinations(truth: Floats, predicted: Floats, draws: NDArray[np.float32]) -> Floats:
    r"""(R,) $R^2 = 1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$ in each resample, the mean being its own.

    >>> determinations(np.array([0.0, 2.0]), np.array([0.0, 1.0]), np.ones((1, 2), np.float32)).tolist()
    [0.5]
    """
    centred = truth - truth.mean()
    wide = draws.astype(np.float64)
    counts = wide.sum(1)
    spread = wide @ centred**2 - (wide @ centred) ** 2 / counts
    missed = wide @ (truth - predicted) ** 2
    return 1 - np.divide(missed, spread, out=np.full(len(draws), np.nan), where=spread > 0)


def interval(values: Floats, count: int) -> tuple[float, float]:
    r"""The 95 % interval of resampled values, a little wider than their percentiles.

    Percentiles of resamples are too narrow for few pictures; they are moved out to
    $\Phi(\pm \sqrt{n / (n - 1)} \, t_{0.025, n - 1})$ (Hesterberg 2015, "What teachers should know about the
    bootstrap").

    >>> [round(end, 3) for end in interval(np.arange(1001.0), 10**9)]
    [25.0, 975.0]
    """
    known = values[np.isfinite(values)]
    if not len(known) or count < 2:
        return float("nan"), float("nan")
    reach = ndtr(np.sqrt(count / (count - 1)) * stdtrit(count - 1, (1 - _LEVEL) / 2))
    low, high = np.quantile(known, [reach, 1 - reach])
    return float(low), float(high)


def confusion(truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """(K, K) how many test pictures of the class of the row were called that of the column.

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def recalls(table: NDArray[np.int64]) -> Floats:
    """(K,) the share of each class that was recognised; NaN for a class without test pictures."""
    counts = table.sum(1)
    return np.divide(table.diagonal(), counts, out=np.full(len(table), np.nan), where=counts > 0)
