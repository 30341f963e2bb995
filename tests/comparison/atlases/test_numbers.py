"""The numbers of a comparison against formulas written a second time, and against simulated chance."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

import neurolupa as nl
from neurolupa.comparison.atlases.common import Answers
from neurolupa.comparison.atlases.dying import rule_of_three
from neurolupa.comparison.atlases.layers import compared_layers
from neurolupa.comparison.atlases.matches import Places, share_by_chance
from neurolupa.comparison.atlases.matching import matched_units
from neurolupa.comparison.atlases.shifts import paired_shift, unpaired_shift
from neurolupa.comparison.atlases.similarity import cross_similarity


def held(values: np.ndarray, units: list[int] | None = None) -> Answers:
    count = values.shape[1]
    return Answers("relu", np.array(units or range(count)), values, np.full(count, "OK"))


def alike(images: int, r: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Five units on as many pictures, and the same with noise, the correlation being r."""
    rng = np.random.default_rng(seed)
    one, noise = rng.normal(size=(2, images, 5))
    return one, r * one + np.sqrt(1 - r**2) * noise


def bonett(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """The paired standardised difference and its interval, step by step."""
    n = len(a)
    s = np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / 2)
    d = (b - a).mean() / s
    fourth = np.var(a, ddof=1) ** 2 + np.var(b, ddof=1) ** 2 + 2 * np.cov(a, b)[0, 1] ** 2
    error = np.sqrt(d**2 * fourth / (8 * (n - 1) * s**4) + np.var(b - a, ddof=1) / ((n - 1) * s**2))
    factor = stats.nct.mean(n - 1, 1.0) ** -1  # the mean of a non-central t of non-centrality 1 is 1 / J
    z = stats.norm.ppf(0.975)
    return factor * d, factor * (d - z * error), factor * (d + z * error)


def test_paired_shifts_are_students_and_bonetts() -> None:
    a, b = alike(30, 0.6)
    b = 1.5 * b + 0.4
    codes, found = paired_shift(a, b)
    expected = stats.ttest_rel(b, a)
    assert set(codes) == {"OK"}
    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.error == pytest.approx(stats.sem(b - a))
    numbers = np.stack([found.g, found.low, found.high], axis=1)
    assert numbers == pytest.approx(np.array([bonett(*pair) for pair in zip(a.T, b.T, strict=True)]))


def test_unpaired_shifts_are_welchs_with_the_sign_of_b_less_a() -> None:
    a, b = alike(30, 0.0)
    found = unpaired_shift(a[:12], b + 1)[1]
    expected = stats.ttest_ind(b + 1, a[:12], equal_var=False)
    assert found.t == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.df == pytest.approx(expected.df)
    assert found.difference == pytest.approx((b + 1).mean(0) - a[:12].mean(0))
    assert (found.g > 0).all()
    assert set(found.sampled_a) == {12}


def test_the_paired_interval_holds_the_truth_in_95_of_100() -> None:
    rng = np.random.default_rng(2)
    one, noise = rng.normal(size=(2, 40, 4000))
    found = paired_shift(one, 0.7 * one + np.sqrt(0.51) * noise + 0.5)[1]
    assert ((found.low <= 0.5) & (found.high >= 0.5)).mean() == pytest.approx(0.95, abs=0.012)


def test_values_that_are_not_finite_are_left_out_of_a_shift() -> None:
    a, b = alike(30, 0.6)
    a[3, 0], b[7, 1], b[9, 1] = np.nan, np.inf, -np.inf
    found = paired_shift(a, b)[1]
    assert found.sampled_a.tolist() == [29, 28, 30, 30, 30]
    kept = np.delete(np.arange(30), [7, 9])
    assert found.t[1] == pytest.approx(stats.ttest_rel(b[kept, 1], a[kept, 1]).statistic)
    assert unpaired_shift(a, b)[1].sampled_b.tolist() == [30, 28, 30, 30, 30]


