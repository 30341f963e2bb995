"""Effect sizes and tests of two and of more classes, against SciPy and formulas written out slowly."""

from math import gamma, sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from neurolupa.comparison.classes.adjusting import adjusted
from neurolupa.comparison.classes.effects import Moments, effects, small_sample_factor
from neurolupa.comparison.classes.variance import explained, welch_anova


def moments(values: np.ndarray) -> Moments:
    return Moments.of(np.full(values.shape[1], len(values)), values.mean(0), values.std(0))


def compared(first: np.ndarray, second: np.ndarray):
    return effects(moments(first), moments(second), np.ones(first.shape[1], bool))


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    """14 and 9 images of three units, of other means and spreads."""
    rng = np.random.default_rng(0)
    return rng.normal([0.0, 1.0, -2.0], [1.0, 3.0, 0.5], (14, 3)), rng.normal(0.0, 1.0, (9, 3))


def slow_g(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Hedges' g and its interval for one unit, step by step."""
    n, m = len(first), len(second)
    v, w = first.var(ddof=1), second.var(ddof=1)
    spread = sqrt((v + w) / 2)
    d = (first.mean() - second.mean()) / spread
    df = (n - 1) * (m - 1) * (v + w) ** 2 / ((m - 1) * v**2 + (n - 1) * w**2)
    j = gamma(df / 2) / (sqrt(df / 2) * gamma((df - 1) / 2))
    part = d**2 / 8 * (v**2 / (n - 1) + w**2 / (m - 1)) / spread**4
    error = sqrt(part + (v / (n - 1) + w / (m - 1)) / spread**2)
    reach = stats.norm.ppf(0.975) * error
    return j * d, j * (d - reach), j * (d + reach)


def test_g_and_its_interval_are_those_of_the_formula(two):
    found = compared(*two)
    for unit in range(3):
        expected = slow_g(two[0][:, unit], two[1][:, unit])
        assert (found.g[unit], found.low[unit], found.high[unit]) == pytest.approx(expected, rel=1e-9)


def test_t_is_welchs(two):
    found, expected = compared(*two), stats.ttest_ind(*two, equal_var=False)
    assert found.t == pytest.approx(expected.statistic)
    assert found.df == pytest.approx(expected.df)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.difference == pytest.approx(two[0].mean(0) - two[1].mean(0))


def test_classes_changed_over_change_the_sign_and_nothing_else(two):
    one, other = compared(*two), compared(*two[::-1])
    assert other.g == pytest.approx(-one.g)
    assert other.low == pytest.approx(-one.high)
    assert other.p == pytest.approx(one.p)


def test_g_knows_no_unit_of_measurement(two):
    scaled = compared(7 * two[0] + 3, 7 * two[1] + 3)
    assert scaled.g == pytest.approx(compared(*two).g)


@pytest.mark.parametrize("df", [2, 3, 15, 50])
def test_the_factor_of_small_samples_is_that_of_the_gamma_function(df):
    expected = gamma(df / 2) / (sqrt(df / 2) * gamma((df - 1) / 2))
    assert small_sample_factor(np.array([float(df)]))[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "m", "mean", "spread"), [(10, 10, 0.0, 1.0), (10, 40, 1.0, 3.0), (100, 100, 1.5, 1.0)]
)
def test_95_of_100_intervals_hold_the_true_effect_and_g_is_unbiased(n, m, mean, spread):
    rng = np.random.default_rng(n)
    first, second = rng.normal(mean, spread, (n, 4000)), rng.normal(0, 1, (m, 4000))
    true, found = mean / sqrt((spread**2 + 1) / 2), compared(first, second)
    assert ((found.low <= true) & (true <= found.high)).mean() == pytest.approx(0.95, abs=0.015)
    assert found.g.mean() == pytest.approx(true, abs=0.03)


def test_units_without_numbers_stay_without(two):
    found = effects(moments(two[0]), moments(two[1]), np.array([True, False, True]))
    for numbers in (found.difference, found.g, found.low, found.high, found.t, found.p):
        assert np.isnan(numbers).tolist() == [False, True, False]


@pytest.fixture
def three() -> list[np.ndarray]:
    """Three classes of 8, 12 and 20 images and two units; the second tells nothing."""
    rng = np.random.default_rng(3)
    return [
        np.column_stack([rng.normal(mean, spread, count), rng.normal(0, 1, count)])
        for mean, spread, count in ((0, 1, 8), (1, 2, 12), (2, 0.5, 20))
    ]


