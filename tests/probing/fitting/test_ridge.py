"""Ridge regression against scikit-learn, and its errors against leaving each picture out in turn."""

import numpy as np
import torch
from sklearn.linear_model import Ridge

from neurolupa.probing.fitting.axes import principal_axes
from neurolupa.probing.fitting.ridge import Lines, fit_lines

STRENGTHS = (1e-2, 1.0, 100.0)


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, Lines]:
    """Standardised features, two targets, their points and the lines."""
    random = np.random.default_rng(seed)
    features = (random.normal(size=(40, 6)) @ random.normal(size=(6, 6))).astype(np.float32)
    targets = np.stack([features[:, 0] + random.normal(size=40), random.normal(5, 2, 40)]).astype(np.float32)
    axes = principal_axes(torch.from_numpy(features))
    points = axes(torch.from_numpy(features))
    lines = fit_lines(points, axes.variances, torch.from_numpy(targets), torch.tensor(STRENGTHS))
    standard = ((features - features.mean(0)) / features.std(0)).astype(np.float64)
    return standard, targets, points.numpy(), lines


def test_every_strength_predicts_what_scikit_learn_predicts() -> None:
    standard, targets, points, lines = problem()
    for place, target in enumerate(targets):
        for strong, strength in enumerate(STRENGTHS):
            oracle = Ridge(alpha=1 / strength).fit(standard, target)
            said = points @ lines.weights[place, strong].numpy() + float(lines.intercepts[place])
            np.testing.assert_allclose(said, oracle.predict(standard), atol=2e-3)


def test_the_errors_are_those_of_leaving_each_picture_out() -> None:
    standard, targets, _, lines = problem(3)
    for strong, strength in enumerate(STRENGTHS):
        for place, target in enumerate(targets):
            missed = []
            for left in range(len(target)):
                kept = np.arange(len(target)) != left
                oracle = Ridge(alpha=1 / strength).fit(standard[kept], target[kept])
                missed.append((oracle.predict(standard[left : left + 1])[0] - target[left]) ** 2)
            np.testing.assert_allclose(float(lines.errors[place, strong]), np.mean(missed), rtol=5e-3)
