"""How few of the answers (..., n) carry the sum: lifetime over images, population over units, Hoyer's."""

import numpy as np

from neurolupa.units.classes.codes import Floats


def treves_rolls(answers: Floats) -> Floats:
    """The sparseness (...) of A. Treves and E. T. Rolls: a = (sum r / n)^2 / (sum r^2 / n).

    From 1/n, one answer alone, to 1, all alike: **small is sparse**. NaN where all are 0. Answers must not be
    negative. *What determines the capacity of autoassociative memories in the brain?*, Network 2 (1991).

    >>> treves_rolls(np.array([[0.0, 0.0, 0.0, 8.0], [2.0, 2.0, 2.0, 2.0]])).tolist()
    [0.25, 1.0]
    """
    answers = np.asarray(answers, np.float64)
    # Scaled by the maximum first: squares of very small or large answers leave the range of numbers.
    size = answers.max(-1, keepdims=True)
    scaled = answers / np.where(size == 0, np.nan, size)
    return scaled.mean(-1) ** 2 * answers.shape[-1] / np.einsum("...n,...n->...", scaled, scaled)


def vinje_gallant(answers: Floats) -> Floats:
    """The sparseness (...) of W. E. Vinje and J. L. Gallant: S = (1 - a) / (1 - 1/n), a as above.

    From 0, all alike, to 1, one answer alone: **large is sparse**. NaN where all are 0 or n is 1. *Sparse
    Coding and Decorrelation in Primary Visual Cortex During Natural Vision*, Science 287 (2000).

    >>> vinje_gallant(np.array([[0.0, 0.0, 0.0, 8.0], [2.0, 2.0, 2.0, 2.0]])).tolist()
    [1.0, 0.0]
    """
    return stretched(treves_rolls(answers), np.shape(answers)[-1])


def stretched(spread: Floats, count: int) -> Floats:
    """From the sparseness `a` (...) of Treves and Rolls over n answers to that of Vinje and Gallant.

    >>> float(stretched(np.array(0.5), 2))
    1.0
    """
    return np.clip((1 - spread) / (1 - 1 / count if count > 1 else np.nan), 0.0, 1.0)


def hoyer(answers: Floats) -> Floats:
    """The sparseness (...) of P. O. Hoyer: (sqrt(n) - sum |r| / sqrt(sum r^2)) / (sqrt(n) - 1).

    From 0, all alike, to 1, one answer alone. NaN where all are 0 or n is 1. *Non-negative Matrix
    Factorization with Sparseness Constraints*, JMLR 5 (2004).

    >>> hoyer(np.array([[0.0, 0.0, 0.0, 8.0], [2.0, 2.0, 2.0, 2.0]])).tolist()
    [1.0, 0.0]
    """
    return hoyer_of(treves_rolls(answers), np.shape(answers)[-1])


def hoyer_of(spread: Floats, count: int) -> Floats:
    """From the sparseness `a` (...) of Treves and Rolls to Hoyer's: sqrt(n) (1 - sqrt(a)) / (sqrt(n) - 1).

    >>> round(float(hoyer_of(np.array(0.25), 16)), 9)
    0.666666667
    """
    root = np.sqrt(count)
    return np.clip(root * (1 - np.sqrt(spread)) / (root - 1 if count > 1 else np.nan), 0.0, 1.0)
