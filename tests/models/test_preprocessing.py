import json

import numpy as np
import pytest
import torch
import torchvision.models as zoo
from PIL import Image
from timm.data import create_transform

from neurolupa.errors import DataError, UsageError
from neurolupa.models import Preprocessing
from neurolupa.models.timm_networks import preprocessing_of
from neurolupa.models.torchvision_networks import preset

SIZES = [(640, 480), (100, 300), (224, 224), (257, 256), (333, 500), (31, 17), (1, 1), (299, 299)]
NAMES = ["resnet18", "efficientnet_b0", "inception_v3", "regnet_y_400mf", "swin_v2_t", "efficientnet_v2_l"]
PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_prepare_equals_torchvisions_own_transforms(name, size):
    own = zoo.get_model_weights(name).DEFAULT.transforms()
    picture = noise(*size)
    assert torch.equal(preset(own).prepare(picture), own(picture))


@pytest.mark.parametrize("crop_mode", ["center", "squash"])
@pytest.mark.parametrize("crop_pct", [0.875, 0.95, 1.0])
@pytest.mark.parametrize("size", [(320, 240), (90, 200)])
def test_prepare_equals_timms_own_transforms(crop_mode, crop_pct, size):
    config = {
        "input_size": (3, 176, 176),
        "interpolation": "bicubic",
        "mean": (0.5, 0.4, 0.3),
        "std": (0.2, 0.3, 0.4),
        "crop_pct": crop_pct,
        "crop_mode": crop_mode,
    }
    picture = noise(*size)
    torch.testing.assert_close(
        preprocessing_of(config).prepare(picture), create_transform(**config)(picture), rtol=0, atol=1e-6
    )


