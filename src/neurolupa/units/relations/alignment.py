"""Linear CKA between many layers at once: from Gram matrices that are never held whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurolupa.units.relations.codes import Floats
from neurolupa.units.relations.spectra import unbiased_product

ROOM = 8_000_000
"""Numbers of Gram matrices in memory at a time, of all layers together."""

CERTAIN = np.sqrt(19.0)
"""Standard deviations above its mean that nothing passes more often than in 5 % (Cantelli)."""


@dataclass(frozen=True, eq=False)
class Grams:
    """What is needed of the centred Gram matrices of L layers on the same N images.

    Attributes:
        products: (L, L), the inner products of every two: the sum over all pairs of images.
        squares: (L, N), their diagonals.
    """

    products: Floats
    squares: Floats

    @property
    def images(self) -> int:
        """N."""
        return self.squares.shape[1]

    @property
    def traces(self) -> Floats:
        """(L, L): the products of every two traces."""
        return np.multiply.outer(self.squares.sum(axis=1), self.squares.sum(axis=1))


def grams(layers: Sequence[Floats]) -> Grams:
    """The products of the Gram matrices of layers (N, C each), a few rows of each at a time.

    >>> found = grams([np.array([[1.0], [3.0]]), np.array([[0.0, 1.0], [2.0, 1.0]])])
    >>> found.products.tolist(), found.squares.tolist()
    ([[4.0, 4.0], [4.0, 4.0]], [[1.0, 1.0], [1.0, 1.0]])
    """
    centred = [values - values.mean(axis=0) for values in layers]
    images = len(centred[0])
    products = np.zeros((len(layers), len(layers)))
    step = max(1, ROOM // (images * len(layers)))
    for start in range(0, images, step):
        rows = np.stack([(values[start : start + step] @ values.T).ravel() for values in centred])
        products += rows @ rows.T
    return Grams(products, np.stack([(values * values).sum(axis=1) for values in centred]))


def linear_cka(found: Grams) -> Floats:
    r"""(L, L): $\langle K, L \rangle / (\lVert K \rVert \lVert L \rVert)$ of the centred Gram matrices.

    From 0 to 1. S. Kornblith, M. Norouzi, H. Lee and G. Hinton, *Similarity of Neural Network Representations
    Revisited*, ICML 2019. NaN where a layer does not vary.

    >>> one = np.array([[1.0], [3.0], [3.0]])
    >>> linear_cka(grams([one, 2 * one])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    return _normalised(found.products)


def debiased_cka(found: Grams) -> Floats:
    """(L, L): the same of HSIC_1, which chance does not lift; it can be below 0.

    T. Nguyen, M. Raghu and S. Kornblith, *Do Wide and Deep Networks Learn the Same Things?*, ICLR 2021. NaN
    below four images, and where the estimate of a layer with itself is not above 0.

    >>> rng = np.random.default_rng(0)
    >>> found = grams([rng.normal(size=(40, 200)), rng.normal(size=(40, 200))])
    >>> bool(linear_cka(found)[0, 1] > 0.8), bool(abs(debiased_cka(found)[0, 1]) < 0.1)
    (True, True)
    """
    if found.images < 4:
        return np.full(found.products.shape, np.nan)
    diagonals = found.squares @ found.squares.T
    return _normalised(unbiased_product(found.products, diagonals, found.traces, found.images))


def shuffled_cka(found: Grams) -> tuple[Floats, Floats]:
    r"""(L, L) each: mean and standard deviation of linear CKA over all N! shuffles of one layer's images.

    Linear CKA is the RV coefficient of Y. Escoufier, *Le traitement des variables vectorielles*, Biometrics
    29 (1973), and these moments are exact: F. Kazi-Aoual et al., *Refined Approximations to Permutation Tests
    for Multivariate Inference*, Computational Statistics & Data Analysis 20 (1995); J. Josse, J. Pagès and
    F. Husson, *Testing the Significance of the RV Coefficient*, the same 53 (2008). With the participation
    ratios $\beta$ of the two layers the mean is $\sqrt{\beta_x \beta_y} / (N-1)$.

    NaN below four images.

    >>> rng = np.random.default_rng(0)
    >>> mean, std = shuffled_cka(grams([rng.normal(size=(101, 1)), rng.normal(size=(101, 1))]))
    >>> mean.round(6).tolist()[0], bool(std[0, 1] < 0.02)
    ([0.01, 0.01], True)
    """
    n = found.images
    if n < 4:
        return np.full(found.products.shape, np.nan), np.full(found.products.shape, np.nan)
    own = np.where(np.diag(found.products) > 0, np.diag(found.products), np.nan)
    beta = np.diag(found.traces) / own
    rest = n - 1 - beta
    fourth = (found.squares**2).sum(axis=1) / own
    excess = (n - 1) / (n - 3) * (n * (n + 1) * fourth - (n - 1) * (beta + 2))
    both = np.multiply.outer(rest, rest) + (n - 3) / (2 * n * (n - 1)) * np.multiply.outer(excess, excess)
    variance = 2 * both / ((n + 1) * (n - 1) ** 2 * (n - 2))
    return np.sqrt(np.multiply.outer(beta, beta)) / (n - 1), np.sqrt(np.maximum(variance, 0))


def surely_below(value: Floats, mean: Floats, std: Floats) -> Floats:
    r"""Bounds (...) of how often what has this mean and deviation is as large: $1 / (1 + z^2)$.

    They are 1 at the mean and below.

    F. P. Cantelli's inequality (1928), which holds for any distribution.

    >>> surely_below(np.array([3.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [0.2, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(std > 0, (value - mean) / std, np.where(value > mean, np.inf, 0.0))
    return np.where(np.isnan(value), np.nan, 1 / (1 + np.maximum(z, 0) ** 2))


def _normalised(products: Floats) -> Floats:
    own = np.where(np.diag(products) > 0, np.diag(products), np.nan)
    with np.errstate(invalid="ignore"):
        return products / np.sqrt(np.multiply.outer(own, own))
