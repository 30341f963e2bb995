r"""Multinomial logistic regression, many problems over the same pictures at once.

Each problem b has labels, pictures that count (m of them) and a strength C of its own, and minimises

$$ \frac{1}{m} \sum_{i \in b} -\log p_{y_i}(x_i) + \frac{1}{2 C m} \|W\|^2, \qquad p = softmax(W x + c), $$

which has the minimum of scikit-learn's `LogisticRegression(C=C)` (of two classes C=2C, as that has one plane
where there are two here); the intercept c is free. All problems are
minimised side by side by L-BFGS (Liu and Nocedal 1989), each with its own steps, so that every step of all of
them is two products of matrices.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from neurolupa.probing.fitting.descending import Minimum, minimise

MOST_STEPS = 300


@dataclass(frozen=True, eq=False)
class Problems:
    """B problems over the same n pictures.

    Attributes:
        points: (n, r) the features along their axes.
        variances: (r,) of the features.
        labels: (B, n) or (1, n) int64, the class of each picture.
        counts: (B, n) or (1, n) float, 1 for a picture that a problem learns from and 0 for one left out.
        strengths: (B,) the C of each problem.
        classes: K.
    """

    points: Tensor = field(repr=False)
    variances: Tensor = field(repr=False)
    labels: Tensor = field(repr=False)
    counts: Tensor = field(repr=False)
    strengths: Tensor
    classes: int

    def __len__(self) -> int:
        return len(self.strengths)


@dataclass(frozen=True, eq=False)
class Planes:
    """What was fitted: (B, K, r) weights along the axes, (B, K) intercepts, (B,) whether it converged."""

    weights: Tensor = field(repr=False)
    intercepts: Tensor = field(repr=False)
    converged: Tensor

    def logits(self, points: Tensor) -> Tensor:
        """(B, K, n) of points (n, r)."""
        return self.weights @ points.T + self.intercepts[..., None]


def fit(problems: Problems, most_steps: int = MOST_STEPS) -> Planes:
    """The planes of all problems.

    >>> points = torch.tensor([[-1.0], [1.0]])
    >>> one = Problems(points, torch.ones(1), torch.tensor([[0, 1]]), torch.ones(1, 2), torch.ones(1), 2)
    >>> fit(one).logits(points).argmax(1).tolist()
    [[0, 1]]
    """
    loss = _Loss(problems)
    return loss.planes(minimise(loss, loss.zeros(), most_steps))


class _Loss:
    """The losses and gradients of some of the problems, in numbers along which they curve about alike.

    The numbers (b, K, r + 1) are weights and intercept over `scale`, 1 / sqrt of the curvature at zero
    weights, where each class has the probability 1 / K.
    """

    def __init__(self, problems: Problems) -> None:
        ones = problems.points.new_ones(len(problems.points), 1)
        self._points = torch.cat([problems.points, ones], 1)
        self._across = self._points.T.contiguous()
        self._problems = problems
        totals = problems.counts.sum(1)
        self._penalty = (1 / (problems.strengths * totals)).expand(len(problems))
        self._shares = (problems.counts / totals[:, None])[:, None]
        curve = torch.cat([problems.variances, problems.variances.new_ones(1)]) / problems.classes
        free = torch.ones_like(curve)
        free[-1] = 0
        self._free = free
        self._scale = (curve + self._penalty[:, None] * free).rsqrt()[:, None]

    def zeros(self) -> Tensor:
        """Where every class is as likely as any other."""
        return self._scale.new_zeros(len(self._problems), self._problems.classes, self._points.shape[1])

    def __call__(self, numbers: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        """(b,) losses and (b, K, r + 1) gradients of the problems `which` (b,)."""
        scale = self._scale[which]
        weights = numbers * scale
        flat = weights.flatten(0, 1)
        logits = (flat @ self._across).unflatten(0, weights.shape[:2])
        shares, labels = self._rows(self._shares, which), self._rows(self._problems.labels[:, None], which)
        logs = torch.log_softmax(logits, 1)
        fitted = -(logs.gather(1, labels.expand(len(which), -1, -1)) * shares).sum((1, 2))
        errors = logs.exp_().mul_(shares)
        errors.scatter_add_(1, labels.expand(len(which), -1, -1), -shares.expand(len(which), -1, -1))
        slope = (errors.flatten(0, 1) @ self._points).unflatten(0, weights.shape[:2])
        held = weights * self._free
        penalty = self._penalty[which]
        losses = fitted + penalty / 2 * held.square().sum((1, 2))
        return losses, (slope + penalty[:, None, None] * held) * scale

    def planes(self, found: Minimum) -> Planes:
        """The planes of numbers."""
        weights = found.place * self._scale
        return Planes(weights[..., :-1], weights[..., -1], found.converged)

    @staticmethod
    def _rows(values: Tensor, which: Tensor) -> Tensor:
        return values if len(values) == 1 else values[which]