def test_values_follow_the_formula():
    steps = Preprocessing(input_size=(1, 1), mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 2.0))
    prepared = steps.prepare(Image.new("RGB", (1, 1), (255, 0, 51)))
    expected = torch.tensor([(1 - 0.1) / 0.5, (0 - 0.2) / 0.25, (0.2 - 0.3) / 2.0]).view(3, 1, 1)
    torch.testing.assert_close(prepared, expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_unprepare_is_the_inverse_for_every_value_of_a_byte(channels):
    every_value = np.arange(256, dtype=np.uint8).reshape(16, 16)
    picture = Image.fromarray(every_value if channels == 1 else np.stack([every_value] * 3, axis=-1))
    normal = {"mean": (0.449,) * channels, "std": (0.226,) * channels}
    steps = Preprocessing(input_size=(16, 16), channels=channels, **normal)
    back = steps.unprepare(steps.prepare(picture))
    assert back.mode == picture.mode
    assert np.array_equal(np.asarray(back), np.asarray(picture))


def test_unprepare_clips_and_takes_any_size():
    steps = Preprocessing(input_size=(8, 8), **PLAIN)
    shown = steps.unprepare(torch.tensor([-3.0, 0.5, 7.0]).view(3, 1, 1).expand(3, 2, 5))
    assert shown.size == (5, 2)
    assert shown.getpixel((0, 0)) == (0, 128, 255)


def test_unprepare_names_the_shape_that_it_cannot_show():
    with pytest.raises(DataError, match=r"\(3, H, W\), not \(1, 3, 4, 4\)"):
        Preprocessing(input_size=(4, 4)).unprepare(torch.zeros(1, 3, 4, 4))


def test_a_picture_of_the_given_input_size_is_left_alone():
    steps = Preprocessing(input_size=(224, 224), resize=256).altered(input_size=32)
    picture = noise(32, 32)
    assert np.array_equal(np.asarray(steps.picture(picture)), np.asarray(picture))


def test_another_picture_keeps_the_proportion_of_resize_to_crop():
    steps = Preprocessing(input_size=(224, 224), resize=256).altered(input_size=32)
    picture = noise(64, 96)
    short = round(32 * 256 / 224)
    resized = picture.resize((short, int(short * 96 / 64)), Image.Resampling.BILINEAR)
    left, top = round((short - 32) / 2), round((resized.height - 32) / 2)
    by_hand = resized.crop((left, top, left + 32, top + 32))
    assert np.array_equal(np.asarray(steps.picture(picture)), np.asarray(by_hand))


@pytest.mark.parametrize("size", [(50, 50), (400, 30), (30, 400), (7, 9)])
@pytest.mark.parametrize("wanted", [(100, 400), (64, 48)])
def test_an_oblong_input_is_always_covered(size, wanted):
    steps = Preprocessing(input_size=(224, 224), resize=256, **PLAIN).altered(input_size=wanted)
    prepared = steps.prepare(Image.new("RGB", size, (255, 255, 255)))
    assert prepared.shape == (3, *wanted)
    assert prepared.min() == 1  # padding would have brought in zeros


def test_without_a_resize_the_picture_is_squashed():
    steps = Preprocessing(input_size=(10, 20), **PLAIN)
    assert steps.picture(noise(64, 64)).size == (20, 10)
    assert steps.to_original((0, 0, 20, 10), (64, 64)) == (0.0, 0.0, 64.0, 64.0)


def test_grey_networks_get_one_channel():
    steps = Preprocessing(input_size=(4, 4), channels=1, mean=(0.0,), std=(1.0,))
    prepared = steps.prepare(Image.new("RGB", (4, 4), (255, 255, 255)))
    assert prepared.shape == (1, 4, 4)
    assert prepared.unique().tolist() == [1.0]


@pytest.mark.parametrize("size", [(600, 400), (224, 300), (1000, 250)])
def test_a_box_comes_back_to_where_its_pixels_were(size):
    """A horizontal and a vertical ramp tell each input pixel where in the original it was taken."""
    width, height = size
    across = np.tile(np.linspace(0, 255, width), (height, 1)).astype(np.uint8)
    down = np.tile(np.linspace(0, 255, height)[:, None], (1, width)).astype(np.uint8)
    steps = Preprocessing(input_size=(224, 224), resize=256)
    seen = np.asarray(steps.picture(Image.fromarray(np.stack([across, down, down], axis=-1))))
    for x, y in [(5, 5), (112, 40), (200, 219)]:
        x0, y0, x1, y1 = steps.to_original((x, y, x + 1, y + 1), size)
        assert (x0 + x1) / 2 / width == pytest.approx(seen[y, x, 0] / 255, abs=0.01)
        assert (y0 + y1) / 2 / height == pytest.approx(seen[y, x, 1] / 255, abs=0.01)


def test_a_box_beyond_the_picture_is_clipped_to_it():
    steps = Preprocessing(input_size=(32, 32))
    assert steps.to_original((-100, -5, 500, 10), (32, 32)) == (0.0, 0.0, 32.0, 10.0)


@pytest.mark.parametrize("resize", [None, 40, (40, 44)])
def test_dictionaries_survive_json(resize):
    steps = Preprocessing(input_size=(32, 36), resize=resize, interpolation="bicubic", keep_matching=True)
    assert Preprocessing.from_dict(json.loads(json.dumps(steps.to_dict()))) == steps


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_size": 0}, "at least 1 pixel"),
        ({"input_size": (3, -1)}, "at least 1 pixel"),
        ({"input_size": (1, 2, 3)}, "one whole number or"),
        ({"input_size": 32.5}, "one whole number or"),
        ({"input_size": "32"}, "one whole number or"),
        ({"mean": (0.1, 0.2)}, "mean has 2 values"),
        ({"mean": (123.7, 116.3, 103.5)}, "divide mean and std by 255"),
        ({"mean": (float("nan"), 0, 0)}, "finite"),
        ({"mean": "grey"}, "one number a channel"),
        ({"std": (1, 1, 0)}, "above 0"),
        ({"std": (1, 1, -1)}, "above 0"),
        ({"std": (1, 1)}, "std has 2 values"),
    ],
)
def test_bad_values_are_refused(change, message):
    with pytest.raises(UsageError, match=message):
        Preprocessing(input_size=(224, 224), resize=256).altered(**change)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"interpolation": "bilinar"}, "nearest: bilinear"),
        ({"channels": 4}, "1 or 3 channels"),
        ({"resize": 31}, "smaller than the input"),
        ({"resize": (32, 31)}, "smaller than the input"),
    ],
)
def test_bad_fields_are_refused(fields, message):
    with pytest.raises(UsageError, match=message):
        Preprocessing(input_size=(32, 32), **fields)


def test_a_single_number_is_for_every_channel():
    assert Preprocessing(input_size=(8, 8)).altered(mean=0.5, std=[0.25]) == Preprocessing(
        input_size=(8, 8), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25)
    )


@pytest.mark.parametrize("size", [(640, 480), (90, 200), (1, 40)])
def test_a_window_computed_alone_is_the_window_of_the_whole(size, monkeypatch):
    steps, picture = Preprocessing(input_size=(224, 224), resize=256), noise(*size)
    whole = np.array(steps.picture(picture)).astype(int)
    monkeypatch.setattr("neurolupa.models.preprocessing._LARGEST_RESIZED", 0)
    assert np.abs(np.array(steps.picture(picture)) - whole).max() <= 1


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1)])
def test_a_very_thin_picture_needs_no_more_memory_than_others(size, monkeypatch):
    made = []
    resize = Image.Image.resize

    def watched(image, size, *args, **options):
        made.append(size[0] * size[1])
        return resize(image, size, *args, **options)

    monkeypatch.setattr(Image.Image, "resize", watched)
    seen = Preprocessing(input_size=(224, 224), resize=256).picture(Image.new("RGB", size, (9, 8, 7)))
    assert seen.getcolors() == [(224 * 224, (9, 8, 7))]
    assert made == [224 * 224]
