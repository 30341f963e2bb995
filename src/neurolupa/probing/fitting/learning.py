"""A probe of one site: its strength chosen inside the training part, fitted to that, tried on the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.probing.codes import ProbeCode
from neurolupa.probing.fitting.axes import Axes, principal_axes
from neurolupa.probing.fitting.logistic import Planes, Problems, fit
from neurolupa.probing.fitting.ridge import fit_lines
from neurolupa.probing.fitting.splitting import Split
from neurolupa.probing.settings import Settings
from neurolupa.probing.targets import Targets

_MOST_NUMBERS = 1 << 26
"""Of logits and of remembered steps at a time: a quarter of a gigabyte."""

_REMEMBERED = 24


@dataclass(frozen=True, eq=False)
class Learned:
    """A fitted probe and what it says of the test pictures.

    Attributes:
        truth: (T,) what they are: classes, or numbers.
        predicted: (T,) what the probe says.
        log_loss: mean -log of the probability given to the true class, in nats; NaN for numbers.
        strength: the C that was chosen.
        loss: of the cross-validation at that strength: log loss, or mean square error.
        weights: (K, F) of the standardised features; one row for numbers.
        codes: what a reader should know.
    """

    truth: NDArray = field(repr=False)
    predicted: NDArray = field(repr=False)
    log_loss: float
    strength: float
    loss: float
    weights: NDArray[np.float32] = field(repr=False)
    codes: tuple[ProbeCode, ...]


def learn(
    features: NDArray[np.float32],
    labellings: Sequence[Targets],
    split: Split,
    settings: Settings,
    device: torch.device | None = None,
) -> tuple[Learned, ...]:
    """One probe for each labelling of the same pictures, from features (N, F) of which row i is picture i.

    Only rows of the training part decide means, axes, strengths and weights; test rows are read at the end.
    The labellings share the split, and are all classes or all numbers.
    """
    train, test = (_rows(features, rows, device) for rows in (split.train, split.test))
    axes = principal_axes(train)
    site = _Site(axes, axes(train), axes(test))
    learned = _learn_numbers if labellings[0].numeric else _learn_classes
    return learned(site, labellings, split, settings)


@dataclass(frozen=True, eq=False)
class _Site:
    """The axes of a site, and where the training (n, r) and test (T, r) pictures are along them."""

    axes: Axes
    points: Tensor
    tried: Tensor

    def codes(self, converged: bool) -> tuple[ProbeCode, ...]:
        features, constant = len(self.axes.scale), self.axes.constant
        said = {
            ProbeCode.NO_FEATURES: constant == features,
            ProbeCode.CONSTANT_FEATURES: 0 < constant < features,
            ProbeCode.FEW_SAMPLES: len(self.points) < 2 * (features - constant),
            ProbeCode.NOT_CONVERGED: not converged,
        }
        return tuple(code for code, holds in said.items() if holds)


def _rows(features: NDArray[np.float32], rows: NDArray[np.int64], device: torch.device | None) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(features[rows], np.float32)).to(device)


def _learn_classes(
    site: _Site, labellings: Sequence[Targets], split: Split, settings: Settings
) -> tuple[Learned, ...]:
    points, classes = site.points, len(labellings[0].classes)
    labels = torch.from_numpy(np.stack([each.values[split.train] for each in labellings])).to(points.device)
    losses = _losses(site, labels, split.folds, settings, classes)
    best = losses.argmin(1)
    strengths = torch.tensor(settings.strengths)[best].to(points)
    counts = points.new_ones(1, len(points))
    planes = fit(Problems(points, site.axes.variances, labels, counts, strengths, classes))
    logs = torch.log_softmax(planes.logits(site.tried), 1).cpu().double().numpy()
    return tuple(
        Learned(
            truth := each.values[split.test],
            logs[place].argmax(0),
            -float(logs[place][truth, np.arange(len(truth))].mean()),
            settings.strengths[int(best[place])],
            float(losses[place].min()),
            site.axes.back(planes.weights[place]).cpu().numpy(),
            site.codes(bool(planes.converged[place])),
        )
        for place, each in enumerate(labellings)
    )


def _losses(
    site: _Site, labels: Tensor, folds: NDArray[np.int64], settings: Settings, classes: int
) -> Tensor:
    """(L, S) mean log loss of the pictures that were left out, each once."""
    points, strengths = site.points, torch.tensor(settings.strengths)
    fold = torch.from_numpy(folds).to(points.device)
    sizes = (len(labels), settings.folds, len(strengths))
    grid = torch.cartesian_prod(*(torch.arange(size) for size in sizes))
    total = torch.zeros(len(labels), len(strengths))
    for some in grid.split(_most(points, classes)):
        which, left, strong = some.T
        held = fold == left.to(points.device)[:, None]
        told = labels[which.to(points.device)]
        free = strengths[strong].to(points)
        planes = fit(Problems(points, site.axes.variances, told, (~held).to(points), free, classes))
        total.index_put_((which, strong), _left_out(planes, points, told, held).cpu(), accumulate=True)
    return total / len(points)


def _left_out(planes: Planes, points: Tensor, labels: Tensor, held: Tensor) -> Tensor:
    """(B,) summed log loss over the pictures that each problem left out."""
    logs = torch.log_softmax(planes.logits(points), 1)
    return -(logs.gather(1, labels[:, None])[:, 0] * held).sum(1)


def _most(points: Tensor, classes: int) -> int:
    """How many problems fit at a time."""
    return max(1, _MOST_NUMBERS // (classes * (len(points) + _REMEMBERED * points.shape[1])))


def _learn_numbers(
    site: _Site, labellings: Sequence[Targets], split: Split, settings: Settings
) -> tuple[Learned, ...]:
    values = np.stack([each.values for each in labellings])
    seen = values[:, split.train]
    centre, spread = seen.mean(1), np.where(seen.std(1) > 0, seen.std(1), 1)
    targets = torch.from_numpy((seen - centre[:, None]) / spread[:, None]).to(site.points)
    strengths = torch.tensor(settings.strengths).to(site.points)
    lines = fit_lines(site.points, site.axes.variances, targets, strengths)
    best = lines.errors.argmin(1).tolist()
    return tuple(
        Learned(
            values[place, split.test],
            (site.tried @ lines.weights[place, one]).cpu().double().numpy() * spread[place] + centre[place],
            float("nan"),
            settings.strengths[one],
            float(lines.errors[place, one]) * float(spread[place]) ** 2,
            site.axes.back(lines.weights[place, one][None]).cpu().numpy(),
            site.codes(converged=True),
        )
        for place, one in enumerate(best)
    )
