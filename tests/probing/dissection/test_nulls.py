"""Concepts dealt out anew."""

import numpy as np
import pytest

from neurolupa.probing.dissection import nulls
from neurolupa.probing.dissection.labelling import Labelling
from neurolupa.probing.dissection.nulls import judged, orders, sums

HUE = Labelling("hue", ("red", "green", "blue"), np.array([0, 1, -1, 2, 1, 0, -1, 0, 2]))


def test_orders_begin_with_the_true_one_and_keep_how_often_each_concept_is_shown():
    found = orders(HUE, 20, seed=3)
    assert found[0].tolist() == [0, 1, 2, 1, 0, 0, 2]
    assert (np.sort(found) == np.sort(found[0])).all()
    assert len(np.unique(found, axis=0)) > 15
    assert (orders(HUE, 5, seed=3) == found[:6]).all()
    assert (orders(HUE, 20, seed=4) != found).any()


@pytest.mark.parametrize("room", [1, 100, 4_000_000])
def test_sums_are_those_of_a_loop_however_they_are_parted(monkeypatch, room):
    monkeypatch.setattr(nulls, "_ROOM", room)
    numbers = np.random.default_rng(0).normal(size=(7, 4))
    codes = orders(HUE, 5, seed=0)
    expected = [[numbers[row == concept].sum(0) for concept in range(3)] for row in codes]
    np.testing.assert_allclose(np.concatenate(list(sums(codes, 3, numbers))), expected, atol=1e-12)


def test_null_and_p_are_of_the_best_concept_of_each_category():
    rng = np.random.default_rng(1)
    values = [rng.random((40, 3, 5)), rng.random((40, 2, 5))]
    found = judged(values)
    assert found.value.shape == (5, 5)
    for unit in range(5):
        for place, each in enumerate(values):
            true, *dealt = each[:, :, unit].max(1)
            assert found.p[unit, place] == pytest.approx((1 + sum(one >= true for one in dealt)) / 40)
            assert found.null_high[unit, place] == sorted(dealt)[37]  # 38 of 39 are 97 %, 37 are 94.9 %
    np.testing.assert_array_equal(found.value, np.concatenate([each[0] for each in values]).T)


@pytest.mark.parametrize(("true", "p"), [(0.5 - 1e-8, 1.0), (0.5 + 1e-8, 1.0), (0.5 + 1e-4, 0.25)])
def test_values_that_differ_by_rounding_are_alike(true, p):
    values = np.array([true, 0.5, 0.5, 0.5 - 1e-8])[:, None, None]
    assert judged([values]).p.item() == p
