"""The sign-flip null against flipping signs, and intervals against how often they hold the truth."""

from itertools import product

import numpy as np
import pytest
from tests.units.spatial.planting import atlas_of, halves_of

from neurolupa.units.spatial import spatial_biases
from neurolupa.units.spatial.contrasts import AXES, contrast_columns
from neurolupa.units.spatial.nulls import WORST, mean_interval, ratio_interval, sign_flip

UNITS = 1000


def flipped(differences):
    """`sign_flip` of differences (N, U)."""
    count = np.full(differences.shape[1], len(differences))
    return sign_flip(differences.mean(0), differences.var(0), count, (differences != 0).sum(0))


def all_signs(count):
    return np.array(list(product((-1.0, 1.0), repeat=count)))


def test_the_variance_under_random_signs_is_exact():
    differences = np.random.default_rng(0).exponential(size=(9, 4)) - 0.3
    means = all_signs(9) @ differences / 9
    np.testing.assert_allclose(flipped(differences).z, differences.mean(0) / means.std(0))


def test_p_is_near_that_of_a_monte_carlo_sign_flip():
    random = np.random.default_rng(1)
    differences = np.stack(
        [
            random.normal(shift, 1, 60) * (random.random(60) < dense)
            for shift in (0, 0.2, 0.4)
            for dense in (1, 0.5)
        ],
        axis=1,
    )
    signs = random.choice([-1.0, 1.0], (40_000, 60))
    share = (np.abs(signs @ differences) >= np.abs(differences.sum(0)) * (1 - 1e-9)).mean(0)
    assert (share < 0.05).any()
    assert (share > 0.2).any()
    np.testing.assert_allclose(flipped(differences).p, share, atol=0.012)


@pytest.mark.parametrize("count", range(1, 11))
def test_the_bound_holds_for_any_differences_however_few(count):
    random = np.random.default_rng(count)
    signs = all_signs(count)
    shapes = [np.ones(count), 0.5 ** np.arange(count), random.exponential(size=count), np.arange(count) < 4]
    for sizes in np.asarray(shapes, float):
        every = flipped((signs * sizes).T)
        exact = (np.abs(signs @ sizes)[None] >= np.abs(signs @ sizes)[:, None] - 1e-9).mean(1)
        assert (every.p_bound >= exact - 1e-12).all()
        assert ((every.p_bound <= 0.05).mean()) <= 0.05


def test_the_normal_alone_would_not_hold_for_few_equal_differences():
    four = flipped(all_signs(4).T)
    assert four.p.min() == 0.125  # 2 / 2^4; the normal says 0.0455
    assert pytest.approx(3.178, abs=1e-3) == WORST


@pytest.mark.parametrize("images", [5, 8, 20, 60, 300])
@pytest.mark.parametrize("kind", ["normal", "sparse", "very sparse", "equal", "heavy"])
def test_a_thousand_units_without_a_bias_stay_inside(images, kind):
    random = np.random.default_rng(images)
    shape = (images, UNITS)
    draw = {
        "normal": lambda: random.standard_normal(shape),
        "sparse": lambda: (
            (random.exponential(size=shape) - random.exponential(size=shape)) * (random.random(shape) < 0.1)
        ),
        "very sparse": lambda: random.choice([-1.0, 1.0], shape) * (random.random(shape) < 5 / images),
        "equal": lambda: random.choice([-1.0, 1.0], shape),
        "heavy": lambda: random.standard_cauchy(shape),
    }[kind]
    found = flipped(draw())
    assert (found.p_bound <= 0.05).mean() <= 0.05
    if kind in ("normal", "sparse", "heavy"):
        assert (found.p <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / UNITS)


CASES = pytest.mark.parametrize(("images", "dense"), [(12, 1.0), (60, 0.05)])


def unbiased_maps(images, dense):
    random = np.random.default_rng(images)
    shape = (images, UNITS, 4, 4)
    return random.exponential(size=shape) * (random.random(shape) < dense)


@CASES
def test_a_thousand_maps_without_a_bias_stay_inside_their_nulls(images, dense):
    maps = unbiased_maps(images, dense)
    each = [halves_of(maps[:, unit]) for unit in range(UNITS)]
    halves = {name: np.stack([one[name] for one in each], 1) for name in each[0]}
    rows = {"images": np.full(UNITS, images), "n": np.full(UNITS, images * 16)}
    for one, two in (("left", "right"), ("top", "bottom")):
        a, b = halves[one], halves[two]
        rows |= {one: a.mean(0), two: b.mean(0), f"{one}_std": a.std(0), f"{two}_std": b.std(0)}
        rows |= {f"{one}_dominates": (a > b).sum(0), f"{two}_dominates": (b > a).sum(0)}
        rows[f"{one}_{two}_cov"] = ((a - a.mean(0)) * (b - b.mean(0))).mean(0)
    for axis in AXES:
        found = contrast_columns(axis, rows, 4, 4)
        assert found["supported"].mean() <= 0.05
        assert (found["p"] <= 0.05).mean() <= 0.07
        inside = (found["difference_low"] <= 0) & (found["difference_high"] >= 0)
        assert inside.mean() > (0.93 if dense == 1 else 0.9)


@pytest.mark.nightly
@CASES
def test_a_thousand_scanned_units_without_a_bias_stay_inside_their_nulls(tmp_path, images, dense):
    found = spatial_biases(atlas_of(unbiased_maps(images, dense), tmp_path), "0")
    assert len(found) == UNITS
    for column in ("horizontal_supported", "vertical_supported", "supported"):
        assert found[column].mean() <= 0.05


def test_a_bias_that_is_there_is_found():
    differences = np.random.default_rng(0).normal(0.5, 1, (60, UNITS))
    assert (flipped(differences).p_bound <= 0.05).mean() > 0.85


def test_intervals_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(2)
    one = random.normal(2, 1, (25, 4000))
    two = 1 + (one - 2) * 0.2 + random.normal(0, 0.5, (25, 4000))
    count = np.full(4000, 25)
    low, high = mean_interval((one - two).mean(0), (one - two).var(0), count)
    assert ((low <= 1) & (high >= 1)).mean() == pytest.approx(0.95, abs=0.012)
    covariance = ((one - one.mean(0)) * (two - two.mean(0))).mean(0)
    low, high = ratio_interval((one.mean(0), two.mean(0)), (one.var(0), two.var(0)), covariance, count)
    assert ((low <= 2) & (high >= 2)).mean() == pytest.approx(0.95, abs=0.012)
    turned = ratio_interval((two.mean(0), one.mean(0)), (two.var(0), one.var(0)), covariance, count)
    bounded = np.isfinite(high)
    np.testing.assert_allclose(turned[0][bounded], 1 / high[bounded])
    np.testing.assert_allclose(turned[1], 1 / low)


def test_where_the_second_mean_may_be_zero_there_is_no_upper_end():
    one = np.array([1.0])
    noisy = ratio_interval((one, 0.1 * one), (0.01 * one, one), 0 * one, np.array([20]))
    assert 0 < noisy[0][0] < 10 < noisy[1][0] == np.inf
    nothing = ratio_interval((0.1 * one, 0.1 * one), (one, one), 0 * one, np.array([20]))
    assert (nothing[0][0], nothing[1][0]) == (0, np.inf)
    alone = ratio_interval((one, one), (0 * one, 0 * one), 0 * one, np.array([1]))
    assert np.isnan(alone).all()
