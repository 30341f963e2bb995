"""Correlations under every shift, one by one, and how often nothing is taken for something."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import pearsonr

from neurolupa.units.appearance.features import feature_maps
from neurolupa.units.appearance.shifting import layout_z, shifted_correlations

from .networks import noise


def windows_of(unit_map):
    """Every window of the mirrored map, as copies, the unshifted first."""
    height, width = unit_map.shape
    mirrored = np.pad(unit_map, ((0, height), (0, width)), mode="symmetric")
    for down in range(2 * height):
        for across in range(2 * width):
            yield np.roll(mirrored, (-down, -across), (0, 1))[:height, :width]


def test_every_shift_has_pearsons_correlation():
    rng = np.random.default_rng(0)
    unit_map, features = rng.normal(size=(5, 4)), rng.normal(size=(3, 5, 4))
    found = shifted_correlations(unit_map, features).r
    expected = [
        [pearsonr(window.ravel(), feature.ravel()).statistic for window in windows_of(unit_map)]
        for feature in features
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_shifts_that_leave_a_constant_are_no_shifts():
    unit_map = np.zeros((4, 4))
    unit_map[0, 0] = 1
    kept = [window for window in windows_of(unit_map) if np.ptp(window)]
    features = np.random.default_rng(0).normal(size=(1, 4, 4))
    assert 16 < shifted_correlations(unit_map, features).r.shape[1] == len(kept) < 64


@pytest.mark.parametrize(
    ("unit_map", "code"),
    [
        (np.zeros((4, 4)), "silent"),
        (np.full((4, 4), 3 + 1e-7), "constant"),
        (np.where(np.eye(4), np.nan, 1), "not_finite"),
        (np.eye(2)[:1], "too_small"),
    ],
)
def test_maps_without_a_correlation_say_why(unit_map, code):
    found = shifted_correlations(unit_map, np.random.default_rng(0).random((2, *unit_map.shape)))
    assert np.isnan(found.r).all()
    assert found.codes == (code, code)


def test_a_feature_that_does_not_vary_is_flat_and_the_others_stay():
    features = np.stack([np.full((4, 4), 0.3), np.eye(4)])
    found = shifted_correlations(np.eye(4), features)
    assert found.codes == ("flat", "ok")
    assert np.isnan(found.r[0]).all()
    assert found.r[1, 0] == pytest.approx(1)


def test_the_layout_is_the_mean_z_with_other_pictures():
    rng = np.random.default_rng(0)
    unit_map, others = rng.normal(size=(4, 4)), rng.normal(size=(3, 2, 4, 4))
    r = [[pearsonr(unit_map.ravel(), each.ravel()).statistic for each in one] for one in others]
    np.testing.assert_allclose(layout_z(unit_map, others), np.arctanh(r).mean(0))


SIDE = 12


def nothing(kind):
    """A thousand maps that have nothing to do with any picture, cut out of larger fields."""
    sigma = {"white": 0.0, "smooth": 2.0, "rectified": 1.0}[kind]
    fields = np.random.default_rng(1).normal(size=(1000, SIDE + 12, SIDE + 12))
    inner = gaussian_filter(fields, (0, sigma, sigma))[:, 6:-6, 6:-6]
    return np.maximum(inner, 0) if kind == "rectified" else inner


@pytest.mark.parametrize("kind", ["white", "smooth", "rectified"])
def test_of_a_thousand_maps_of_nothing_at_most_one_in_twenty_is_taken_for_something(kind):
    features = [feature_maps(each / 255) for each in noise(7, 10, SIDE)]
    hits, largest = np.zeros(6), 0
    for number, unit_map in enumerate(nothing(kind)):
        sizes = np.abs(shifted_correlations(unit_map, features[number % 10]).r)
        hits += (sizes >= sizes[:, :1] - 1e-9).mean(1) <= 0.05
        top = sizes.max(0)
        largest += (top >= top[0] - 1e-9).mean() <= 0.05
    assert largest <= 50
    assert hits.mean() <= 50
    assert (hits <= 50 + 3 * np.sqrt(1000 * 0.05 * 0.95)).all()  # each of six rates is itself a draw
