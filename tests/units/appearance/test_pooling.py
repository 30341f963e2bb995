"""Pooled correlations: the null's draws one by one, and how often nothing is taken for something."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from neurolupa.units.appearance import FEATURES, feature_maps
from neurolupa.units.appearance.pooling import Pool
from neurolupa.units.appearance.shifting import layout_z, shifted_correlations

from .networks import noise

SIDE = 8


@pytest.fixture(scope="module")
def features():
    return [feature_maps(each / 255) for each in noise(3, 12, SIDE)]


def pooled(maps, features, draws, seed=0):
    pool, found = Pool(False, draws, seed), []
    for index, (unit_map, each) in enumerate(zip(maps, features, strict=True)):
        others = features[max(0, index - 8) : index]
        found.append(shifted_correlations(unit_map, each))
        pool.add(index, found[-1], layout_z(unit_map, others) if others else np.full(6, np.nan))
    return *pool.correlations(), found


def test_each_draw_shifts_every_map_by_its_own_shift(features):
    maps = np.random.default_rng(0).normal(size=(12, SIDE, SIDE))
    rows, p, found = pooled(maps, features, draws=60, seed=4)
    shifts = [np.random.default_rng([4, index]).integers(4 * SIDE * SIDE, size=60) for index in range(12)]
    draws = [[each.z[:, 0] for each in found]]
    draws += [
        [each.z[:, places[draw]] for each, places in zip(found, shifts, strict=True)] for draw in range(60)
    ]
    sizes = np.abs(np.mean(draws, axis=1))
    for row in rows:
        place = FEATURES.index(row.feature)
        assert row.p == pytest.approx((sizes[:, place] >= sizes[0, place]).mean())
        assert row.quantile == pytest.approx(1 - row.p)
        assert row.shifts == 61
    assert p == pytest.approx((sizes.max(1) >= sizes[0].max()).mean())


def test_a_unit_of_nothing_has_no_content_and_its_interval_holds_zero(features):
    maps = np.random.default_rng(5).normal(size=(12, SIDE, SIDE))
    rows, _, _ = pooled(maps, features, draws=19)
    assert sum(row.low <= 0 <= row.high for row in rows) >= 5
    assert sum(row.content.supported for row in rows) <= 1


@pytest.mark.nightly
def test_of_a_thousand_units_of_nothing_at_most_one_in_twenty_is_taken_for_something(features):
    fields = np.random.default_rng(1).normal(size=(1000, 4, SIDE + 8, SIDE + 8))
    maps = np.maximum(gaussian_filter(fields, (0, 0, 1, 1))[..., 4:-4, 4:-4], 0)
    hits, largest = 0, 0
    for number, unit in enumerate(maps):
        rows, p, _ = pooled(unit, features[:4], draws=199, seed=number)
        hits += sum(row.supported for row in rows)
        largest += p <= 0.05
    assert largest <= 50
    assert hits <= 6 * 50
