"""Many logistic regressions at once against scikit-learn's one by one."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from neurolupa.probing.fitting.axes import principal_axes
from neurolupa.probing.fitting.descending import minimise
from neurolupa.probing.fitting.logistic import Planes, Problems, fit

STRENGTHS = (1e-3, 1e-2, 0.1, 1.0)


def pictures(count: int, width: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features that tell classes a little, correlated as activations are."""
    random = np.random.default_rng(seed)
    labels = np.append(np.arange(classes), random.integers(classes, size=count - classes))
    away = random.normal(size=(classes, width))[labels]
    mixed = (random.normal(size=(count, width)) + 0.5 * away) @ random.normal(size=(width, width))
    return np.maximum(mixed, 0).astype(np.float32), labels


def fitted(
    features: np.ndarray, labels: np.ndarray, classes: int
) -> tuple[Planes, torch.Tensor, torch.Tensor]:
    """Planes of every strength, the points, and the weights of standardised features."""
    axes = principal_axes(torch.from_numpy(features))
    points = axes(torch.from_numpy(features))
    told = torch.from_numpy(labels)[None]
    ones = torch.ones(1, len(points))
    planes = fit(Problems(points, axes.variances, told, ones, torch.tensor(STRENGTHS), classes))
    return planes, points, axes.back(planes.weights.flatten(0, 1)).unflatten(0, (len(STRENGTHS), classes))


def standard(features: np.ndarray) -> np.ndarray:
    """Standardised in float64; constant features as zeros."""
    wide = features.astype(np.float64)
    spread = wide.std(0)
    return (wide - wide.mean(0)) / np.where(spread > 1e-6, spread, np.inf)


def mean_loss(model: LogisticRegression, features: np.ndarray, labels: np.ndarray) -> float:
    """What scikit-learn minimises, over C and the number of pictures."""
    probabilities = model.predict_proba(features)[np.arange(len(labels)), labels]
    return float(-np.log(probabilities).mean() + (model.coef_**2).sum() / (2 * model.C * len(labels)))


@pytest.mark.parametrize(("count", "width", "classes"), [(400, 12, 3), (300, 40, 10), (120, 300, 4)])
def test_every_strength_reaches_the_minimum_of_scikit_learn(count: int, width: int, classes: int) -> None:
    features, labels = pictures(count, width, classes)
    planes, points, weights = fitted(features, labels, classes)
    assert planes.converged.all()
    for place, strength in enumerate(STRENGTHS):
        oracle = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(standard(features), labels)
        logs = torch.log_softmax(planes.logits(points)[place], 0).double()
        loss = -logs[torch.from_numpy(labels), torch.arange(count)].mean()
        loss += weights[place].double().square().sum() / (2 * strength * count)
        assert float(loss) == pytest.approx(mean_loss(oracle, standard(features), labels), abs=5e-4)
        said = logs.exp().T.numpy()
        assert np.abs(said - oracle.predict_proba(standard(features))).mean() < 5e-3


def test_two_classes_say_what_a_model_of_two_planes_says() -> None:
    features, labels = pictures(200, 5, 2)
    planes, points, _ = fitted(features, labels, 2)
    # scikit-learn's binary model has one plane w, ours +w/2 and -w/2, whose penalty is half as large
    oracle = LogisticRegression(C=2 * 0.1, max_iter=5000, tol=1e-9).fit(standard(features), labels)
    said = torch.softmax(planes.logits(points)[2], 0)[1].numpy()
    assert np.abs(said - oracle.predict_proba(standard(features))[:, 1]).max() < 0.02


def test_pictures_that_do_not_count_are_as_if_they_were_not_there() -> None:
    features, labels = pictures(200, 8, 3)
    axes = principal_axes(torch.from_numpy(features))
    points, told = axes(torch.from_numpy(features)), torch.from_numpy(labels)[None]
    counts = (torch.arange(200) % 4 > 0).float()[None]
    some = counts[0] > 0
    strength = torch.tensor([0.1])
    masked = fit(Problems(points, axes.variances, told, counts, strength, 3))
    alone = fit(Problems(points[some], axes.variances, told[:, some], counts[:, some], strength, 3))
    torch.testing.assert_close(masked.logits(points), alone.logits(points), atol=1e-4, rtol=1e-4)


def test_a_problem_ends_the_same_whatever_runs_beside_it() -> None:
    features, labels = pictures(150, 6, 3)
    axes = principal_axes(torch.from_numpy(features))
    points = axes(torch.from_numpy(features))
    both = torch.stack([torch.from_numpy(labels), torch.from_numpy(labels[::-1].copy())])
    ones, strengths = torch.ones(1, 150), torch.tensor([1.0, 1e-3])
    together = fit(Problems(points, axes.variances, both, ones, strengths, 3))
    for place in range(2):
        alone = fit(Problems(points, axes.variances, both[place, None], ones, strengths[place, None], 3))
        torch.testing.assert_close(together.weights[place], alone.weights[0], atol=1e-4, rtol=1e-4)


def test_a_loss_that_ends_early_is_said_not_to_have_converged() -> None:
    features, labels = pictures(300, 30, 5)
    axes = principal_axes(torch.from_numpy(features))
    problems = Problems(
        axes(torch.from_numpy(features)),
        axes.variances,
        torch.from_numpy(labels)[None],
        torch.ones(1, 300),
        torch.tensor([100.0]),
        5,
    )
    assert not fit(problems, most_steps=2).converged.any()
    assert fit(problems).converged.all()


def test_a_crooked_valley_is_followed_to_its_lowest_point() -> None:
    def rosenbrock(numbers: torch.Tensor, which: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = numbers.double().T
        losses = 100 * (y - x**2) ** 2 + (1 - x) ** 2
        slopes = torch.stack([-400 * x * (y - x**2) - 2 * (1 - x), 200 * (y - x**2)], 1)
        return losses, slopes.to(numbers.dtype)

    start = torch.tensor([[-1.2, 1.0], [2.0, 2.0]], dtype=torch.float64)
    found = minimise(rosenbrock, start, 200)
    assert found.converged.all()
    assert torch.allclose(found.place, torch.ones(2, 2, dtype=torch.float64), atol=0.05)


def test_constant_features_have_no_weight() -> None:
    features, labels = pictures(100, 4, 3)
    features[:, 2] = 7.3
    axes = principal_axes(torch.from_numpy(features))
    _, _, weights = fitted(features, labels, 3)
    assert axes.constant == 1
    assert (weights[..., 2] == 0).all()
    assert (weights[..., [0, 1, 3]] != 0).all()


@pytest.mark.parametrize("shape", [(60, 9), (9, 60)])
def test_axes_keep_all_lengths_and_are_uncorrelated(shape: tuple[int, int]) -> None:
    features = np.random.default_rng(1).normal(3, 2, shape).astype(np.float32)
    axes = principal_axes(torch.from_numpy(features))
    points = axes(torch.from_numpy(features)).numpy()
    np.testing.assert_allclose((points**2).sum(1), (standard(features) ** 2).sum(1), rtol=2e-3)
    covariance = points.T @ points / len(points)
    np.testing.assert_allclose(covariance, np.diag(axes.variances.numpy()), atol=2e-3)
    assert len(axes) == min(shape[1], shape[0] - 1 if shape[0] < shape[1] else shape[1])
