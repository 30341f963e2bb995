"""`rank_units` against sorting by hand."""

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.units.activity import rank_units

UNITS, COUNT = 120, 12


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(0)
    maps = np.maximum(rng.normal(0.5, 1, size=(COUNT, UNITS, 2, 2)), 0).astype(np.float32)
    maps[5] = (np.arange(UNITS) % 60 / 40)[:, None, None]  # twice 0, 0.025, ..., 1.475
    return maps


@pytest.fixture(scope="module")
def atlas(values, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks") / "atlas"
    return open_atlas(build(folder, {"layer3.1.relu": values}, [0] * COUNT, ["frog"]))


def test_the_strongest_are_first_and_equal_ones_by_number(atlas):
    found = rank_units(atlas, "layer3.1.relu", image=5, mark=85)
    assert [unit for unit, _ in found.strongest()] == [59, 119, 58, 118, 57, 117, 56, 116, 55, 115]
    assert found.strongest(1)[0][1] == pytest.approx(1.475)
    assert (found.image.id, found.image.class_name, found.units) == ("005.png", "frog", UNITS)


def test_the_mark_is_placed(atlas):
    """85 has 25 / 40: 34 values are higher, each twice, and unit 25 has the same and comes first."""
    mark = rank_units(atlas, "layer3.1.relu", image=5, mark=85).mark
    assert (mark.unit, mark.rank, mark.in_top) == (85, 70, False)
    assert mark.value == pytest.approx(0.625)
    assert rank_units(atlas, "layer3.1.relu", image=5, mark=36).mark.rank == 47
    assert rank_units(atlas, "layer3.1.relu", image=5, mark=36).mark.in_top
    assert rank_units(atlas, "layer3.1.relu", image=5).mark is None


def test_how_many_units_exceed_one(atlas):
    """41 / 40 to 59 / 40, each twice; 40 / 40 is not above."""
    assert rank_units(atlas, "layer3.1.relu", image=5).above == 38


@pytest.mark.parametrize("by", ["mean", "max"])
def test_every_rank_is_that_of_sorting(atlas, values, by):
    table = getattr(values, by)((2, 3))
    found = rank_units(atlas, "layer3.1.relu", image=3, mark=7, by=by)
    np.testing.assert_array_equal(found.order, np.argsort(-table[3], kind="stable"))
    ranks = [np.argsort(-row, kind="stable").tolist().index(7) + 1 for row in table]
    assert (found.mark.rank, found.rank_of(7)) == (ranks[3], ranks[3])
    expected = (np.median(ranks), np.mean(np.array(ranks) <= 50), *np.quantile(ranks, [0.025, 0.975]))
    got = (found.mark.usual, found.mark.usual_top, found.mark.usual_low, found.mark.usual_high)
    assert got == pytest.approx(expected)
    assert found.sampled == COUNT


def test_an_image_may_be_named_by_its_id(atlas):
    found = rank_units(atlas, "layer3.1.relu", image="005.png", mark=85)
    assert (found.image.image, found.mark.rank) == (5, 70)


def test_units_without_a_number_come_last(values, tmp_path):
    folder = build(tmp_path / "atlas", {"relu": values})
    held = np.load(folder / "samples" / "relu.mean.npy")
    held[5, 59] = np.nan
    np.save(folder / "samples" / "relu.mean.npy", held)
    found = rank_units(open_atlas(folder), "relu", image=5, mark=59)
    assert (found.order[0], found.order[-1], found.mark.rank) == (119, 59, UNITS)


def test_pictures_that_are_not_there_or_not_sampled_are_named(atlas, values, tmp_path):
    with pytest.raises(DataError, match="photos has no image 12; images are 0 to 11"):
        rank_units(atlas, "layer3.1.relu", image=12)
    with pytest.raises(DataError, match=r"unknown picture of photos '05\.png'; nearest: 005\.png"):
        rank_units(atlas, "layer3.1.relu", image="05.png")
    folder = build(tmp_path / "atlas", {"relu": values})
    for name in ("images", "relu.mean", "relu.max", "relu.argmax"):
        path = folder / "samples" / f"{name}.npy"
        np.save(path, np.load(path)[[11, 8, 2]])
    with pytest.raises(
        DataError,
        match="image 6 is not among the 3 sampled images of this atlas; the nearest sampled image is 8",
    ):
        rank_units(open_atlas(folder), "relu", image=6)


def test_what_cannot_be_asked_is_refused(atlas):
    with pytest.raises(UsageError, match=r"layer3\.1\.relu has no unit 120; its units are 0 to 119"):
        rank_units(atlas, "layer3.1.relu", image=5, mark=120)
    with pytest.raises(UsageError, match="unknown measure 'mxa'; nearest: max"):
        rank_units(atlas, "layer3.1.relu", image=5, by="mxa")
    with pytest.raises(UsageError, match="an image is an index or an id, not 5"):
        rank_units(atlas, "layer3.1.relu", image=5.0)


def test_the_table_has_all_units_and_the_mark(atlas):
    frame = rank_units(atlas, "layer3.1.relu", image=5, mark=85).to_frame()
    assert frame.loc[frame["marked"], ["rank", "unit"]].values.tolist() == [[70, 85]]
    assert frame["value"].is_monotonic_decreasing
    assert len(frame) == UNITS
