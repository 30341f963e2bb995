"""Regions of hand-made maps whose answers are written down, and laws that hold for every map."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label, regionprops
from skimage.transform import resize

from neurolupa.capture import ReceptiveField
from neurolupa.errors import UsageError
from neurolupa.inspection.regions import clipped, find_regions, percentile_of, size_class_of, upsampled

MAP = np.zeros((10, 10))
MAP[1:3, 1:3] = 4.0  # 4 of 100 pixels: small
MAP[1, 1] = 6.0
MAP[5:9, 5:8] = 3.0  # 12 of 100: medium
MAP[8, 7] = 5.0


def test_two_regions_by_hand():
    found = find_regions(MAP, (10, 10), percentile=80)
    first, second = found
    # mean 18 / 4 of the highest, 6, at weight 1; mean 38 / 12 at weight 0.9
    assert (first.number, first.box, first.area_share, first.size_class) == (1, (1, 1, 3, 3), 0.04, "small")
    assert (first.mean, first.peak, first.peak_at, first.position) == (4.5, 6.0, (1, 1), (1, 1))
    assert first.interest == pytest.approx(4.5 / 6)
    assert (second.number, second.box, second.size_class) == (2, (5, 5, 8, 9), "medium")
    assert (second.area_share, second.peak, second.peak_at) == (0.12, 5.0, (8, 7))
    assert second.mean == pytest.approx(38 / 12)
    assert second.interest == pytest.approx(38 / 12 / 6 * 0.9)
    assert (found.threshold, found.code) == (0.0, None)


def test_interest_is_counted_from_the_lowest_value_of_the_map():
    found = find_regions(2 * MAP - 5, (10, 10), percentile=80)
    assert [region.interest for region in found] == pytest.approx([4.5 / 6, 38 / 12 / 6 * 0.9])
    assert [region.peak for region in found] == [7.0, 5.0]


def test_size_outweighs_a_slightly_lower_mean():
    values = np.zeros((10, 10))
    values[:4] = 10.0  # 40 of 100: background, 10 x 0.3
    values[7, 7] = 4.0  # small, 4 x 1
    first, second = find_regions(values, (10, 10), percentile=50)
    assert (first.size_class, first.interest) == ("small", 0.4)
    assert (second.size_class, second.interest) == ("background", pytest.approx(0.3))


def test_the_classes_change_where_the_issue_says():
    shares = (0.0, 0.0499, 0.05, 0.1499, 0.15, 0.30, 0.3001, 1.0)
    classes = [size_class_of(share) for share in shares]
    assert classes == ["small"] * 2 + ["medium"] * 2 + ["large"] * 2 + ["background"] * 2


def test_pixels_that_share_only_a_corner_are_two_regions():
    values = np.zeros((8, 8))
    values[2, 2], values[3, 3] = 2.0, 1.0
    assert [region.box for region in find_regions(values, (8, 8), 90)] == [(2, 2, 3, 3), (3, 3, 4, 4)]


def test_a_plateau_at_the_maximum_is_the_region():
    values = np.zeros((10, 10))
    values[:4] = 1.0  # the 85th percentile is the maximum itself
    (region,) = find_regions(values, (20, 20))
    assert region.box[0::2] == (0, 20)
    assert region.mean == pytest.approx(1.0)
    assert region.box[1] == 0


def test_the_receptive_field_of_the_peak_is_clipped_to_the_picture():
    field = ReceptiveField(size=(7, 5), stride=(4, 4), start=(-3, -2))
    values = np.zeros((4, 4))
    values[0, 3] = 1.0
    (region,) = find_regions(values, (16, 16), 95, field)
    assert region.position == (0, 3)
    assert region.field_box == (10, 0, 15, 4)  # columns -2 + 12 .. + 5; rows -3 .. 4, cut at 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.zeros((4, 4)), "dead"),
        (np.full((4, 4), 1e-6), "dead"),
        (np.full((4, 4), -2.0), "dead"),
        (np.full((4, 4), 2.0), "constant"),
        (2.0 + 1e-7 * np.eye(4), "constant"),
        (np.array([[3.0]]), "one_value"),
        (np.where(np.eye(4) > 0, np.nan, 1.0), "not_finite"),
        (np.where(np.eye(4) > 0, np.inf, 1.0), "not_finite"),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_maps_without_regions_say_why(values, code, kind):
    found = find_regions(values.astype(kind), (8, 8))
    assert (len(found), found.code) == (0, code)
    assert math.isnan(found.threshold)
    assert list(found.to_frame()) == list(find_regions(MAP, (10, 10)).to_frame())


@pytest.mark.parametrize(
    "call",
    [
        lambda: find_regions(MAP, (10, 10), 100),
        lambda: find_regions(MAP, (10, 10), -1),
        lambda: find_regions(MAP, (10, 10), float("nan")),
        lambda: find_regions(MAP[0], (10, 10)),
        lambda: find_regions(np.zeros((0, 3)), (10, 10)),
        lambda: find_regions(MAP, (0, 10)),
    ],
)
def test_senseless_arguments(call):
    with pytest.raises(UsageError):
        call()


@pytest.mark.parametrize(("cells", "size"), [((7, 7), (28, 28)), ((5, 3), (20, 9)), ((6, 6), (6, 6))])
def test_upsampling_is_the_bilinear_one_of_scikit_image(cells, size):
    values = np.random.default_rng(0).normal(size=cells)
    expected = resize(values, size, order=1, mode="edge", anti_aliasing=False)
    assert np.allclose(upsampled(values, size), expected, atol=1e-12)


@given(st.integers(0, 10_000), st.floats(0, 99), st.sampled_from([(12, 12), (20, 30)]))
@settings(max_examples=25, deadline=None)
def test_regions_are_those_of_scikit_image(seed, percentile, size):
    values = np.maximum(np.random.default_rng(seed).normal(size=(6, 6)), 0)
    found = find_regions(values, size, percentile)
    pixels = upsampled(values, size)
    mask = pixels > np.percentile(pixels, percentile) + 1e-9 * np.ptp(pixels)  # rounding is no relief
    oracle = regionprops(label(mask, connectivity=1), pixels)
    expected = {(*one.bbox, round(one.area / pixels.size, 9), round(one.intensity_mean, 9)) for one in oracle}
    told = {
        (one.box[1], one.box[0], one.box[3], one.box[2], round(one.area_share, 9), round(one.mean, 9))
        for one in found
    }
    assert told == expected
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    interests = [one.interest for one in found]
    assert interests == sorted(interests, reverse=True)
    assert all(0 <= interest <= 1 for interest in interests)
    assert all(pixels[one.peak_at] == one.peak for one in found)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 99.99))
@settings(max_examples=60, deadline=None)
def test_the_percentile_is_that_of_numpy(values, percentile):
    assert percentile_of(np.array(values), percentile) == np.percentile(values, percentile)


def test_a_peak_s_cell_is_where_the_map_is_highest():
    values = np.random.default_rng(3).random((7, 7))
    row, column = np.unravel_index(values.argmax(), values.shape)
    best = max(find_regions(values, (224, 224)), key=lambda region: region.peak)
    assert best.position == (row, column)
    single = np.zeros((5, 5))
    single[1, 1] = 1.0  # its centre is at 1.8 of 6 pixels, nearest that of the second pixel, 1.5
    (region,) = find_regions(single, (6, 6), 95)
    assert (region.peak_at, region.position) == ((1, 1), (1, 1))


def test_a_region_s_row_in_the_table():
    field = ReceptiveField(size=(1, 1), stride=(1, 1), start=(0, 0))
    frame = find_regions(MAP, (10, 10), 80, field).to_frame()
    assert frame.loc[0, ["x0", "y0", "x1", "y1", "peak_row", "peak_column"]].tolist() == [1, 1, 3, 3, 1, 1]
    assert frame.loc[1, ["field_x0", "field_y0", "field_x1", "field_y1"]].tolist() == [7, 8, 8, 9]
    assert frame["size_class"].tolist() == ["small", "medium"]


def test_the_map_is_left_as_it_was():
    values = MAP.copy()
    find_regions(values, (10, 10))
    assert np.array_equal(values, MAP)


def test_a_box_outside_the_picture_is_empty_at_its_edge():
    assert clipped((-9, 3, -2, 5), (8, 8)) == (0, 3, 0, 5)