def parts(classes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    counts = np.array([[len(each) for each in classes]] * 2, float)
    means = np.stack([each.mean(0) for each in classes], 1)
    return counts, means, np.stack([each.var(0, ddof=1) for each in classes], 1)


def test_welchs_analysis_of_variance_is_scipys(three):
    f, _, p = welch_anova(*parts(three))
    expected = stats.f_oneway(*three, equal_var=False)
    assert f == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


def test_with_two_classes_f_is_the_square_of_t(two):
    counts = np.array([[14.0, 9.0]] * 3)
    variances = np.stack([each.var(0, ddof=1) for each in two], 1)
    f, df, p = welch_anova(counts, np.stack([each.mean(0) for each in two], 1), variances)
    found = compared(*two)
    assert f == pytest.approx(found.t**2)
    assert df == pytest.approx(found.df)
    assert p == pytest.approx(found.p)


def test_omega_squared_is_that_of_the_sums_of_squares(three):
    omega, _, _ = explained(*parts(three))
    for unit in range(2):
        values = [each[:, unit] for each in three]
        everything = np.concatenate(values)
        within = sum(((each - each.mean()) ** 2).sum() for each in values)
        total = ((everything - everything.mean()) ** 2).sum()
        error = within / (len(everything) - 3)
        expected = max(0.0, (total - within - 2 * error) / (total + error))
        assert omega[unit] == pytest.approx(expected, abs=1e-12)


def test_its_interval_is_that_of_the_non_central_f(three):
    _, low, high = explained(*parts(three))
    for unit in range(2):
        f = stats.f_oneway(*(each[:, unit] for each in three)).statistic
        for end, level in ((low[unit], 0.975), (high[unit], 0.025)):
            beyond = stats.ncf.cdf(f, 2, 37, 1e-9) < level
            size = 0.0 if beyond else brentq(lambda nc: stats.ncf.cdf(f, 2, 37, nc) - level, 1e-9, 500)  # noqa: B023
            assert end == pytest.approx(size / (size + 40), abs=1e-6)


def test_95_of_100_intervals_of_omega_squared_hold_the_share():
    rng = np.random.default_rng(4)
    means = np.array([0.0, 0.5, 1.0])
    values = rng.normal(means[:, None, None], 1, (3, 15, 2000))
    counts = np.full((2000, 3), 15.0)
    _, low, high = explained(counts, values.mean(1).T, values.var(1, ddof=1).T)
    spread = 15 * ((means - means.mean()) ** 2).sum()
    true = spread / (spread + 45)
    assert ((low <= true) & (true <= high)).mean() == pytest.approx(0.95, abs=0.015)


def slow_step_up(p: list[float], weights: list[float]) -> list[float]:
    """Each p times its weight by rank, and never above that of a higher p."""
    order = sorted(range(len(p)), key=lambda place: p[place])
    found, least = [0.0] * len(p), 1.0
    for rank in reversed(range(len(p))):
        least = min(least, p[order[rank]] * weights[rank])
        found[order[rank]] = least
    return found


def slow_holm(p: list[float]) -> list[float]:
    return [min(1.0, max(q * sum(other >= q for other in p) for q in p if q <= mine)) for mine in p]


def test_corrections_are_those_of_their_definitions():
    p = [0.04, 0.001, 0.3, 0.012, 0.9]
    ranks = [5 / (rank + 1) for rank in range(5)]
    harmonic = sum(1 / (rank + 1) for rank in range(5))
    expected = {
        "bh": slow_step_up(p, ranks),
        "by": slow_step_up(p, [harmonic * each for each in ranks]),
        "holm": slow_holm(p),
    }
    for name, values in expected.items():
        assert adjusted(np.array(p), name) == pytest.approx(values)


def test_what_is_no_number_does_not_count_as_a_test():
    p = np.array([[0.01, np.nan], [0.04, 0.03]])
    found = adjusted(p, "bh")
    assert np.isnan(found[0, 1])
    assert found[[0, 1, 1], [0, 0, 1]] == pytest.approx([0.03, 0.04, 0.04])
    assert np.isnan(adjusted(np.full(2, np.nan), "holm")).all()
