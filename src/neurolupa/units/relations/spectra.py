"""How many dimensions the units of a layer fill: from the eigenvalues of their covariance."""

from dataclasses import dataclass

import numpy as np

from neurolupa.units.relations.codes import Floats


@dataclass(frozen=True)
class Dimensions:
    """How many dimensions values (N, C) fill, three ways.

    Attributes:
        participation: participation ratio of the sample's covariance.
        corrected: the same from unbiased estimates of what is above and below the fraction.
        effective: effective rank.
    """

    participation: float
    corrected: float
    effective: float


def eigenvalues(values: Floats) -> Floats:
    """The eigenvalues of the covariance of (N, C), descending, the min(N, C) largest; none is below 0.

    >>> eigenvalues(np.array([[1.0, 0.0], [-1.0, 0.0]])).tolist()
    [2.0, 0.0]
    """
    centred = values - values.mean(axis=0)
    images, units = centred.shape
    product = centred.T @ centred if units <= images else centred @ centred.T
    return np.maximum(np.linalg.eigvalsh(product)[::-1], 0.0) / max(images - 1, 1)


def dimensions(values: Floats) -> Dimensions:
    """All three numbers of (N, C); NaN where nothing varies.

    >>> found = dimensions(np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]))
    >>> round(found.participation, 6), round(found.effective, 6)
    (2.0, 2.0)
    """
    found = eigenvalues(values)
    if not found.sum() > 0:
        return Dimensions(np.nan, np.nan, np.nan)
    return Dimensions(participation_ratio(found), corrected_participation(values), effective_rank(found))


def participation_ratio(eigenvalues: Floats) -> float:
    r"""$(\sum \lambda)^2 / \sum \lambda^2$: from 1 (one dimension) to C (all alike).

    >>> participation_ratio(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    return float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def effective_rank(eigenvalues: Floats) -> float:
    r"""$\exp(-\sum p \ln p)$ with $p = \lambda / \sum \lambda$, the singular values of a covariance.

    O. Roy and M. Vetterli, *The Effective Rank: a Measure of Effective Dimensionality*, EUSIPCO 2007.

    >>> round(effective_rank(np.array([1.0, 1.0, 0.0])), 9)
    2.0
    """
    share = eigenvalues[eigenvalues > 0] / eigenvalues.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def corrected_participation(values: Floats) -> float:
    r"""The participation ratio from unbiased estimates of both traces.

    These are $(\operatorname{tr} \Sigma)^2$ above and $\operatorname{tr} \Sigma^2$ below the fraction.

    The sample's covariance spreads what is one dimension over several and cannot fill more than N - 1. Both
    traces are averages over four different images, and so unbiased whatever the distribution is: the one
    below as in S. X. Chen, L.-X. Zhang and P.-S. Zhong, *Tests for High-Dimensional Covariance Matrices*,
    JASA 105 (2010), which is HSIC_1 of the values with themselves; the one above is the mean of
    $h_{ij} h_{kl}$ with $h_{ij} = \lvert x_i - x_j \rvert^2 / 2$. Their ratio is biased less, not unbiased.
    NaN below four images and where the estimate below is not above 0.

    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(50, 200))
    >>> participation_ratio(eigenvalues(values)) < 50 < 150 < corrected_participation(values) < 250
    True
    """
    images = len(values)
    if images < 4:
        return np.nan
    centred = values - values.mean(axis=0)
    squares = (centred * centred).sum(axis=1)
    product = _frobenius(centred)
    below = unbiased_product(np.array(product), np.array((squares**2).sum()), squares.sum() ** 2, images)
    return float(_squared_trace(squares, product) / below) if below > 0 else np.nan


def unbiased_product(products: Floats, diagonals: Floats, traces: Floats, images: int) -> Floats:
    r"""HSIC_1 with linear kernels.

    L. Song et al., *Feature Selection via Dependence Maximization*, JMLR 13 (2012). It estimates
    $\lVert \Sigma_{xy} \rVert_F^2$ without bias, also where there are more units than images. For
    centred values the sums over rows and columns of the Gram matrices are 0, which leaves three terms.

    Args:
        products: (...), $\langle K, L \rangle$ of the centred Gram matrices.
        diagonals: (...), $\sum_i K_{ii} L_{ii}$.
        traces: (...), $\operatorname{tr} K \operatorname{tr} L$.
        images: N, at least four.

    >>> float(unbiased_product(np.array(2.0), np.array(1.0), np.array(4.0), 4).round(6))
    0.166667
    """
    n = images
    rows = traces / ((n - 1) * (n - 2)) - 2 * diagonals / (n - 2)
    return (products - diagonals + rows) / (n * (n - 3))


def _frobenius(centred: Floats) -> float:
    """The squared length of the Gram matrix, taken over the smaller of its two forms."""
    images, units = centred.shape
    return float(((centred.T @ centred if units <= images else centred @ centred.T) ** 2).sum())


def _squared_trace(squares: Floats, product: float) -> float:
    """The mean of h_ij h_kl over four different images: all pairs of pairs less those that share one."""
    n, total = len(squares), squares.sum()
    pairs = n * total
    rows = 0.5 * (n * squares + total)
    both = 0.5 * (n * (squares**2).sum() + total**2) + product
    return (pairs**2 - 4 * (rows**2).sum() + 2 * both) / (n * (n - 1) * (n - 2) * (n - 3))
