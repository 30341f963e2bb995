"""Content changes sides with the pictures, what the network puts there stays."""

import numpy as np
import pytest
import torch
from tests.capture.conftest import untouched  # noqa: F401 (a fixture)
from tests.units.spatial.planting import SIDE, as_model, halves_of
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.units.spatial import Part, mirrored_bias
from neurolupa.units.spatial.mirrored import mirrored_codes


class Places(nn.Module):
    """Unit 0 sees red, 1 prefers the left whatever it sees, 2 both, 3 nothing, 4 sees green below."""

    def forward(self, x):
        red, green = x[:, :1], x[:, 1:2]
        left = torch.linspace(1, 0, x.shape[3]).expand_as(red)
        return torch.cat([red, left * (1 + 0.1 * green), red + left, 0 * red + 1, green], 1)


def pictures(count=20, seed=0, even=False):
    """Red on the left and green below, more or less; `even`: noise without a side."""
    random = np.random.default_rng(seed)
    arrays = random.integers(0, 100, (count, SIDE, SIDE, 3)).astype(np.uint8)
    if not even:
        arrays[:, :, : SIDE // 2, 0] += 120
        arrays[:, SIDE // 2 :, :, 1] += 120
    return list(arrays)


@pytest.fixture(scope="module")
def model():
    return as_model(nn.Sequential(Places(), nn.AdaptiveAvgPool2d(1), nn.Flatten()))


@pytest.fixture(scope="module")
def images():
    return nl.load_images(pictures())


@pytest.fixture(scope="module")
def found(model, images):
    return mirrored_bias(model, images, "0", batch_size=7)


def test_planted_units_are_told_apart(found):
    assert found.horizontal.code == ("content", "network", "both", "none", "none")
    assert found.vertical.code == ("none", "content", "none", "none", "content")  # 1 sees some green


def test_on_pictures_without_a_side_only_the_network_is_left(model):
    found = mirrored_bias(model, nl.load_images(pictures(40, even=True)), "0")
    assert found.horizontal.code == ("none", "network", "network", "none", "none")
    assert found.vertical.code == ("none",) * 5


def test_the_parts_are_what_numpy_makes_of_the_recorded_maps(model, images, found):
    batch = torch.stack([model.prepare(picture.image) for picture in images])
    for contrast, axis in ((found.horizontal, 3), (found.vertical, 2)):
        maps, turned = (nl.record(model, each, "0")["0"].numpy() for each in (batch, batch.flip(axis)))
        first, second = contrast.axis.first, contrast.axis.second
        for unit in range(maps.shape[1]):
            plain, mirror = halves_of(maps[:, unit]), halves_of(turned[:, unit])
            one, two = plain[first] - plain[second], mirror[first] - mirror[second]
            parts = {"original": one, "mirrored": two, "content": (one - two) / 2, "network": (one + two) / 2}
            for name, values in parts.items():
                check_part(getattr(contrast, name), unit, np.where(abs(values) < 2e-6, 0, values))
        assert (contrast.images == len(images)).all()


def check_part(part, unit, values):
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert part.mean[unit] == pytest.approx(values.mean(), abs=1e-8)
    assert part.high[unit] - part.mean[unit] == pytest.approx(2.093 * error, rel=1e-3, abs=1e-6)
    root = np.sqrt((values**2).sum())
    assert part.z[unit] == pytest.approx(values.sum() / root if root else 0, rel=1e-4, abs=1e-6)


def test_what_moves_and_what_stays_add_up_and_the_blank_picture_shows_the_network_alone(found):
    for contrast in (found.horizontal, found.vertical):
        np.testing.assert_allclose(contrast.content.mean + contrast.network.mean, contrast.original.mean)
        np.testing.assert_allclose(contrast.network.mean - contrast.content.mean, contrast.mirrored.mean)
    ramp = np.linspace(1, 0, SIDE)
    half = ramp[: SIDE // 2].mean() - ramp[SIDE // 2 :].mean()
    np.testing.assert_allclose(found.horizontal.blank, [0, half, half, 0, 0], rtol=1e-6)


def test_padding_on_one_side_stays_where_it_is():
    layer = nn.Sequential(nn.ZeroPad2d((3, 0, 0, 0)), nn.Conv2d(3, 1, 3, bias=False))
    layer[1].weight.data.fill_(1.0)
    found = mirrored_bias(as_model(layer), nl.load_images(pictures(even=True)), "1", 0)
    assert (found.horizontal.code, found.vertical.code) == (("network",), ("none",))
    assert found.horizontal.network.mean[0] < 0
    assert found.horizontal.blank[0] == 0  # black, like the padding


@pytest.mark.parametrize("images", [8, 40])
def test_a_thousand_units_without_a_bias_stay_inside(images):
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 1000, 1)
    found = mirrored_bias(as_model(nn.Sequential(layer, nn.ReLU())), nl.load_images(noise(images)), "1")
    for contrast in (found.horizontal, found.vertical):
        assert np.mean([code != "none" for code in contrast.code]) <= 0.05
        assert np.mean(contrast.content.p_bound <= 0.05) <= 0.05
        np.testing.assert_array_equal(contrast.network.p, 1.0)  # a 1 x 1 kernel turns with the picture


def noise(count):
    return list(np.random.default_rng(count).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8))


def test_blocks_and_the_choice_of_units_change_nothing(model, images, found):
    told = []
    part = mirrored_bias(model, images, "0", [4, 0], batch_size=20, on_block=lambda *now: told.append(now))
    assert (part.units, told) == ((4, 0), [(20, 20)])
    np.testing.assert_allclose(
        part.horizontal.content.mean, found.horizontal.content.mean[[4, 0]], rtol=1e-12
    )
    assert part.vertical.code == ("content", "none")
    again = mirrored_bias(model, images, "0", batch_size=7)
    np.testing.assert_array_equal(again.horizontal.content.z, found.horizontal.content.z)


def test_the_frame_has_a_row_for_each_unit_and_axis(found):
    frame = found.to_frame()
    assert frame[["unit", "axis"]].iloc[:3].to_numpy().tolist() == [
        [0, "horizontal"],
        [0, "vertical"],
        [1, "horizontal"],
    ]
    assert frame["content_low"].iloc[0] < frame["content"].iloc[0] < frame["content_high"].iloc[0]
    assert (found.images, found.source.images, found.site) == (20, "memory", "0")
    assert repr(found) == "<MirroredBias planted 0: 5 units; N = 20>"


def test_pictures_that_cannot_be_read_are_left_out_and_counted(model):
    some = nl.load_images([*pictures(3), b"no picture", *pictures(2, 1), b""])
    found = mirrored_bias(model, some, "0", batch_size=2)
    assert (found.images, found.source.skipped, found.horizontal.images[0]) == (5, 2, 5)
    with pytest.raises(DataError, match="none of the 2 pictures"):
        mirrored_bias(model, nl.load_images([b"no", b"none"]), "0")


class Spoilt(nn.Module):
    def forward(self, x):
        value = x[:, :2].clone()
        value[:, 1] = float("nan")
        value[0, 0, 0, 0] = float("inf")
        return value


def test_values_that_are_not_finite_leave_their_image_out(images):
    found = mirrored_bias(as_model(nn.Sequential(Spoilt(), nn.Identity())), images, "0", batch_size=4)
    assert found.horizontal.images.tolist() == [15, 0]
    assert found.horizontal.code == ("content", "not_finite")


class Uneven(nn.Module):
    """Ones, on the left a hair more: as little as float32 can, and a thousandth."""

    def forward(self, x):
        value = 0 * x[:, :2] + 1
        value[:, 0, :, : SIDE // 2] += 2**-22
        value[:, 1, :, : SIDE // 2] += 0.001
        return value


def test_what_float32_rounds_is_no_bias(images):
    found = mirrored_bias(as_model(nn.Sequential(Uneven(), nn.Identity())), images, "0").horizontal
    assert found.code == ("none", "network")
    assert found.network.mean.tolist() == [0.0, pytest.approx(0.001, rel=1e-3)]
    assert (found.blank[0], found.network.p[0]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("moves", "stays", "code"),
    [
        (1.0, 0.3, "both"),
        (1.0, 0.2, "content"),
        (0.2, 1.0, "network"),
        (0.0, 1.0, "network"),
        (0.0, 0.0, "none"),
    ],
)
def test_a_part_below_a_quarter_of_the_other_does_not_count(moves, stays, code):
    count = np.array([30])
    sizes = np.array([[moves], [stays]])
    content, network = (Part.of(30 * size, 30.3 * size**2, count, count * (size > 0)) for size in sizes)
    assert mirrored_codes(content, network, count, True) == (code,)


def test_maps_of_one_column_have_no_left_and_right(images):
    module = nn.Sequential(nn.AdaptiveAvgPool2d((8, 1)), nn.Identity())
    found = mirrored_bias(as_model(module), images, "0")
    assert found.horizontal.code == ("no_halves",) * 3
    assert found.vertical.code == ("none", "content", "none")


def test_the_network_is_left_as_found(images, untouched):  # noqa: F811 (the fixture)
    module = nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), nn.Dropout(), nn.ReLU(inplace=True))
    model = as_model(module)
    module[2].train()
    with untouched(model):
        assert mirrored_bias(model, images, "3").images == 20


@pytest.mark.parametrize(
    ("site", "units", "message"),
    [
        ("1", None, "the units of 1 have no maps with rows and columns"),
        ("2", None, "the units of 2 have no maps with rows and columns"),
        ("7", None, "unknown site '7'"),
        ("0", 5, "0 has no unit 5; its units are 0 to 4"),
        ("0", [], "no unit was named"),
        ("0", "1", "unit must be a whole number"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(model, images, site, units, message):
    with pytest.raises(UsageError, match=message) as raised:
        mirrored_bias(model, images, site, units)
    assert "\n" not in str(raised.value)
    with pytest.raises(UsageError, match="batch_size must be at least 1"):
        mirrored_bias(model, images, "0", batch_size=0)