def test_a_unit_says_why_its_shift_has_no_test() -> None:
    a, b = alike(10, 0.5)
    a[:, 0], b[:, 0] = 0, 1e-9
    b[:, 1] = a[:, 1]
    a[:, 2], b[:, 2] = 2, 3
    b[:7, 3] = np.nan
    a[:, 4] = 0
    codes, found = paired_shift(a, b)
    assert codes.tolist() == ["SILENT", "EQUAL", "CONSTANT", "FEW_IMAGES", "OK"]
    assert np.isnan(found.p).tolist() == np.isnan(found.g).tolist() == [True] * 4 + [False]
    assert found.difference[2] == 1
    assert unpaired_shift(a, b)[0].tolist() == ["SILENT", "OK", "CONSTANT", "FEW_IMAGES", "OK"]


def test_the_matching_is_the_best_of_all_there_are() -> None:
    a, b = alike(12, 0.3)
    table = np.corrcoef(a.T, b.T)[:5, 5:]
    best = max(permutations(range(5)), key=lambda order: table[range(5), order].sum())
    found = matched_units(held(a), held(b), True, 19, seed=0)
    assert tuple(found.units_b) == best
    assert found.r == pytest.approx(table[range(5), best])
    ends = np.tanh(np.arctanh(found.r)[:, None] + stats.norm.ppf(0.975) * np.array([-1, 1]) / np.sqrt(9))
    assert np.stack([found.low, found.high], 1) == pytest.approx(ends)


def test_units_that_are_too_many_stay_without_a_match() -> None:
    a, b = alike(40, 0.9)
    found = matched_units(held(a), held(b[:, [4, 1]], [6, 3]), True, 19, seed=0)
    assert (found.units_a.tolist(), found.units_b.tolist()) == ([1, 4], [3, 6])
    back = matched_units(held(b[:, [4, 1]], [3, 6]), held(a), True, 19, seed=0)
    assert (back.units_a.tolist(), back.units_b.tolist()) == ([3, 6], [4, 1])


def test_among_units_that_are_the_same_each_keeps_its_number() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=(20, 1)), 6, axis=1)
    found = matched_units(held(values), held(3 * values + 1), True, 19, seed=0)
    assert found.own.all()
    assert not matched_units(held(values), held(values), False, 19, seed=0).own.any()


@pytest.mark.parametrize("sparse", [False, True])
def test_units_with_nothing_in_common_are_above_chance_in_at_most_5_of_100(sparse: bool) -> None:
    rng = np.random.default_rng(4)
    shares = []
    for seed in range(200):
        values = rng.normal(-0.5 if sparse else 0, 1, (2, 50, 12))
        one, two = np.maximum(values, 0) if sparse else values
        shares.append(matched_units(held(one), held(two), True, 99, seed).share[0])
    assert np.mean(shares) <= 0.05 + 3 * np.std(shares) / np.sqrt(200) < 0.08


def test_the_null_is_the_best_of_all_units_under_shuffled_pictures() -> None:
    a, b = alike(30, 0.5)
    found = matched_units(held(a), held(b), True, 400, seed=0)
    rng = np.random.default_rng(1)
    slow = np.array([np.corrcoef(rng.permutation(a).T, b.T)[:5, 5:].max(1) for _ in range(400)])
    assert found.bound == pytest.approx(np.quantile(slow, 0.95, axis=0), abs=0.08)
    assert found.null_mean == pytest.approx(slow.mean(), abs=0.02)
    assert found.null_counts.sum() == 400 * 5
    low, share, high = (found.share[place] for place in (1, 0, 2))
    assert low <= share <= high


def test_more_of_b_than_fits_at_a_time_changes_nothing(monkeypatch) -> None:
    a, b = alike(30, 0.5)
    whole = matched_units(held(a), held(b), True, 19, seed=0)
    monkeypatch.setattr("neurolupa.comparison.atlases.matching.ROOM", 6)
    assert matched_units(held(a), held(b), True, 19, seed=0).p.tolist() == whole.p.tolist()


def slow_cka(x: np.ndarray, y: np.ndarray) -> float:
    n = len(x)
    centre = np.eye(n) - np.ones((n, n)) / n
    grams = [centre @ each @ each.T @ centre for each in (x, y)]
    return np.trace(grams[0] @ grams[1]) / np.sqrt(
        np.trace(grams[0] @ grams[0]) * np.trace(grams[1] @ grams[1])
    )


