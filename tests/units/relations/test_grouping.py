"""Groups of units that say the same: planted, and against scikit-learn."""

import tracemalloc

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering

from neurolupa.errors import UsageError
from neurolupa.units.relations import RelationCode, redundant_groups
from neurolupa.units.relations.correlating import fisher_interval

from .planting import plant, resampled


@pytest.fixture
def mixed(tmp_path):
    """Twelve units that share factors to different degrees, over 50 pictures."""
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(50, 3))[:, np.arange(12) % 3]
    return plant(tmp_path, relu=factors + rng.uniform(0, 1, 12) * rng.normal(size=(50, 12)))


def test_planted_copies_are_found_and_nothing_else(tmp_path):
    rng = np.random.default_rng(1)
    plain = rng.exponential(size=(80, 6))
    copies = np.column_stack([3 * plain[:, 1], plain[:, 1] + 7, 4 * plain[:, 4], 9 - plain[:, 0]])
    values = np.column_stack([plain, copies, np.zeros(80)])
    found = redundant_groups(plant(tmp_path, relu=values), "relu")
    assert [group.units for group in found.groups] == [(1, 6, 7), (4, 8)]
    assert found.groups[0].lowest == pytest.approx(1, abs=1e-9)
    assert (found.doubled, found.compared, found.total, found.share) == (3, 10, 11, pytest.approx(0.3))
    assert (found.low, found.high) == (pytest.approx(0.3), pytest.approx(0.3))
    assert (found.null_mean, found.null_high, found.p) == (0, 0, 0.05)
    assert found.left_out == {"SILENT": 1}
    assert found.group_of(7) is found.groups[0]
    assert found.group_of(0) is None
    assert found.to_frame()["unit"].tolist() == [1, 6, 7, 4, 8]


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.8, 0.95])
def test_groups_are_those_of_scikit_learn(mixed, threshold):
    found = redundant_groups(mixed, "relu", threshold=threshold, shuffles=0)
    values = np.asarray(mixed.samples("relu").mean, float)
    oracle = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="complete", distance_threshold=1 - threshold
    ).fit_predict(1 - np.corrcoef(values.T))
    sets = {tuple(np.flatnonzero(oracle == label)) for label in set(oracle.tolist())}
    assert {group.units for group in found.groups} == {units for units in sets if len(units) > 1}


def test_in_a_group_every_two_units_reach_the_threshold(mixed):
    found = redundant_groups(mixed, "relu", threshold=0.6, shuffles=0)
    matrix = np.corrcoef(np.asarray(mixed.samples("relu").mean, float).T)
    assert found.groups
    for group in found.groups:
        block = matrix[np.ix_(group.units, group.units)]
        off = block[~np.eye(len(block), dtype=bool)]
        assert (group.lowest, group.mean) == pytest.approx((off.min(), off.mean()))
        assert group.lowest >= 0.6
        assert group.centre == group.units[block.sum(axis=1).argmax()]


def test_the_order_keeps_groups_together(mixed):
    found = redundant_groups(mixed, "relu", threshold=0.6, shuffles=0)
    assert sorted(found.order.tolist()) == found.units.tolist() == list(range(12))
    for group in found.groups:
        places = np.flatnonzero(np.isin(found.order, group.units))
        assert places[-1] - places[0] == len(places) - 1


def test_the_interval_moves_every_correlation_to_its_own_end(mixed):
    found = redundant_groups(mixed, "relu", threshold=0.7, shuffles=0)
    lenient, strict = fisher_interval(np.array(0.7), 50)
    ends = [
        redundant_groups(mixed, "relu", threshold=float(end), shuffles=0).share for end in (strict, lenient)
    ]
    assert [found.low, found.high] == ends
    assert found.low < found.high


def test_chance_alone_groups_units_when_pictures_are_few(tmp_path):
    values = np.random.default_rng(2).normal(size=(5, 40))
    found = redundant_groups(plant(tmp_path, relu=values), "relu", threshold=0.8, shuffles=99)
    assert found.share > 0.2
    assert found.null_mean > 0.2
    assert found.p > 0.05


def test_noise_is_doubled_beyond_chance_in_at_most_one_layer_of_twenty(tmp_path):
    """p <= 0.05 of 19 shuffles has probability 1/20 at most; 99.9 % of such counts of 80 are below 12."""
    rng = np.random.default_rng(3)
    atlas = plant(tmp_path, relu=np.ones((1, 1)))
    drawn = (resampled(atlas, rng.normal(size=(6, 24))) for _ in range(80))
    found = [redundant_groups(each, "relu", threshold=0.8, seed=k).p for k, each in enumerate(drawn)]
    assert 0 < (np.array(found) <= 0.05).sum() <= 11


def test_units_that_cannot_be_compared_are_no_groups(tmp_path):
    atlas = plant(tmp_path, one=np.arange(9.0)[:, None], none=np.zeros((9, 3)))
    assert redundant_groups(atlas, "one").code is RelationCode.ALONE
    nothing = redundant_groups(atlas, "none")
    assert (nothing.code, nothing.groups, nothing.doubled) == (RelationCode.NO_UNITS, (), 0)
    assert np.isnan([nothing.share, nothing.low, nothing.null_mean, nothing.p]).all()


@pytest.mark.parametrize("threshold", [0, -0.5, 1.1, float("nan"), "high"])
def test_a_threshold_that_is_no_correlation_is_refused(mixed, threshold):
    with pytest.raises(UsageError, match="threshold"):
        redundant_groups(mixed, "relu", threshold=threshold)


def test_the_threshold_one_means_equal_up_to_rounding(tmp_path):
    values = np.random.default_rng(4).normal(size=(30, 3))
    atlas = plant(tmp_path, relu=np.column_stack([values, 0.3 * values[:, 0] + 1]))
    (group,) = redundant_groups(atlas, "relu", threshold=0.999999).groups
    assert group.units == (0, 3)


def test_two_thousand_units_need_bounded_memory(tmp_path):
    values = np.random.default_rng(5).normal(size=(64, 2048)).astype(np.float32)
    atlas = plant_samples(tmp_path, values)
    tracemalloc.start()
    found = redundant_groups(atlas, "relu", threshold=0.99, shuffles=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.compared == 2048
    assert peak < 40 * 2048**2


def plant_samples(folder, values):
    """An atlas whose tables are of one unit and whose samples are of many, as only these are read."""
    atlas = plant(folder, relu=values[:, :1])
    for name in ("mean", "max"):
        np.save(atlas.folder / "samples" / f"relu.{name}.npy", values)
    np.save(atlas.folder / "samples" / "relu.argmax.npy", np.zeros(values.shape, np.int32))
    return atlas
