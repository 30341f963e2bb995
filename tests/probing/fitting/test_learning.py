"""A probe learns from the training part alone, and agrees with scikit-learn's road to the same end."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss

from neurolupa.probing.codes import Control, ProbeCode
from neurolupa.probing.fitting.learning import Learned, learn
from neurolupa.probing.fitting.splitting import Split, split
from neurolupa.probing.judging import chance_of, judged, shuffled
from neurolupa.probing.settings import Settings
from neurolupa.probing.targets import Targets

SETTINGS = Settings(resamples=200)


def problem(count: int = 400, width: int = 10, classes: int = 4, seed: int = 0) -> tuple[np.ndarray, Targets]:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    features = random.normal(size=(count, width)) + random.normal(size=(classes, width))[labels]
    return features.astype(np.float32), Targets("kind", tuple("abcdefgh"[:classes]), labels)


def one(features: np.ndarray, targets: Targets, settings: Settings = SETTINGS) -> tuple[Learned, Split]:
    parts = split(targets, settings.test, settings.folds, settings.seed)
    return learn(features, [targets], parts, settings)[0], parts


@pytest.mark.parametrize("numeric", [False, True])
def test_the_test_part_decides_nothing(numeric: bool) -> None:
    features, targets = problem()
    if numeric:
        targets = Targets("size", (), features[:, 0] + features[:, 1] ** 2)
    found, parts = one(features, targets)
    spoilt, values = features.copy(), targets.values.copy()
    spoilt[parts.test] = 1e4 * np.random.default_rng(1).normal(size=spoilt[parts.test].shape)
    values[parts.test] = np.random.default_rng(2).permutation(values[parts.test])
    (again,) = learn(spoilt, [replace(targets, values=values)], parts, SETTINGS)
    np.testing.assert_array_equal(again.weights, found.weights)
    assert (again.strength, again.loss) == (found.strength, found.loss)
    assert again.predicted.tolist() != found.predicted.tolist()


def test_the_strength_and_loss_are_those_of_cross_validation_by_hand() -> None:
    features, targets = problem(300, 30)
    found, parts = one(features, targets)
    seen, labels = features[parts.train].astype(np.float64), targets.values[parts.train]
    seen = (seen - seen.mean(0)) / seen.std(0)
    losses = []
    for strength in SETTINGS.strengths:
        told = np.empty((len(seen), 4))
        for fold in range(5):
            left = parts.folds == fold
            model = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(seen[~left], labels[~left])
            told[left] = model.predict_proba(seen[left])
        losses.append(log_loss(labels, told))
    assert found.strength == SETTINGS.strengths[int(np.argmin(losses))]
    assert found.loss == pytest.approx(min(losses), abs=2e-3)


def test_accuracy_and_log_loss_are_those_of_scikit_learn() -> None:
    features, targets = problem(2000, 20, 8)
    found, parts = one(features, targets)
    mean, spread = features[parts.train].mean(0), features[parts.train].std(0)
    standard = (features - mean) / spread
    oracle = LogisticRegression(C=found.strength, max_iter=5000).fit(
        standard[parts.train], targets.values[parts.train]
    )
    said = oracle.predict_proba(standard[parts.test])
    assert (found.predicted == said.argmax(1)).mean() > 0.99
    assert found.log_loss == pytest.approx(log_loss(targets.values[parts.test], said), abs=2e-3)


def test_a_number_is_told_as_by_scikit_learn() -> None:
    features, _ = problem(300)
    targets = Targets("size", (), 100 + 5 * features[:, 0] + np.random.default_rng(0).normal(size=300))
    found, parts = one(features, targets)
    mean, spread = features[parts.train].mean(0), features[parts.train].std(0)
    standard = (features - mean) / spread
    alphas = [1 / strength for strength in SETTINGS.strengths]
    oracle = RidgeCV(alphas).fit(standard[parts.train], targets.values[parts.train])
    assert found.strength == pytest.approx(1 / oracle.alpha_)
    np.testing.assert_allclose(found.predicted, oracle.predict(standard[parts.test]), atol=0.01)
    assert judged(found, "relu", Control.NONE, parts, SETTINGS).score > 0.9


def test_labels_that_say_nothing_score_what_chance_does() -> None:
    features, targets = problem(400, 6)
    inside = 0
    for seed in range(100):
        settings = Settings(seed=seed, resamples=300, strengths=(1e-3, 1.0))
        dealt = shuffled(targets, seed)
        learned, parts = one(features, dealt, settings)
        probe = judged(learned, "relu", Control.NONE, parts, settings)
        inside += probe.low <= chance_of(dealt, parts) <= probe.high
    assert inside >= 95


def test_a_number_that_nothing_tells_scores_nothing() -> None:
    features, _ = problem(500)
    targets = Targets("size", (), np.random.default_rng(9).normal(size=500))
    learned, parts = one(features, targets)
    probe = judged(learned, "relu", Control.NONE, parts, SETTINGS)
    assert probe.low <= 0.02
    assert probe.score < 0.1


def test_labellings_learn_beside_each_other_what_they_learn_alone() -> None:
    features, targets = problem()
    parts = split(targets, 0.2, 5, 0)
    dealt = shuffled(targets, 0)
    together = learn(features, [targets, dealt], parts, SETTINGS)
    for found, each in zip(together, (targets, dealt), strict=True):
        (alone,) = learn(features, [each], parts, SETTINGS)
        assert found.strength == alone.strength
        np.testing.assert_allclose(found.weights, alone.weights, atol=1e-4)


def test_what_a_reader_should_know_is_said() -> None:
    features, targets = problem(100, 60)
    assert one(features, targets)[0].codes == (ProbeCode.FEW_SAMPLES,)
    features[:, 3] = 2
    assert ProbeCode.CONSTANT_FEATURES in one(features, targets)[0].codes
    assert one(np.ones_like(features), targets)[0].codes == (ProbeCode.NO_FEATURES,)


def test_a_site_of_constant_features_names_the_commonest_class() -> None:
    values = np.append(np.zeros(30, int), np.ones(10, int))
    targets = Targets("sign", ("+", "-"), values)
    learned, parts = one(np.ones((40, 3), np.float32), targets)
    probe = judged(learned, "relu", Control.NONE, parts, SETTINGS)
    assert probe.score == chance_of(targets, parts) == 0.75
