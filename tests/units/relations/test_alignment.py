"""Linear CKA: the Gram definition written slowly, its laws, and every shuffle there is."""

from itertools import permutations

import numpy as np
import pytest

from neurolupa.units.relations import alignment
from neurolupa.units.relations.alignment import debiased_cka, grams, linear_cka, shuffled_cka, surely_below

RNG = np.random.default_rng(0)
X, Y = RNG.exponential(size=(12, 4)), RNG.normal(size=(12, 30)) + 5
Z = X[:, :2] + 0.3 * RNG.normal(size=(12, 2))


def slow_cka(x, y):
    """Kornblith et al. 2019: HSIC of linear kernels, with the centring matrix."""
    n = len(x)
    centre = np.eye(n) - 1 / n
    hsic = lambda a, b: np.trace(a @ a.T @ centre @ b @ b.T @ centre)  # noqa: E731
    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


def slow_debiased(x, y):
    """Song et al. 2012, equation 5, on Gram matrices that are not centred."""

    def hsic(a, b):
        n, one = len(a), np.ones(len(a))
        k, m = a @ a.T, b @ b.T
        np.fill_diagonal(k, 0)
        np.fill_diagonal(m, 0)
        second = (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        return (np.trace(k @ m) + second - 2 / (n - 2) * (one @ k @ m @ one)) / (n * (n - 3))

    return hsic(x, y) / np.sqrt(hsic(x, x) * hsic(y, y))


@pytest.mark.parametrize(("fast", "slow"), [(linear_cka, slow_cka), (debiased_cka, slow_debiased)])
def test_both_are_their_definitions(fast, slow):
    layers = [X, Y, Z]
    expected = [[slow(a, b) for b in layers] for a in layers]
    assert fast(grams(layers)) == pytest.approx(np.array(expected), abs=1e-10)


def test_linear_cka_is_the_feature_formula():
    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    norm = np.linalg.norm
    expected = norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y))
    assert linear_cka(grams([X, Y]))[0, 1] == pytest.approx(expected)


@pytest.mark.parametrize("measure", [linear_cka, debiased_cka])
def test_turning_scaling_shifting_and_doubling_change_nothing(measure):
    turn = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    for same in (X @ turn, 7 * X, X + np.arange(4), np.column_stack([X, X]), X[:, ::-1]):
        found = measure(grams([X, same, Z]))
        assert found[0, 1] == pytest.approx(1, abs=1e-12)
        assert found[1, 2] == pytest.approx(found[0, 2], abs=1e-12)


def test_stretching_one_unit_does_change_it():
    assert linear_cka(grams([X, X * [5, 1, 1, 1]]))[0, 1] < 0.99


def test_the_order_of_the_pictures_is_no_matter_but_must_be_the_same():
    order = RNG.permutation(12)
    assert linear_cka(grams([X[order], Z[order]])) == pytest.approx(linear_cka(grams([X, Z])))
    assert linear_cka(grams([X[order], Z]))[0, 1] < linear_cka(grams([X, Z]))[0, 1]


def test_rows_may_be_taken_in_any_number(monkeypatch):
    whole = grams([X, Y, Z])
    monkeypatch.setattr(alignment, "ROOM", 100)
    assert grams([X, Y, Z]).products == pytest.approx(whole.products)


def test_mean_and_deviation_of_the_null_are_those_of_every_shuffle():
    x, y = X[:6], Z[:6]
    values = [slow_cka(x, y[list(order)]) for order in permutations(range(6))]
    mean, std = shuffled_cka(grams([x, y]))
    assert (mean[0, 1], std[0, 1]) == pytest.approx((np.mean(values), np.std(values)))


def test_independent_layers_stay_inside_their_null_and_debiased_intervals_lie_around_zero():
    """46 layers make 1,035 pairs; the bound of Cantelli is never too small."""
    rng = np.random.default_rng(1)
    found = grams([np.maximum(rng.normal(size=(60, 20)), 0) for _ in range(46)])
    pairs = np.triu_indices(46, 1)
    cka, (mean, std) = linear_cka(found), shuffled_cka(found)
    p = surely_below(cka, mean, std)[pairs]
    assert (p <= 0.05).mean() <= 0.05
    assert cka[pairs].mean() == pytest.approx(mean[pairs].mean(), rel=0.01)
    assert abs(debiased_cka(found)[pairs].mean()) < 0.01 < 0.2 < cka[pairs].mean()


def test_a_layer_that_follows_another_is_beyond_its_null():
    found = grams([X, Z])
    cka, (mean, std) = linear_cka(found), shuffled_cka(found)
    assert surely_below(cka, mean, std)[0, 1] < 0.2 < surely_below(mean, mean, std)[0, 1] == 1


def test_a_layer_that_does_not_vary_has_no_cka_and_few_pictures_no_null():
    found = grams([X, np.ones((12, 3))])
    assert np.isnan(linear_cka(found)[:, 1]).all()
    assert np.isnan(debiased_cka(found)[1]).all()
    assert np.isnan(surely_below(linear_cka(found), *shuffled_cka(found))[0, 1])
    few = grams([X[:3], Z[:3]])
    assert np.isnan(debiased_cka(few)).all()
    assert np.isnan(shuffled_cka(few)).all()