def slow_debiased(x: np.ndarray, y: np.ndarray) -> float:
    """HSIC_1 as in Song et al. 2012, equation 5, over its values with itself."""

    def hsic(one: np.ndarray, two: np.ndarray) -> float:
        n = len(one)
        k, m = (each @ each.T * (1 - np.eye(n)) for each in (one, two))
        middle = k.sum() * m.sum() / ((n - 1) * (n - 2))
        return (np.trace(k @ m) + middle - 2 * (k @ m).sum() / (n - 2)) / (n * (n - 3))

    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


def test_cka_of_all_layers_with_all_is_that_of_the_formulas() -> None:
    a, b = alike(25, 0.6)
    ones, twos = [a, a[:, :2], a @ np.diag([3, 1, 1, 1, 0.1])], [b, b[:, 1:3] ** 2]
    found = cross_similarity([held(each) for each in ones], [held(each) for each in twos], seed=0)
    assert found.cka.shape == (3, 2)
    for row, column in np.ndindex(3, 2):
        pair = ones[row], twos[column]
        assert found.cka[row, column] == pytest.approx(slow_cka(*pair))
        assert found.debiased[row, column] == pytest.approx(slow_debiased(*pair))
        assert found.low[row, column] <= found.cka[row, column] <= found.high[row, column]
    rng = np.random.default_rng(0)
    shuffled = [slow_cka(rng.permutation(ones[0]), twos[0]) for _ in range(300)]
    assert found.null_mean[0, 0] == pytest.approx(np.mean(shuffled), rel=0.06)
    assert found.null_std[0, 0] == pytest.approx(np.std(shuffled), rel=0.2)


def test_layers_side_by_side_are_those_of_the_raw_values(atlas_of) -> None:
    rng = np.random.default_rng(0)
    one, two = np.maximum(rng.normal(0, 1, (2, 20, 6, 2, 2)), 0).astype(np.float32)
    one[:, 2] = two[:, 4] = two[:, 5] = 0
    (found,) = compared_layers(atlas_of({"x": one}), atlas_of({"x": two[:15]}), ["x"], 1e-6)
    assert (found.a.dead, found.b.dead, found.difference("dead")) == (1, 2, 1)
    assert (found.a.images, found.b.images, found.b.elements) == (20, 15, 15 * 6 * 4)
    assert found.b.sparsity == pytest.approx(100 * (two[:15] == 0).mean())
    assert found.difference("mean") == pytest.approx(two[:15].mean() - one.mean(), rel=1e-5)
    assert found.a.active == 5
    strict = compared_layers(atlas_of({"x": one}), atlas_of({"x": two}), ["x"], float(one.max()))
    assert strict[0].a.dead == 6


def test_units_keep_the_numbers_that_the_atlas_has_of_all_pictures(atlas_of) -> None:
    rng = np.random.default_rng(0)
    one, two = np.maximum(rng.normal(0, 1, (2, 20, 6)), 0).astype(np.float32)
    frame = nl.compare(atlas_of(one), atlas_of(two, weights="v")).units_frame()
    assert frame["mean_b"].to_numpy() == pytest.approx(two.mean(0), rel=1e-5)
    assert frame["max_a"].to_numpy() == pytest.approx(one.max(0))
    assert frame["sparsity_a"].to_numpy() == pytest.approx(100 * (one == 0).mean(0))
    family = stats.false_discovery_control(frame["p"])
    assert frame["p_adjusted"].to_numpy() == pytest.approx(family)


def test_what_is_never_seen_has_the_bound_that_5_in_100_reach() -> None:
    for images in (1, 30, 4000):
        assert (1 - rule_of_three(images)) ** images == pytest.approx(0.05)
    assert rule_of_three(0) == 1


def test_own_numbers_by_chance_are_those_of_random_permutations() -> None:
    rng = np.random.default_rng(0)
    fixed = (rng.permuted(np.tile(np.arange(30), (20_000, 1)), axis=1) == np.arange(30)).sum(1)
    for own in range(5):
        assert share_by_chance(own, 1.0) == pytest.approx((fixed >= own).mean(), abs=0.01)


def test_sites_that_share_their_channels_are_no_independent_evidence() -> None:
    one, ten = Places(1, 20, 3, 1.0), Places(10, 200, 30, 10.0)
    assert ten.p == pytest.approx(one.p)
    assert one.p > 0.05 > Places(1, 20, 5, 1.0).p
    assert Places(0, 0, 0, 0.0).p == 1
