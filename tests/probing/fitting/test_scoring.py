"""Scores and intervals against scikit-learn, SciPy and slow loops."""

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, r2_score

from neurolupa.probing.fitting.scoring import (
    accuracies,
    confusion,
    determinations,
    interval,
    recalls,
    resampled,
)

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(4, size=300)
SAID = np.where(RANDOM.random(300) < 0.7, TRUTH, RANDOM.integers(4, size=300))


def test_a_table_of_confusion_is_that_of_scikit_learn() -> None:
    found = confusion(TRUTH, SAID, 4)
    np.testing.assert_array_equal(found, confusion_matrix(TRUTH, SAID))
    assert recalls(found).mean() == pytest.approx(balanced_accuracy_score(TRUTH, SAID))


def test_a_class_without_test_pictures_has_no_recall() -> None:
    assert np.isnan(recalls(confusion(TRUTH, SAID, 5))[4])


def test_the_interval_of_an_accuracy_is_that_of_scipy() -> None:
    hits = TRUTH == SAID
    found = interval(accuracies(hits, resampled(300, 4000, 0)), 300)
    oracle = bootstrap((hits.astype(float),), np.mean, method="percentile", n_resamples=4000, rng=1)
    assert found[0] == pytest.approx(oracle.confidence_interval.low, abs=0.006)
    assert found[1] == pytest.approx(oracle.confidence_interval.high, abs=0.006)


def test_resampled_determinations_are_those_of_drawn_pictures() -> None:
    truth = RANDOM.normal(3, 2, 50)
    said = truth + RANDOM.normal(size=50)
    draws = resampled(50, 5, 7)
    for row, found in zip(draws, determinations(truth, said, draws), strict=True):
        drawn = np.repeat(np.arange(50), row.astype(int))
        assert found == pytest.approx(r2_score(truth[drawn], said[drawn]), abs=1e-6)


def test_intervals_are_wider_for_few_pictures() -> None:
    values = np.linspace(0, 1, 10001)
    few, many = interval(values, 5), interval(values, 5000)
    assert few[0] < many[0] < 0.0251
    assert 0.9749 < many[1] < few[1]


def test_resamples_are_drawn_once() -> None:
    assert resampled(20, 10, 3) is resampled(20, 10, 3)
    assert (resampled(20, 10, 3).sum(1) == 20).all()
    assert (resampled(20, 10, 3) != resampled(20, 10, 4)).any()
