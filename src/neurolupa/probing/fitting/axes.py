"""Features as probes see them: standardised by the training part, and turned to its principal axes."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

_CONSTANT = 1e-6
"""A feature whose standard deviation is below this share of its mean is constant: that much is rounding."""

_TINY = 1e-30

_WIDE = 1024
"""Above so many axes float64 would cost seconds."""

_NOISE = 1e-6
"""An axis whose variance is below this share of the first one's is rounding."""


@dataclass(frozen=True, eq=False)
class Axes:
    r"""The principal axes of the standardised training features: $z = Q^T (x - \mu) / \sigma$.

    A rotation changes neither what a linear probe can tell nor its penalty $\|w\|^2$, as the axes span the
    training pictures; but in it the curvature of every probe's loss is nearly diagonal, and there are never
    more axes than pictures.

    Attributes:
        mean: (F,) of the training part.
        scale: (F,) 1 / its standard deviation; 0 where the feature is constant there.
        turn: (F, r) the axes Q.
        variances: (r,) along the axes, descending.
    """

    mean: Tensor = field(repr=False)
    scale: Tensor = field(repr=False)
    turn: Tensor = field(repr=False)
    variances: Tensor = field(repr=False)

    @property
    def constant(self) -> int:
        """How many features are constant over the training part."""
        return int((self.scale == 0).sum())

    def __len__(self) -> int:
        return self.turn.shape[1]

    def __call__(self, features: Tensor) -> Tensor:
        """(n, r) where features (n, F) lie along the axes."""
        return (features - self.mean) @ (self.scale[:, None] * self.turn)

    def back(self, weights: Tensor) -> Tensor:
        """Weights (K, r) along the axes as weights (K, F) of the standardised features."""
        return weights @ self.turn.T


def principal_axes(features: Tensor) -> Axes:
    """The axes of the training part (n, F) of the features, float32.

    >>> axes = principal_axes(torch.tensor([[0.0, 5.0], [2.0, 5.0]]))
    >>> axes.constant, axes(torch.tensor([[2.0, 9.0]])).abs().tolist()
    (1, [[1.0]])
    """
    mean = features.mean(0)
    centred = features - mean
    if features.shape[1] > len(features):
        scale = _scale(centred.square().mean(0), mean)
        variances, turn = _short(centred * scale)
    else:
        covariance = centred.T @ centred / len(centred)
        scale = _scale(covariance.diagonal(), mean)
        variances, turn = _spectrum(covariance * scale[:, None] * scale)
    return Axes(mean, scale, turn, variances)


def _scale(variance: Tensor, mean: Tensor) -> Tensor:
    spread = variance.sqrt()
    moves = spread > _CONSTANT * mean.abs()
    return torch.where(moves, 1 / spread.where(moves, torch.ones_like(spread)), 0.0)


def _short(standard: Tensor) -> tuple[Tensor, Tensor]:
    """(r,) and (F, r) of fewer pictures than features, by way of the products of pictures."""
    count = len(standard)
    variances, vectors = _spectrum(standard @ standard.T / count)
    return variances, (standard.T @ vectors) / (count * variances).sqrt()


def _spectrum(product: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues, descending, and eigenvectors, without those that are rounding."""
    exact = product.cpu() if len(product) > _WIDE else product.cpu().double()
    values, vectors = torch.linalg.eigh(exact)
    kept = values > _NOISE * values[-1:].clamp_min(_TINY)
    values, vectors = values[kept].flip(0), vectors[:, kept].flip(1)
    return values.to(product.device, product.dtype), vectors.to(product.device, product.dtype)
