"""Quantiles of counts against NumPy's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurolupa.core.sketch import COARSE, FINE, histogram, quantiles

LEVELS = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1])


def count(values, binning):
    return np.bincount(binning.index(values).ravel(), minlength=binning.size)


@given(
    st.lists(
        st.floats(-1e6, 1e6, width=32).filter(lambda v: v == 0 or abs(v) > 1e-30), min_size=1, max_size=60
    )
)
@settings(max_examples=200, deadline=None)
def test_fine_quantiles_are_within_two_to_the_minus_eighth(values):
    array = np.array(values, np.float32).astype(np.float64)
    ranks = np.arange(len(array)) / max(len(array) - 1, 1)
    found = quantiles(count(array, FINE), FINE, ranks, array.min(), array.max())
    exact = np.sort(array)
    rounding = 1e-9 * abs(exact).max()  # of the rank, which is not always whole in floating point
    assert (abs(found - exact) <= 2.0**-8 * abs(exact) + rounding).all()


def test_quantiles_of_a_large_sample_have_a_small_rank_error():
    values = np.maximum(np.random.default_rng(0).normal(size=200_001), 0)
    found = quantiles(count(values, FINE), FINE, LEVELS, values.min(), values.max())
    ordered = np.sort(values)
    low = np.searchsorted(ordered, found * (1 - 1e-12), side="left") / len(values)
    high = np.searchsorted(ordered, found * (1 + 1e-12), side="right") / len(values)
    assert (np.maximum(low - LEVELS, LEVELS - high) <= 0.005).all()


def test_rows_are_answered_alone_and_empty_ones_are_nan():
    rows = np.stack([count([0.0] * 9 + [5.0], COARSE), np.zeros(COARSE.size, int), count([-3.0] * 4, COARSE)])
    found = quantiles(rows, COARSE, 0.5, [0, np.nan, -3], [5, np.nan, -3])
    assert found[0] == 0
    assert np.isnan(found[1])
    assert found[2] == -3


def test_quantiles_never_leave_the_range_of_the_values():
    values = np.array([1e30, -1e30, 3.0])
    found = quantiles(count(values, COARSE), COARSE, LEVELS, values.min(), values.max())
    assert (np.diff(found) >= 0).all()
    assert found[0] >= -1e30
    assert found[-1] <= 1e30


def test_the_histogram_keeps_every_value_and_equals_numpys_where_edges_are_bin_borders():
    values = np.random.default_rng(1).exponential(size=5000)
    edges = np.array([0, 0.25, 0.5, 1, 2, 4, 16])
    found = histogram(count(values, FINE), FINE, edges)
    np.testing.assert_allclose(found, np.histogram(values, edges)[0], atol=1e-6)


def test_the_histogram_spreads_a_bin_that_an_edge_cuts():
    found = histogram(count(np.full(8, 1.01), COARSE), COARSE, [1, 1.0625, 1.125])
    assert found == pytest.approx([4, 4])


def test_one_level_gives_one_number():
    counts = count(np.array([0.0, 1.0, 2.0]), FINE)
    assert quantiles(counts, FINE, 0.5, 0, 2) == pytest.approx(1, rel=2.0**-8)
    assert quantiles(np.stack([counts, counts]), FINE, 0.5, 0, 2).shape == (2,)


@pytest.mark.parametrize("scale", [2e5, 8e-7, 1e9])
def test_coarse_quantiles_stay_near_outside_of_the_fine_octaves(scale):
    values = np.random.default_rng(2).uniform(0.1, 1, 20_000) ** 4 * scale
    found = quantiles(count(values, COARSE), COARSE, LEVELS, values.min(), values.max())
    np.testing.assert_allclose(found, np.quantile(values, LEVELS), rtol=0.5 if scale == 1e9 else 0.15)
