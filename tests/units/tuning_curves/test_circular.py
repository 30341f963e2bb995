"""Averages on a circle, against SciPy over the same angles repeated."""

import numpy as np
import pytest
from scipy.stats import circmean, circvar

from neurolupa.units.tuning_curves.circular import concentration, distance, mean_angle


@pytest.mark.parametrize("period", [180.0, 360.0])
def test_variance_and_mean_are_scipys(period):
    rng = np.random.default_rng(0)
    degrees = np.arange(12) * period / 12
    times = rng.integers(0, 9, (20, 12))
    for row in times:
        repeated = np.repeat(degrees, row)
        weights = row.astype(float)
        # SciPy's circvar doubles nothing by itself: `high` is the period.
        assert concentration(weights, degrees, period) == pytest.approx(1 - circvar(repeated, high=period))
        apart = distance(mean_angle(weights, degrees, period), circmean(repeated, high=period), period)
        assert apart < 1e-6


def test_weights_are_shares_whatever_their_sum():
    degrees = np.array([0.0, 30.0, 90.0])
    weights = np.array([1.0, 2.0, 0.5])
    for scale in (1e-6, 1.0, 1e6):
        assert concentration(scale * weights, degrees, 180.0) == pytest.approx(
            concentration(weights, degrees, 180.0)
        )


def test_angles_are_below_the_period_and_turn_with_the_curve():
    degrees = np.arange(16) * 11.25
    curve = np.cos(2 * np.deg2rad(degrees - 7.0)) + 1.5
    assert mean_angle(curve, degrees, 180.0) == pytest.approx(7.0)
    assert mean_angle(np.roll(curve, 3), degrees, 180.0) == pytest.approx(7.0 + 33.75)
    assert mean_angle(np.eye(16)[0], degrees, 180.0) == 0.0
    just_below = np.array([1.0, 1e-14, 0, 0])[::-1]
    assert 0 <= mean_angle(just_below, np.array([0.0, 45, 90, 135]), 180.0) < 180


def test_nothing_has_no_direction():
    assert np.isnan(concentration(np.zeros(4), [0, 45, 90, 135], 180.0))
