"""`texture_profile`: planted units are named, dead ones coded, pooled numbers are those of the formulas."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import t
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.units.appearance import FEATURES, texture_profile

from .networks import SIDE, as_model, known, noise


@pytest.mark.parametrize("pool", [1, 4])
@pytest.mark.parametrize("feature", FEATURES)
def test_a_unit_that_is_a_feature_correlates_at_one_and_names_it(feature, pool):
    found = texture_profile(known(pool), noise()[0], "1", FEATURES.index(feature))
    assert found.top.feature == feature
    assert found.top.r == pytest.approx(1, abs=1e-6)
    assert found.top.p == pytest.approx(1 / found.top.shifts)
    assert (found.top.strength, found.top.supported, found.supported) == ("strong", True, True)


@pytest.mark.parametrize("feature", FEATURES)
def test_over_many_pictures_too(feature):
    found = texture_profile(known(2), noise(count=6), "1", FEATURES.index(feature), draws=99)
    assert (found.images, found.top.feature, found.top.images) == (6, feature, 6)
    assert found.top.r == pytest.approx(1, abs=1e-5)
    assert found.top.p == found.p == pytest.approx(1 / 100)
    assert found.top.content.supported


def test_a_unit_that_is_the_opposite_has_the_sign_and_stays_first():
    found = texture_profile(known(), np.dstack([noise()[0][..., 1]] * 3), "1", 6)
    first = {each.feature: each.r for each in found.correlations[:3]}
    assert first == pytest.approx({"red": -1, "green": -1, "blue": -1}, abs=1e-6)


def test_sizes_are_sorted_and_named_by_the_thresholds():
    found = texture_profile(known(), noise()[0], "1", 0)
    sizes = [abs(each.r) for each in found.correlations]
    assert sizes == sorted(sizes, reverse=True)
    names = ["strong" if size > 0.7 else "moderate" if size > 0.4 else "weak" for size in sizes]
    assert [each.strength for each in found.correlations] == names
    assert len(set(names)) > 1


def test_pooled_correlations_are_means_of_z_with_students_interval():
    found = texture_profile(known(2), noise(count=7), "1", 0, draws=50)
    for each in found.correlations:
        z = np.arctanh(np.minimum(found.pictures_frame()[each.feature], 1 - 1e-6))
        reach = t.ppf(0.975, 6) * z.std(ddof=1) / np.sqrt(7)
        expected = np.tanh([z.mean(), z.mean() - reach, z.mean() + reach])
        assert [each.r, each.low, each.high] == pytest.approx(expected)
        assert each.low <= each.r <= each.high


def test_one_picture_has_the_interval_that_its_shifts_give():
    found = texture_profile(known(2), noise()[0], "1", 0).of("red")
    assert found.low < found.r < found.high
    assert np.arctanh(found.high) - np.arctanh(found.r) == pytest.approx(
        np.arctanh(found.r) - np.arctanh(found.low)
    )


class Fixed(nn.Module):
    """Whatever the picture, unit 0 fires in the middle; unit 1 is never on, unit 2 is one, unit 3 is NaN."""

    def __init__(self, side):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        rows = torch.hann_window(side, periodic=False)
        self.register_buffer("middle", torch.outer(rows, rows))

    def forward(self, x):
        middle = self.middle.expand(len(x), 1, -1, -1)
        return torch.cat([middle, 0 * middle, 0 * middle + 1, middle * float("nan")], 1) + 0 * self.conv(x)


def fixed(side=16):
    return as_model(nn.Sequential(Fixed(side), nn.Identity()), side)


def centred(count, side=16):
    """Pictures with a bright object in the middle, as photographs have."""
    spot = np.hanning(side)[:, None, None] * np.hanning(side)[None, :, None]
    rng = np.random.default_rng(0)
    return [(255 * spot * (0.7 + 0.3 * rng.random((side, side, 3)))).astype(np.uint8) for _ in range(count)]


def test_a_unit_that_only_knows_the_middle_is_told_from_one_that_sees():
    layout = texture_profile(fixed(), centred(12), "1", 0, draws=99).of("green")
    assert layout.supported
    assert layout.layout == pytest.approx(layout.r, abs=0.02)
    assert not layout.content.supported
    seeing = texture_profile(known(1, 16), centred(12), "1", 4, draws=99).of("green")
    assert seeing.content.supported
    assert seeing.layout < seeing.r


@pytest.mark.parametrize(("unit", "code"), [(1, "silent"), (2, "constant"), (3, "not_finite")])
def test_dead_constant_and_broken_units_are_coded(unit, code):
    for pictures in (centred(1)[0], centred(3)):
        found = texture_profile(fixed(), pictures, "1", unit)
        assert found.state == code
        assert found.top is None
        assert found.states == {code: found.images}
        assert np.isnan(found.p)
        assert all(each.strength == "none" and each.images == 0 for each in found.correlations)


def test_a_flat_picture_has_flat_features_and_counts_for_nothing():
    flat, (lively,) = np.full((SIDE, SIDE, 3), 77, np.uint8), noise()
    alone = texture_profile(known(), flat, "1", 0)
    assert alone.state in ("silent", "constant")
    noisy = nn.Sequential(nn.Conv2d(3, 1, 3, padding=1))  # its zero padding makes maps of flat pictures vary
    assert {each.code for each in texture_profile(as_model(noisy), flat, "0", 0).correlations} == {"flat"}
    both = texture_profile(known(), [flat, lively], "1", 3)
    assert {each.images for each in both.correlations} == {1}
    assert both.of("red").r == pytest.approx(1, abs=1e-6)


def test_a_map_too_small_for_a_null_says_so_and_several_pictures_make_up_for_it():
    alone = texture_profile(known(16), noise()[0], "1", 3)
    assert {each.code for each in alone.correlations} == {"too_small"}
    assert alone.top.r == pytest.approx(1)
    assert np.isnan([alone.p, alone.top.p, alone.top.low]).all()
    many = texture_profile(known(16), noise(count=9), "1", 3)
    assert (many.top.feature, many.top.code) == ("red", "ok")
    assert many.top.supported
    row = texture_profile(
        as_model(nn.Sequential(nn.Conv2d(3, 1, 1), nn.AvgPool2d((16, 32)))), noise()[0], "1", 0
    )
    assert row.state == "too_small"
    assert row.top is None


def test_one_picture_however_it_comes(tmp_path):
    (pixels,), model = noise(), known()
    path = tmp_path / "noise.png"
    Image.fromarray(pixels).save(path)
    pictures = [pixels, Image.fromarray(pixels), path, str(path), path.read_bytes(), load_images([pixels])[0],
                [pixels], load_images([pixels]), tmp_path, f"folder:{tmp_path}#0"]  # fmt: skip
    profiles = [texture_profile(model, each, "1", 0) for each in pictures]
    for each in profiles:
        assert each.to_frame().equals(profiles[0].to_frame())
        assert each.images == 1
    assert profiles[2].source.images == profiles[3].source.images == "noise.png"


def test_pictures_are_taken_as_the_network_sees_them():
    wide = np.zeros((SIDE, 3 * SIDE, 3), np.uint8)
    wide[:, SIDE : 2 * SIDE] = noise()[0]
    model = known()
    cropping = nl.models.Preprocessing((SIDE, SIDE), SIDE, mean=(0.0,) * 3, std=(1.0,) * 3)
    object.__setattr__(model, "preprocessing", cropping)
    np.testing.assert_array_equal(texture_profile(model, wide, "1", 0).example.seen, noise()[0])


def test_unreadable_pictures_are_left_out_and_counted(tmp_path):
    for number, pixels in enumerate(noise(count=3)):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "1.png").write_bytes(b"no picture")
    found = texture_profile(known(), tmp_path, "1", 0)
    assert (found.source.read, found.source.skipped, found.indices.tolist()) == (2, 1, [0, 2])
    with pytest.raises(DataError, match="not an image"):
        texture_profile(known(), tmp_path / "1.png", "1", 0)
    with pytest.raises(DataError, match="none of the 2 pictures of memory can be read"):
        texture_profile(known(), [b"x", b"y"], "1", 0)


def test_blocks_make_no_difference_and_the_seed_decides(monkeypatch):
    from neurolupa.units.appearance import profiling

    def frame(**options):
        return texture_profile(known(2), noise(count=5), "1", 0, draws=99, **options).to_frame()

    whole = frame()
    monkeypatch.setattr(profiling, "_BATCH", 2)
    assert frame().equals(whole)
    other = frame(seed=1)
    assert not other["null_high"].equals(whole["null_high"])
    assert other["r"].equals(whole["r"])


def test_the_example_is_the_picture_with_the_highest_value():
    pictures = [np.minimum(each, 250) for each in noise(count=4)]
    pictures[2][5, 5] = (255, 0, 0)
    found = texture_profile(known(), pictures, "1", 3).example
    assert (found.index, found.unit_map.max()) == (2, 1)
    assert found.features.shape == (6, SIDE, SIDE)


def test_what_cannot_be_asked_is_refused_in_one_line():
    picture = noise()[0]
    with pytest.raises(UsageError, match="unknown site 'nosuch'"):
        texture_profile(known(), picture, "nosuch", 0)
    with pytest.raises(UsageError, match="1 has no unit 9; its units are 0 to 8"):
        texture_profile(known(), picture, "1", 9)
    fc = as_model(nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 2)))
    with pytest.raises(UsageError, match="the units of 1 have no maps with rows and columns"):
        texture_profile(fc, picture, "1", 0)
    with pytest.raises(UsageError, match="draws must be at least 19, not 3"):
        texture_profile(known(), picture, "1", 0, draws=3)
    with pytest.raises(UsageError, match="unknown feature 'rde'; nearest: red"):
        texture_profile(known(), picture, "1", 0).of("rde")


def test_the_result_says_where_it_comes_from():
    found = texture_profile(known(), noise(count=2), "1", 4, draws=19)
    assert (found.source.model, found.site, found.unit, found.source.read) == ("known", "1", 4, 2)
    assert repr(found) == "<TextureProfile known 1 unit 4: green r = 1.00; N = 2>"
    assert found.to_frame()["feature"].tolist() == [each.feature for each in found.correlations]
    assert found.pictures_frame().columns.tolist() == ["image", *FEATURES]


@pytest.mark.real
def test_squeezenet_sees_what_is_in_photographs(data):
    """Some unit of its first layer goes with a feature of photographs, by more than their layout."""
    weights = next((data / "weights").glob("squeezenet*"))
    model = nl.load_model("squeezenet1_1", weights=str(weights), input_size=64, device="cpu")
    folder = next(path.parent for path in data.rglob("281_n02123045_tabby.jpg"))
    images = load_images(f"folder:{folder}", sample=8)
    found = [texture_profile(model, images, "features.1", unit, draws=99) for unit in range(0, 64, 16)]
    assert any(each.supported and abs(each.top.r) > 0.4 and each.top.content.supported for each in found)
    assert {each.images for each in found} == {8}
