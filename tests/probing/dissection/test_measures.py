"""IoU, average precision and F1 against scikit-learn and slow loops."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, jaccard_score

from neurolupa.probing.dissection.measures import average_precision, best_f1, iou


@pytest.fixture(scope="module")
def drawn():
    """Values on 7 levels and shares in a mask, of 4 units at 60 places; and their counts by level."""
    rng = np.random.default_rng(1)
    level, share = rng.integers(0, 7, (4, 60)), rng.choice([0.0, 0.3, 1.0], (4, 60))
    hits = np.stack([np.bincount(row, weights, 7) for row, weights in zip(level, share, strict=True)])
    places = np.stack([np.bincount(row, minlength=7) for row in level]).astype(float)
    return level, share, hits, places


def test_average_precision_is_that_of_scikit_learn_on_rounded_values(drawn):
    level, share, hits, places = drawn
    truth = np.repeat([1, 0], 60)
    expected = [
        average_precision_score(truth, np.tile(row, 2), sample_weight=np.r_[weights, 1 - weights])
        for row, weights in zip(level, share, strict=True)
    ]
    np.testing.assert_allclose(average_precision(hits, places), expected, rtol=1e-12)


def test_best_f1_is_the_best_of_scikit_learn_over_all_thresholds(drawn):
    level, share, hits, places = drawn
    truth = np.repeat([1, 0], 60)
    expected = [
        max(
            f1_score(truth, np.tile(row, 2) >= least, sample_weight=np.r_[weights, 1 - weights])
            for least in np.unique(row)
        )
        for row, weights in zip(level, share, strict=True)
    ]
    np.testing.assert_allclose(best_f1(hits, places), expected, rtol=1e-12)


def test_iou_is_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    active, truth = rng.random((2, 5, 80)) < 0.3
    counts = [np.array(each.sum(1), float) for each in (active & truth, active, truth)]
    expected = [jaccard_score(*pair) for pair in zip(truth, active, strict=True)]
    np.testing.assert_allclose(iou(*counts), expected, rtol=1e-12)


def test_a_perfect_detector_has_one_and_a_blind_one_the_base_rate():
    hits, places = np.array([[0.0, 3.0], [3.0, 0.0]]), np.array([[9.0, 3.0], [12.0, 0.0]])
    assert average_precision(hits, places).tolist() == [1.0, 0.25]
    assert best_f1(hits, places).tolist() == [1.0, 2 * 0.25 / 1.25]


def test_nothing_to_find_is_zero():
    nothing = np.zeros(3)
    assert average_precision(nothing, nothing) == best_f1(nothing, nothing) == iou(*np.zeros((3, 1))) == 0
