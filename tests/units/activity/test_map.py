"""`activity_map`: which cells, in which order, and that the reading is of all sampled pictures."""

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.units.activity import activity_map

COUNT, UNITS = 40, 12
LABELS = [number % 2 for number in range(COUNT)]


@pytest.fixture(scope="module")
def values():
    """Units 0, 4, 8 do the same; so do 1, 5, 9; unit 2 is dead, unit 3 always on; the others are rare."""
    rng = np.random.default_rng(0)
    maps = np.where(rng.random((COUNT, UNITS)) < 0.1, 1, 0) * rng.random((COUNT, UNITS))
    for first in (0, 1):
        pattern = np.where(rng.random(COUNT) < 0.4, 0.3 + 0.2 * rng.random(COUNT), 0)
        for factor, unit in enumerate((first, first + 4, first + 8), start=1):
            maps[:, unit] = pattern + 0.002 * factor * rng.random(COUNT)
    maps[:, 2], maps[:, 3] = 0, 2
    return maps.astype(np.float32)[:, :, None, None]


@pytest.fixture(scope="module")
def atlas(values, tmp_path_factory):
    sites = {"relu": values, "fc": values[:, :, 0, 0] - 1}
    folder = tmp_path_factory.mktemp("map") / "atlas"
    return open_atlas(build(folder, sites, LABELS, ["cat", "dog"], linear=["fc"]))


def test_each_cell_is_the_units_mean_on_the_picture(atlas, values):
    found = activity_map(atlas, "relu", images=10)
    for row, unit in enumerate(found.units):
        for column, picture in enumerate(found.images):
            assert found.values[row, column] == values[picture.image, unit, 0, 0]
    assert sorted(found.units) == list(range(UNITS))


def test_pictures_are_spread_over_the_classes_and_stand_by_class(atlas):
    shown = activity_map(atlas, "relu", images=10).images
    assert [each.class_name for each in shown] == ["cat"] * 5 + ["dog"] * 5
    assert [each.image for each in shown[:5]] == sorted(each.image for each in shown[:5])
    assert len(activity_map(atlas, "relu", images=500).images) == COUNT


def test_units_that_do_alike_stand_together_and_dead_ones_last(atlas):
    order = activity_map(atlas, "relu", images=COUNT).units.tolist()
    places = {unit: order.index(unit) for unit in range(UNITS)}
    for alike in ((0, 4, 8), (1, 5, 9)):
        assert np.ptp([places[unit] for unit in alike]) == 2
    assert set(order[-2:]) == {2, 3}
    by_number = activity_map(atlas, "relu", order="index")
    assert by_number.units.tolist() == list(range(UNITS))


def test_named_pictures_and_units_stand_as_asked(atlas, values):
    found = activity_map(atlas, "relu", images=[7, "003.png"], units=[5, 1, 5], order="index")
    assert [each.image for each in found.images] == [7, 3]
    np.testing.assert_array_equal(found.values, values[[7, 3]][:, [1, 5], 0, 0].T)
    assert found.to_frame().loc[5, 3] == values[3, 5, 0, 0]


def test_the_reading_is_over_all_sampled_pictures_and_names_units_as_they_are(atlas):
    found = activity_map(atlas, "relu", images=4)
    readings = {each.code: each for each in found.reading.findings}
    assert found.reading.images == found.sampled == COUNT
    assert readings["always_on"].members == (3,)
    assert set(readings["redundant"].members) == {0, 1, 4, 5, 8, 9}
    assert activity_map(atlas, "relu", units=[3, 6], images=4).reading.findings[0].members == (3,)


def test_a_site_with_values_below_zero_says_so(atlas):
    found = activity_map(atlas, "fc")
    assert not found.rectified
    assert "not_rectified" in found.reading.codes


def test_a_wide_site_is_read_from_fewer_pictures(atlas, monkeypatch):
    from neurolupa.units.activity import mapping

    monkeypatch.setattr(mapping, "_CELLS", 20 * UNITS)
    found = activity_map(atlas, "relu")
    assert (found.reading.images, found.sampled) == (20, COUNT)
    assert "always_on" in found.reading.codes


def test_what_cannot_be_asked_is_refused(atlas):
    with pytest.raises(UsageError, match="unknown order 'simlar'; nearest: similar"):
        activity_map(atlas, "relu", order="simlar")
    with pytest.raises(UsageError, match="no unit was named; relu has units 0 to 11"):
        activity_map(atlas, "relu", units=[])
    with pytest.raises(UsageError, match="relu has no unit 12"):
        activity_map(atlas, "relu", units=[12])
    with pytest.raises(UsageError, match="no image was named"):
        activity_map(atlas, "relu", images=[])
    with pytest.raises(UsageError, match="shuffles must be at least 19, not 5"):
        activity_map(atlas, "relu", shuffles=5)
    with pytest.raises(DataError, match="photos has no image 99"):
        activity_map(atlas, "relu", images=[99])
