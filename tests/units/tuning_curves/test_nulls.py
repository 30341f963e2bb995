"""Shuffled labels: against every permutation there is, and against chance."""

from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from neurolupa.units.tuning_curves.curves import tuning_curves
from neurolupa.units.tuning_curves.design import Design, arrange
from neurolupa.units.tuning_curves.factors import FACTORS
from neurolupa.units.tuning_curves.measures import index_of, selectivity
from neurolupa.units.tuning_curves.nulls import at_best_level, label_means, null_of, shuffled_error


def test_means_by_label_are_those_of_pandas():
    rng = np.random.default_rng(0)
    grouped, labels = rng.normal(size=(2, 12, 3)), rng.permutation(np.repeat(range(4), 3))
    found = label_means(grouped, labels[None], 4)
    for level in range(2):
        expected = pd.DataFrame(grouped[level]).groupby(labels).mean().to_numpy().T
        np.testing.assert_allclose(found[0, :, level].T, expected)


def test_the_best_level_holds_the_highest_mean():
    by_unit = np.array([[[1.0, 9.0], [8.0, 8.0]], [[1.0, 2.0], [3.0, 0.0]]])  # unit, level, value
    curves, levels = at_best_level(by_unit.transpose(2, 1, 0)[None])
    assert curves.tolist() == [[[1, 9], [3, 0]]]
    assert levels.tolist() == [[0, 1]]


def test_null_and_p_are_those_of_all_permutations():
    values = np.array([0.1, 0.5, 2.0, 0.3, 0.9, 4.0])
    labels = np.array([0, 0, 1, 1, 2, 2])
    every = np.array(
        [selectivity(values[list(order)].reshape(3, 2).mean(1)) for order in permutations(range(6))]
    )
    observed = selectivity(values.reshape(3, 2).mean(1))
    found = null_of(values[None, :, None], labels, selectivity, observed[None], 20_000, seed=0)
    assert found.mean[0] == pytest.approx(every.mean(), rel=0.02)
    assert found.p[0] == pytest.approx((every >= observed - 1e-9).mean(), abs=0.012)
    assert found.high[0] == pytest.approx(np.quantile(every, 0.95), rel=0.02)


def test_the_spread_of_means_is_that_of_all_permutations():
    values, counts = np.array([0.1, 0.5, 2.0, 0.3, 0.9, 4.0]), np.array([1, 2, 3])
    parts = [
        (values[list(order)][:1], values[list(order)][1:3], values[list(order)][3:])
        for order in permutations(range(6))
    ]
    expected = np.std([[part.mean() for part in each] for each in parts], axis=0)
    np.testing.assert_allclose(shuffled_error(values[:, None], counts)[0], expected)


def test_more_units_than_fit_at_a_time_give_the_same(monkeypatch):
    grouped = np.random.default_rng(0).gamma(1, size=(2, 12, 5))
    labels = np.repeat(range(4), 3)
    ask = partial(null_of, grouped, labels, selectivity, np.full(5, 0.3), 50)
    whole = ask(seed=1)
    monkeypatch.setattr("neurolupa.units.tuning_curves.nulls._ROOM", 1)
    piecewise = ask(seed=1)
    np.testing.assert_allclose(piecewise.high, whole.high)
    np.testing.assert_array_equal(piecewise.p, whole.p)
    assert not np.allclose(ask(seed=2).high, whole.high)


def design_of(factor: str) -> Design:
    turns, cycles = range(0, 180, 18), (2.0, 4.0, 8.0)
    rows = [(t, c, s) for t in turns for c in cycles for s in ("circle", "star", "ring", "cross")]
    return arrange(pd.DataFrame(rows, columns=["orientation", "frequency", "shape"]), FACTORS[factor])


@pytest.mark.parametrize(
    ("factor", "kind"),
    [("orientation", "signed"), ("orientation", "sparse"), ("frequency", "signed"), ("shape", "sparse")],
)
def test_one_in_twenty_untuned_units_lies_beyond_its_null(factor, kind):
    # 1,500 units: 5 % give or take 0.56 %; the choice of the best level must not add to it.
    rng = np.random.default_rng(7)
    answers = rng.normal(size=(120, 1500)) if kind == "signed" else rng.gamma(0.3, size=(120, 1500))
    found = tuning_curves(FACTORS[factor], design_of(factor), answers, shuffles=299, seed=0)
    assert 0.035 < (found.p <= 0.05).mean() < 0.06
    assert 0.035 < (found.index > found.null_high).mean() < 0.065
    assert np.quantile(found.p, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.06)


def test_what_the_crossed_factor_does_is_not_taken_for_tuning():
    # Answers that depend on frequency alone, and strongly.
    rng = np.random.default_rng(3)
    level = np.tile(np.repeat([0.0, 5.0, 1.0], 4), 10)[:, None]
    answers = level + rng.gamma(1, size=(120, 300))
    turned = tuning_curves(FACTORS["orientation"], design_of("orientation"), answers, 199, seed=0)
    assert (turned.p <= 0.05).mean() < 0.09  # 300 units: 5 % and three standard errors
    assert (turned.level == 4.0).all()
    tuned = tuning_curves(FACTORS["frequency"], design_of("frequency"), answers, 199, seed=0)
    # With 12 pictures at each orientation, shuffles that nearly sort them are not rare.
    assert np.median(tuned.p) < 0.05
    assert (tuned.best == 1).all()


def test_a_unit_that_answers_one_picture_is_no_proof_of_tuning():
    answers = np.zeros((120, 1))
    answers[17] = 3.0
    found = tuning_curves(FACTORS["shape"], design_of("shape"), answers, 99, seed=0)
    assert found.index[0] == 1.0
    assert found.p[0] == 1.0


def test_a_tuned_unit_lies_far_beyond_its_null():
    design = design_of("orientation")
    turns = np.repeat(np.arange(0, 180, 18), 12)
    answers = 1 + np.cos(2 * np.deg2rad(turns - 50))[:, None]
    found = tuning_curves(FACTORS["orientation"], design, answers, 999, seed=0)
    assert found.p[0] == 0.001
    assert found.index[0] == pytest.approx(0.5)
    assert found.angle[0] == pytest.approx(50)
    assert found.null_high[0] < 0.2
    assert index_of(FACTORS["orientation"], design.values, found.response)[0] == found.index[0]
