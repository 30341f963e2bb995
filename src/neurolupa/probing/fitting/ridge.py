r"""Ridge regression of numbers, for all strengths at once, with the exact errors of leaving each picture out.

Along the principal axes the minimum of $\frac{1}{n} \|y - Z w\|^2 + \lambda \|w\|^2$ with
$\lambda = 1 / (C n)$ is $w_j = (Z^T y)_j / n / (s_j + \lambda)$; it is that of scikit-learn's
`Ridge(alpha=1 / C)`.
"""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Lines:
    """For L targets and S strengths: (L, S, r) weights along the axes, (L,) intercepts, (L, S) errors.

    The errors are mean squares over the pictures, each predicted by what was fitted without it.
    """

    weights: Tensor = field(repr=False)
    intercepts: Tensor
    errors: Tensor


def fit_lines(points: Tensor, variances: Tensor, targets: Tensor, strengths: Tensor) -> Lines:
    r"""The lines through points (n, r), centred, and targets (L, n).

    Leaving picture i out changes its error to $e_i / (1 - h_i)$, with $h_i = \frac{1}{n} + \sum_j
    \frac{z_{ij}^2}{n (s_j + \lambda)}$ (Golub, Heath and Wahba 1979).

    >>> import torch
    >>> points = torch.tensor([[-1.0], [1.0]])
    >>> lines = fit_lines(points, torch.ones(1), torch.tensor([[1.0, 3.0]]), torch.tensor([1e6]))
    >>> lines.weights.round(decimals=3).flatten().tolist(), lines.intercepts.tolist()
    ([1.0], [2.0])
    """
    count = len(points)
    means = targets.mean(1)
    centred = targets - means[:, None]
    shrunk = 1 / (variances + 1 / (strengths[:, None] * count))
    weights = (centred @ points / count)[:, None] * shrunk
    leverage = 1 / count + points.square() @ shrunk.T / count
    errors = (centred[:, None] - weights @ points.T) / (1 - leverage.T).clamp_min(1e-6)
    return Lines(weights, means, errors.square().mean(2))
