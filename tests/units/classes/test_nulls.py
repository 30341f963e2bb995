"""Shuffled labels: what they keep, the numbers that they must give, and how often they cry wolf."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import binom, chisquare

from neurolupa.units.classes import class_selectivities
from neurolupa.units.classes.evidence import sampled_selectivity
from neurolupa.units.classes.indices import selectivity_index
from neurolupa.units.classes.intervals import mean_interval, resampled
from neurolupa.units.classes.nulls import null_of, p_values, random_orders, shuffled_means

from .conftest import SITE

REFERENCE = [
    (1000, 50, 0.9, 0.58, 0.02),
    (10, 100, 0.9, 0.30, 0.02),
    (1000, 50, 0, 0.2, 0.02),
    (10, 100, 0, 0.08, 0.01),
]


@pytest.mark.parametrize(("classes", "images", "silent", "expected", "within"), REFERENCE)
def test_the_index_of_units_without_a_preference_is_far_from_0(classes, images, silent, expected, within):
    rng = np.random.default_rng(1)
    units = 3 if classes > 10 else 40
    values = rng.exponential(size=(classes * images, units))
    values *= rng.random(values.shape) >= silent
    parts = shuffled_means(values, np.full(classes, images), 20, seed=0)
    found = np.concatenate([selectivity_index(part.swapaxes(1, 2)) for part in parts])
    assert abs(found.mean() - expected) < within


def test_shuffles_keep_every_value_and_every_class_its_size():
    values, sizes = np.random.default_rng(0).random((30, 4)), np.array([1, 9, 20])
    parts = np.concatenate(list(shuffled_means(values, sizes, 25, seed=0)))
    assert parts.shape == (25, 3, 4)
    assert (parts * sizes[:, None]).sum(1) == pytest.approx(np.tile(values.sum(0), (25, 1)))
    assert len(np.unique(parts[:, 0, 0])) > 10


def test_columns_are_shuffled_together():
    values = np.random.default_rng(0).random((30, 1))
    (parts,) = shuffled_means(np.hstack([values, 3 * values]), np.array([10, 20]), 9, seed=0)
    assert parts[:, :, 1] == pytest.approx(3 * parts[:, :, 0])


def test_the_same_seed_gives_the_same_shuffles_and_another_seed_others():
    values, sizes = np.random.default_rng(0).random((30, 1)), np.array([10, 20])
    first, again, other = (next(shuffled_means(values, sizes, 9, seed)) for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("length", [4, 4097])
def test_orders_are_permutations(length):
    orders = random_orders(length, 3, np.random.default_rng(0))
    assert (np.sort(orders, axis=1) == np.arange(length)).all()


def test_every_order_is_as_likely_as_every_other():
    orders = random_orders(4, 24_000, np.random.default_rng(0))
    counts = [(orders == order).all(1).sum() for order in permutations(range(4))]
    assert chisquare(counts).pvalue > 0.001


def test_a_null_is_counted_and_ordered():
    found = np.array([1.0, 2.0, 3.0, np.inf])
    null = null_of(2.0, found, images=7)
    assert (null.median, null.high, null.mean, null.p, null.images) == (2.0, np.inf, np.inf, 0.8, 7)
    assert p_values(np.array(9.0), found[:3]) == 0.25


def nothing(images, silent, units, seed):
    rng = np.random.default_rng(seed)
    values = rng.exponential(size=(images, units)) * (rng.random((images, units)) >= silent)
    return values, rng.permutation(np.arange(images) % 4)


@pytest.mark.parametrize("silent", [0.0, 0.9])
def test_of_1000_units_without_a_preference_at_most_5_percent_look_selective(wide_atlas, silent):
    """Counts of chance events scatter: 999 of 1,000 runs with a true rate of 5 % stay within the bound."""
    atlas = wide_atlas(*nothing(160, silent, 1000, seed=11))
    found = class_selectivities(atlas, SITE, shuffles=99, seed=2)
    held = found[found["sampled_code"] == "OK"]
    assert len(held) == 1000
    assert (held["p"] <= 0.05).sum() <= binom.ppf(0.999, 1000, 0.05)
    assert (held["p"] <= 0.5).sum() >= binom.ppf(0.001, 1000, 0.5)
    assert held["sampled_index"].mean() == pytest.approx(held["null_mean"].mean(), rel=0.03)


@pytest.mark.parametrize("silent", [0.0, 0.9])
@pytest.mark.parametrize("units", [150, pytest.param(1000, marks=pytest.mark.nightly)])
def test_no_null_of_one_unit_cries_wolf(silent, units):
    values, labels = nothing(120, silent, units, seed=5)
    order = np.argsort(labels, kind="stable")
    names = tuple("abcd")
    found = [sampled_selectivity(each, labels[order], names, 39, 0).nulls for each in values[order].T]
    for name in ("index", "ratio", "class_sparseness", "auroc"):
        assert sum(nulls[name].p <= 0.05 for nulls in found) <= binom.ppf(0.999, units, 0.05)


def test_the_interval_of_the_index_holds_the_truth_of_a_unit_with_a_preference():
    """Three classes of mean 1 and one of mean 3: the index is (3 - 1) / (3 + 1)."""
    rng, sizes, held, cases = np.random.default_rng(0), np.full(4, 40), 0, 200
    for _ in range(cases):
        values = rng.exponential(np.repeat([3.0, 1.0, 1.0, 1.0], 40))
        measure = {
            "index": lambda means, _: (
                (means[:, 0] - means[:, 1:].mean(1)) / (means[:, 0] + means[:, 1:].mean(1))
            )
        }
        low, high = resampled(values, sizes, measure, 150, seed=int(rng.integers(1000)))["index"]
        held += low <= 0.5 <= high
    assert 0.9 <= held / cases <= 0.985


def test_drawing_stays_within_the_classes():
    values, sizes = np.repeat([1.0, 5.0, 9.0], [3, 1, 6]), np.array([3, 1, 6])
    spans = resampled(
        values, sizes, {str(k): lambda means, _, k=k: means[:, k] for k in range(3)}, 50, seed=0
    )
    assert spans == {"0": (1.0, 1.0), "1": (5.0, 5.0), "2": (9.0, 9.0)}


def test_the_interval_of_a_mean_is_students():
    from scipy.stats import t

    values = np.random.default_rng(0).normal(size=9)
    low, high = mean_interval(np.array([values.mean()]), np.array([values.std()]), np.array([9]))
    expected = t.interval(0.95, 8, values.mean(), values.std(ddof=1) / 3)
    assert (low[0], high[0]) == pytest.approx(expected)
    assert np.isnan(mean_interval(np.array([1.0]), np.array([0.0]), np.array([1]))).all()
