"""Planted units described exactly so, and every number against NumPy on the maps themselves."""

import numpy as np
import pytest
from tests.units.spatial.planting import atlas_of, halves_of

from neurolupa.units.spatial import spatial_bias, spatial_biases

NAMES = ("left", "right", "top", "bottom")


def planted(halves, images=24, side=6, noise=0.02, seed=0):
    """Maps (N, C, H, W) whose means in the left, right, top and bottom half are about as given."""
    random = np.random.default_rng(seed)
    ramp = np.sign(np.arange(side) - (side - 1) / 2)
    maps = []
    for left, right, top, bottom in halves:
        mean = (left + right + top + bottom) / 4
        shape = mean + ramp * (right - left) / 2 + (ramp * (bottom - top) / 2)[:, None]
        maps.append(shape * (1 + noise * random.standard_normal((images, 1, 1))))
    return np.stack(maps, 1)


PLANTED = {
    "strong left": ((1.5, 1.0, 1.25, 1.25), ("strong_left", "none", "horizontal")),
    "moderate right": ((1.0, 1.2, 1.1, 1.1), ("none", "none", "horizontal")),
    "strong top": ((1.0, 1.0, 1.4, 0.6), ("none", "strong_top", "vertical")),
    "strong bottom": ((1.0, 1.0, 0.5, 1.5), ("none", "strong_bottom", "vertical")),
    "both": ((1.4, 1.0, 1.42, 0.98), ("strong_left", "strong_top", "mixed")),
    "weak both": ((1.08, 0.92, 1.08, 0.92), ("moderate_left", "moderate_top", "none")),
    "nothing": ((1.0, 1.0, 1.0, 1.0), ("none", "none", "none")),
    "hardly": ((1.02, 0.98, 1.0, 1.0), ("none", "none", "none")),
    "silent": ((0.0, 0.0, 0.0, 0.0), ("silent", "silent", "none")),
    "below zero": ((-1.0, -2.0, -1.5, -1.5), ("negative", "negative", "undecided")),
}
PLANTED["moderate right"] = (PLANTED["moderate right"][0], ("moderate_right", "none", "horizontal"))


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    maps = planted([halves for halves, _ in PLANTED.values()])
    return atlas_of(maps, tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_units_are_described_exactly_so(described, kind):
    found = spatial_bias(described, "0", list(PLANTED).index(kind))
    assert (found.horizontal.code, found.vertical.code, found.dominant) == PLANTED[kind][1]
    assert found.supported == (kind not in ("nothing", "silent"))
    assert found.p == min(2 * min(found.horizontal.p_bound, found.vertical.p_bound), 1)


def test_a_half_that_is_always_zero_gives_an_endless_ratio_and_no_silent_number(tmp_path):
    maps = np.zeros((20, 2, 4, 4))
    maps[:, 0, :, :2] = maps[:, 1, 2:, :] = np.random.default_rng(0).uniform(1, 2, (20, 1, 1))
    left, bottom = (spatial_bias(atlas_of(maps, tmp_path / str(unit)), "0", unit) for unit in range(2))
    assert (left.horizontal.ratio, left.horizontal.ratio_low, left.horizontal.code) == (
        np.inf, np.inf, "strong_left"
    )  # fmt: skip
    assert (left.vertical.code, left.dominant) == ("none", "horizontal")
    assert (bottom.vertical.ratio, bottom.vertical.ratio_high) == (0.0, 0.0)
    assert (bottom.vertical.code, bottom.dominant) == ("strong_bottom", "vertical")


def test_below_zero_there_is_a_difference_and_no_ratio(described):
    found = spatial_bias(described, "0", list(PLANTED).index("below zero")).horizontal
    assert found.difference == pytest.approx(1.0, abs=0.02)
    assert np.isnan([found.ratio, found.ratio_low, found.ratio_high, found.strength]).all()
    assert found.p_bound < 1e-4


@pytest.fixture(scope="module", params=[(5, 7), (6, 4), (2, 3), (1, 6), (6, 1)], ids=str)
def random_maps(request, tmp_path_factory):
    random = np.random.default_rng(sum(request.param))
    maps = random.standard_normal((37, 5, *request.param)).astype(np.float32)
    maps[:, 1:] = np.maximum(maps[:, 1:], 0)
    maps[random.random((37, 5)) < 0.4] = 0
    return maps, atlas_of(maps, tmp_path_factory.mktemp("random"))


def test_every_number_is_what_numpy_makes_of_the_maps(random_maps):
    maps, atlas = random_maps
    for unit in range(maps.shape[1]):
        found, halves = spatial_bias(atlas, "0", unit), halves_with_nan(maps[:, unit])
        for contrast in (found.horizontal, found.vertical):
            one, two = halves[contrast.first.name], halves[contrast.second.name]
            if np.isnan(one).any():
                assert (contrast.code, contrast.images) == ("no_halves", 0)
                continue
            check_contrast(contrast, one, two)


def halves_with_nan(maps):
    height, width = maps.shape[1:]
    whole = {name: np.full(len(maps), np.nan) for name in NAMES}
    for names, side in ((NAMES[:2], width), (NAMES[2:], height)):
        if side > 1:
            padded = np.pad(maps, ((0, 0), (0, height == 1), (0, width == 1)), mode="edge")
            whole |= {name: halves_of(padded)[name] for name in names}
    return whole


def check_contrast(contrast, one, two):
    difference = one - two
    for half, values in ((contrast.first, one), (contrast.second, two)):
        np.testing.assert_allclose([half.mean, half.std], [values.mean(), values.std()], rtol=1e-6)
    assert contrast.first.dominates == (one > two).sum()
    assert contrast.second.share == pytest.approx((two > one).mean())
    assert (contrast.ties, contrast.images) == ((one == two).sum(), len(one))
    assert contrast.difference == pytest.approx(difference.mean(), abs=1e-8)
    if min(one.mean(), two.mean()) > 0:
        ratio = one.mean() / two.mean()
        assert contrast.ratio == pytest.approx(ratio, rel=1e-6)
        assert contrast.strength == pytest.approx(max(ratio, 1 / ratio) - 1, rel=1e-5, abs=1e-7)
    else:
        assert contrast.code == "negative"
    assert contrast.z == pytest.approx(difference.sum() / np.sqrt((difference**2).sum()), rel=1e-5)
    assert contrast.effect == pytest.approx(contrast.z / np.sqrt(len(one)))


def test_one_unit_is_a_row_of_all_of_them(random_maps):
    maps, atlas = random_maps
    rows = spatial_biases(atlas, "0")
    assert len(rows) == maps.shape[1]
    for unit, row in enumerate(rows.to_dict("records")):
        found = spatial_bias(atlas, "0", unit)
        for contrast in (found.horizontal, found.vertical):
            for half in (contrast.first, contrast.second):
                assert_same(half, row, {name: half.name + suffix for name, suffix in HALF.items()})
            names = {
                name: f"{contrast.axis}_{name}" for name in vars(contrast) if f"{contrast.axis}_{name}" in row
            }
            assert len(names) == len(vars(contrast)) - 3
            assert_same(contrast, row, names)
        assert_same(found, row, {name: name for name in ("unit", "images", "dominant", "p", "supported")})
        np.testing.assert_equal(found.centre, (row["centre_row"], row["centre_column"]))
        names = {name: f"border_{name}" for name in vars(found.border) if name != "jumps"}
        assert_same(found.border, row, names)
        np.testing.assert_array_equal(found.mean_map, atlas.mean_map("0", unit))


HALF = {"mean": "", "std": "_std", "dominates": "_dominates", "share": "_share"}


def assert_same(value, row, names):
    for name, column in names.items():
        np.testing.assert_equal(getattr(value, name), row[column])


def test_values_that_are_missing_leave_as_few_images_as_there_can_be(tmp_path):
    maps = np.random.default_rng(3).uniform(1, 2, (12, 3, 4, 4))
    maps[:3, 0, :, :2] = np.nan  # three images without a left half
    maps[0, 1, 0, 0] = np.nan  # one value: every half is still there
    maps[:, 2] = np.nan
    atlas = atlas_of(maps, tmp_path)
    gone, one, none = (spatial_bias(atlas, "0", unit) for unit in range(3))
    assert (gone.horizontal.images, one.horizontal.images, none.horizontal.images) == (9, 12, 0)
    halves = halves_of(maps[3:, 0])
    assert gone.horizontal.difference == pytest.approx((halves["left"] - halves["right"]).mean(), rel=1e-6)
    assert (none.horizontal.code, none.dominant, none.border.code) == ("not_finite", "undecided", "too_small")
    assert np.isnan(none.p)


def test_the_frame_has_a_row_for_each_axis_and_the_result_says_what_it_is(described):
    found = spatial_bias(described, "0", 0)
    frame = found.to_frame()
    assert frame["axis"].tolist() == ["horizontal", "vertical"]
    assert frame.loc[0, ["first_name", "second_dominates", "code"]].tolist() == ["left", 0, "strong_left"]
    assert (found.source.model, found.images, found.site) == ("planted", 24, "0")
    assert repr(found) == "<SpatialBias planted 0 unit 0: strong_left, none; horizontal; N = 24>"


def test_the_centre_of_mass_is_that_of_the_positive_part(described, tmp_path):
    maps = np.full((2, 1, 4, 8), -1.0)
    maps[:, 0, 3, 1], maps[:, 0, 1, 1] = 1.0, 3.0
    found = spatial_bias(atlas_of(maps, tmp_path), "0", 0)
    assert found.centre == pytest.approx(((3.5 + 3 * 1.5) / 4 / 4, 1.5 / 8))
    assert np.isnan(spatial_bias(described, "0", list(PLANTED).index("below zero")).centre).all()
