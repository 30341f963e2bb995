"""Index and width of curves whose shape is known."""

import numpy as np
import pytest

from neurolupa.units.tuning_curves.factors import FACTORS
from neurolupa.units.tuning_curves.measures import index_of, lifted, selectivity, width_of

ORIENTATION, FREQUENCY, HUE, SHAPE = (FACTORS[name] for name in ("orientation", "frequency", "hue", "shape"))
TURNS = np.arange(16) * 11.25


def test_curves_without_negative_parts_are_left_alone():
    curves = np.array([[0.0, 1.0, 2.0], [-1.0, 0.0, 3.0], [-3.0, -2.0, -2.5]])
    np.testing.assert_array_equal(lifted(curves), [[0, 1, 2], [0, 1, 4], [0, 1, 0.5]])


@pytest.mark.parametrize("spread", [1, 2, 5])
def test_selectivity_is_the_formula_value_by_value(spread):
    curves = np.random.default_rng(0).gamma(spread, size=(30, 8))
    for curve, found in zip(curves, selectivity(curves), strict=True):
        ordered = sorted(curve)
        best, others = ordered[-1], sum(ordered[:-1]) / 7
        assert found == pytest.approx((best - others) / (best + others))


def test_an_index_lies_in_0_to_1_and_needs_differences():
    rng = np.random.default_rng(1)
    curves = rng.normal(size=(200, 16))
    for factor, values in ((ORIENTATION, TURNS), (SHAPE, range(16))):
        found = index_of(factor, values, curves)
        assert ((found >= 0) & (found <= 1)).all()
        assert index_of(factor, values, np.full(16, 3.0)) == pytest.approx(0.0)
        assert index_of(factor, values, np.eye(16)[3]) == pytest.approx(1.0)
        assert index_of(factor, values, np.full(16, -3.0)) == 0.0


def test_index_of_a_raised_cosine_is_half_its_depth():
    # sum((1 + d cos 2(t - t0)) exp(2it)) / sum(1 + d cos 2(t - t0)) has the length d / 2.
    for depth in (0.2, 0.7, 1.0):
        curve = 1 + depth * np.cos(2 * np.deg2rad(TURNS - 33.0))
        assert index_of(ORIENTATION, TURNS, curve) == pytest.approx(depth / 2)


def test_width_of_a_triangle_is_half_its_foot():
    # A straight slope is at half height in the middle, wherever the peak lies, also across the end.
    slopes = [np.clip(1 - np.minimum(abs(TURNS - at), 180 - abs(TURNS - at)) / 45, 0, 1) for at in TURNS]
    np.testing.assert_allclose(width_of(ORIENTATION, TURNS, np.array(slopes)), 22.5)
    np.testing.assert_allclose(width_of(ORIENTATION, TURNS, 7 + 3 * np.array(slopes)), 22.5)


def test_width_takes_the_mean_of_two_unequal_sides():
    curve = np.array([[0.0, 0, 4, 3, 2, 1, 0, 0]])  # half of 4 is a half step before and two steps after
    assert width_of(HUE, np.arange(8) * 45.0, curve) == pytest.approx((22.5 + 90) / 2)


def test_octaves_between_the_half_heights():
    frequencies = [1.0, 2.0, 4.0, 8.0, 16.0]
    curves = np.array(
        [[0.0, 0, 2, 0, 0], [0, 2, 2, 2, 0], [2.0, 2, 0, 0, 0], [0, 0, 0, 2, 2.0], [0, 1.5, 2, 1, 1]]
    )
    found = width_of(FREQUENCY, frequencies, curves)
    np.testing.assert_allclose(found, [1.0, 3.0, np.nan, np.nan, 1 + 1 + 1 / 3])


def test_names_are_counted_at_half_height():
    curves = np.array([[0.0, 1, 2, 4], [4, 4, 0, 2], [1, 1, 1, 9.0]])
    np.testing.assert_allclose(width_of(SHAPE, "abcd", curves), [0.5, 0.75, 0.25])
