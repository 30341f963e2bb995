"""`activation_profile` against the maps themselves."""

import numpy as np
import pytest
from scipy.stats import binomtest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.units.activity import activation_profile

COUNT = 30


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(0)
    maps = np.maximum(rng.normal(size=(COUNT, 3, 4, 4)), 0)
    maps[:, 1] = 0
    maps[20:, 0] = 0
    return maps.astype(np.float32)


@pytest.fixture(scope="module")
def atlas(values, tmp_path_factory):
    sites = {"relu": values, "fc": values[:, :, 0, 0] - 1}
    folder = tmp_path_factory.mktemp("activity") / "atlas"
    return open_atlas(
        build(folder, sites, [number % 2 for number in range(COUNT)], ["cat", "dog"], linear=["fc"])
    )


def test_the_histogram_holds_every_value_where_it_belongs(atlas, values):
    found = activation_profile(atlas, "relu", 2, bins=8)
    unit = values[:, 2]
    assert (found.edges[0], found.edges[-1]) == (unit.min(), unit.max())
    assert found.counts.sum() == pytest.approx(found.counted) == unit.size
    expected, _ = np.histogram(unit, found.edges)
    assert np.abs(found.counts - expected).max() <= 0.04 * unit.size  # the sketch has eight bins an octave
    assert found.to_frame().columns.tolist() == ["low", "high", "count"]


def test_shares_are_counted(atlas, values):
    found = activation_profile(atlas, "relu", 0)
    assert found.nonzero == (values[:, 0] != 0).sum()
    assert found.share_nonzero == pytest.approx((values[:, 0] != 0).mean())
    assert (found.answered, found.sampled, found.images) == (20, COUNT, COUNT)
    expected = binomtest(20, COUNT).proportion_ci(method="wilson")
    assert found.answered_interval == pytest.approx((expected.low, expected.high))


def test_a_dead_unit_is_all_zeros(atlas):
    found = activation_profile(atlas, "relu", 1)
    assert (found.share_nonzero, found.answered, found.answered_interval[0]) == (0, 0, 0)
    assert found.counts.sum() == found.counted
    assert found.edges[0] < 0 < found.edges[-1]


def test_zeros_mean_nothing_off_a_rectified_site(atlas):
    assert np.isnan(activation_profile(atlas, "fc", 0).share_nonzero)


def test_the_ten_strongest_are_the_highest_peaks(atlas, values):
    found = activation_profile(atlas, "relu", 2).strongest
    peaks = values[:, 2].max((1, 2))
    best = np.argsort(-peaks, kind="stable")[:10]
    assert [each.image for each in found] == best.tolist()
    assert [each.value for each in found] == pytest.approx(peaks[best])
    assert [each.rank for each in found] == list(range(1, 11))
    assert {each.of_all for each in found} == {True}
    for each in found:
        assert (each.id, each.class_name) == (f"{each.image:03d}.png", ("cat", "dog")[each.image % 2])


def test_what_is_only_the_best_of_the_sampled_says_so(values, tmp_path):
    folder = build(tmp_path / "atlas", {"relu": values}, [0] * COUNT, ["cat"])
    kept = np.arange(0, COUNT, 3)
    np.save(folder / "samples" / "images.npy", kept)
    for what, reduce in (("mean", np.mean), ("max", np.max)):
        np.save(folder / "samples" / f"relu.{what}.npy", reduce(values[kept], axis=(2, 3)))
    np.save(folder / "samples" / "relu.argmax.npy", np.zeros((len(kept), 3), np.int32))
    found = activation_profile(open_atlas(folder), "relu", 2, strongest=5)
    assert [each.of_all for each in found.strongest] == [True, True, False, False, False]
    peaks = values[:, 2].max((1, 2))
    exact = np.argsort(-peaks)[:2].tolist()
    left = [image for image in kept[np.argsort(-peaks[kept])] if image not in exact]
    assert [each.image for each in found.strongest] == exact + left[:3]
    assert (found.sampled, found.images) == (10, COUNT)
    assert len(found.strongest_frame()) == 5


def test_only_the_rows_of_the_unit_are_read(atlas, monkeypatch):
    monkeypatch.setattr(type(atlas), "_units", property(lambda self: pytest.fail("the whole table was read")))
    activation_profile(open_atlas(atlas.folder), "relu", 2)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (("rleu", 0), "nearest: relu"),
        (("relu", 3), "relu has no unit 3; its units are 0 to 2"),
    ],
)
def test_unknown_sites_and_units_name_the_valid_ones(atlas, ask, words):
    with pytest.raises(UsageError, match=words):
        activation_profile(atlas, *ask)


def test_a_profile_of_no_bins_is_refused(atlas):
    with pytest.raises(UsageError, match="bins must be at least 1, not 0"):
        activation_profile(atlas, "relu", 0, bins=0)
