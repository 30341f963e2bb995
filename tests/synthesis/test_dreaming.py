"""A picture that is dreamed into: against gradients that are written down, and its promises to the user."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.synthesis import Unit
from neurolupa.synthesis.dreaming import dream
from neurolupa.synthesis.dreams import Dream

WEIGHTS = (0.6, -0.3, 0.0)
RATE = 0.02


def picture(width=48, height=32, seed=0):
    values = np.random.default_rng(seed).integers(90, 166, (height, width, 3), np.uint8)
    return Image.fromarray(values)


@pytest.fixture
def mixer(as_model):
    """One unit: 0.6 red - 0.3 green; its slope is the same everywhere."""
    conv = nn.Conv2d(3, 1, 1, bias=False)
    conv.weight.data = torch.tensor(WEIGHTS).view(1, 3, 1, 1)
    return as_model(nn.Sequential(conv, nn.Softplus()), size=16)


def test_a_slope_that_is_written_down_is_followed(mixer):
    """The mean of w.x has the slope w / (height width): each step adds rate w / mean |w|."""
    found = dream(mixer, picture(), "0", 0, octaves=1, steps=5, rate=RATE)
    expected = found.original + 5 * RATE * np.array(WEIGHTS)[:, None, None] / np.mean(np.abs(WEIGHTS))
    np.testing.assert_allclose(found.picture, expected, atol=1e-5)
    (octave,) = found.octaves
    rise = 5 * RATE * np.dot(WEIGHTS, WEIGHTS) / np.mean(np.abs(WEIGHTS))
    assert octave.after - octave.before == pytest.approx(rise, rel=1e-4)
    assert octave.before == pytest.approx(np.tensordot(WEIGHTS, found.original, 1).mean(), rel=1e-5)


def test_a_layer_is_driven_by_its_mean_square(mixer):
    """The slope of the mean of (w.x)^2 is 2 (w.x) w / (height width), at each pixel its own."""
    found = dream(mixer, picture(), "0", octaves=1, steps=1, rate=RATE)
    slope = np.tensordot(WEIGHTS, found.original, 1)[None] * np.array(WEIGHTS)[:, None, None]
    expected = np.clip(found.original + RATE * slope / np.abs(slope).mean(), 0, 1)
    np.testing.assert_allclose(found.picture, expected, atol=1e-5)


def test_detail_is_carried_from_size_to_size(mixer):
    """What a small size adds evenly is there, evenly, at the full size."""
    found = dream(mixer, picture(), "0", 0, octaves=3, steps=2, rate=RATE)
    expected = 6 * RATE * np.array(WEIGHTS) / np.mean(np.abs(WEIGHTS))
    np.testing.assert_allclose((found.picture - found.original).mean((1, 2)), expected, atol=1e-5)
    assert [(one.height, one.width) for one in found.octaves] == [(16, 24), (23, 34), (32, 48)]


@pytest.mark.parametrize("choice", [{}, {"unit": 4}, {"objective": Unit("2", 1) - Unit("2", 0)}])
def test_the_objective_rises_at_every_size_and_the_model_is_untouched(linear, untouched, choice):
    site = None if "objective" in choice else "3"
    with untouched(linear):
        found = dream(linear, picture(), site, octaves=3, steps=6, **choice)
    assert len(found.octaves) == 3
    assert all(one.after > one.before for one in found.octaves)
    assert found.state == "GOOD"
    assert ((found.picture >= 0) & (found.picture <= 1)).all()


@pytest.mark.parametrize(("width", "height"), [(400, 100), (90, 300), (61, 61)])
def test_proportions_are_kept_and_pixels_bounded(linear, width, height):
    found = dream(linear, picture(width, height), "0", octaves=2, steps=1, most=3000)
    rows, columns = found.picture.shape[1:]
    assert rows * columns <= 3000
    assert rows * columns > 2700
    assert columns / rows == pytest.approx(width / height, rel=1 / min(rows, columns))
    assert found.reduced
    assert found.source.image_size == (height, width)
    assert found.image.size == found.original_image.size == (columns, rows)
    small = dream(linear, picture(30, 20), "0", octaves=1, steps=1)
    assert small.picture.shape == (3, 20, 30)
    assert not small.reduced
    np.testing.assert_array_equal(np.asarray(small.original_image), np.asarray(picture(30, 20)))


def test_the_same_seed_gives_the_same_dream(linear):
    first, again, other = (dream(linear, picture(), "3", 2, steps=3, seed=seed) for seed in (0, 0, 1))
    assert first.picture.tobytes() == again.picture.tobytes()
    assert np.abs(first.picture - other.picture).max() > 1e-4
    torch.manual_seed(99)
    assert dream(linear, picture(), "3", 2, steps=3).picture.tobytes() == first.picture.tobytes()


def test_pictures_come_as_people_have_them(linear, tmp_path):
    picture().save(tmp_path / "mine.png")
    made = [
        dream(linear, image, "0", steps=1, octaves=1)
        for image in (tmp_path / "mine.png", picture(), np.asarray(picture()))
    ]
    assert len({one.picture.tobytes() for one in made}) == 1
    assert made[0].source.image == "mine.png"
    images = load_images([picture(), picture(seed=1)])
    numbered = dream(linear, 1, "0", steps=1, octaves=1, images=images)
    assert numbered.picture.tobytes() == dream(linear, images[1], "0", steps=1, octaves=1).picture.tobytes()


def test_a_grey_network_gives_a_grey_dream(as_model):
    model = as_model(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), size=8, channels=1)
    found = dream(model, picture(), "1", octaves=2, steps=2)
    assert found.picture.shape == (1, 32, 48)
    assert found.image.mode == "L"


def test_sizes_too_small_for_the_site_are_left_out_and_a_picture_too_small_is_refused(linear, untouched):
    """The second convolution sees 7 x 7 pixels."""
    found = dream(linear, picture(12, 9), "2", octaves=6, steps=1)
    assert [one.height for one in found.octaves] == [9]
    assert dream(linear, picture(7, 20), "2", octaves=1, steps=1).picture.shape == (3, 20, 7)
    with untouched(linear), pytest.raises(UsageError) as fault:
        dream(linear, picture(20, 6), "2")
    assert (
        str(fault.value) == "a picture of 20 x 6 pixels is too small for 2; the smallest that works is 7 x 7"
    )


def test_ctrl_c_gives_what_is_there(linear, untouched):
    def stop(done, of):
        assert of == 3 * 4
        if done == 6:
            raise KeyboardInterrupt

    with untouched(linear):
        found = dream(linear, picture(), "3", octaves=3, steps=4, report=stop)
    assert found.interrupted
    assert [one.steps for one in found.octaves] == [4, 2]
    assert found.octaves[1].after > found.octaves[1].before
    assert found.picture.shape == found.original.shape == (3, 32, 48)
    assert np.abs(found.picture - found.original).max() > 0.005


class Breaking(nn.Module):
    """Gives NaN in some of its runs."""

    def __init__(self, breaks):
        super().__init__()
        self.conv, self.out, self.breaks, self.runs = nn.Conv2d(3, 1, 1), nn.Softplus(), breaks, 0

    def forward(self, x):
        self.runs += 1
        return self.out(self.conv(x) * (torch.nan if self.runs in self.breaks else 1.0))


@pytest.mark.parametrize(("breaks", "state"), [((2,), "GOOD"), ((2, 3), "FAILED")])
def test_a_size_that_breaks_begins_again_once_and_slower(as_model, breaks, state):
    module = Breaking(())
    model = as_model(module, size=8)
    dream(model, picture(), "out", octaves=1, steps=1)  # traced
    module.runs = 0
    dream(model, picture(), "out", octaves=1, steps=3)
    probes = module.runs - 5  # all runs but those before, after and of three steps
    module.breaks, module.runs = tuple(probes + one for one in breaks), 0
    found = dream(model, picture(), "out", octaves=1, steps=3)
    assert found.octaves[0].restarted
    assert found.state == state
    moved = np.abs(found.picture - found.original).mean()
    assert moved == (0 if state == "FAILED" else pytest.approx(3 * 0.01 * 0.1, rel=0.02))


def test_a_silent_unit_is_woken(as_model):
    conv = nn.Conv2d(3, 1, 1)
    nn.init.constant_(conv.weight, 1.0)
    nn.init.constant_(conv.bias, -2.0)
    model = as_model(nn.Sequential(conv, nn.ReLU(inplace=True)), size=8)
    found = dream(model, picture(), "1", 0, octaves=1, steps=30, rate=0.02)
    assert found.octaves[0].before == 0
    assert found.octaves[0].after > 0


def test_it_comes_back_from_disk(linear, tmp_path):
    found = dream(linear, picture(), "3", 1, octaves=2, steps=2)
    found.save(tmp_path / "x")
    again = Dream.load(tmp_path / "x")
    assert again.picture.tobytes() == found.picture.tobytes()
    assert again.to_frame().equals(found.to_frame())
    assert again.source == found.source
    assert found.to_frame()["height"].tolist() == [23, 32]
    (tmp_path / "x" / "dream.json").write_text("{}")
    with pytest.raises(DataError, match="damaged"):
        Dream.load(tmp_path / "x")
    with pytest.raises(DataError, match="no dream in"):
        Dream.load(tmp_path)


class Cut(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 2, 3), nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv(x).detach())


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"site": "3", "unit": 6}, "its units are 0 to 5"),
        ({"site": "3", "unit": 1.5}, "unit must be a whole number"),
        ({"site": "33"}, "nearest"),
        ({}, "one of the two"),
        ({"site": "3", "objective": Unit("3", 0)}, "one of the two"),
        ({"objective": Unit("3", 0), "unit": 1}, "a unit goes with a site"),
        ({"site": "3", "octaves": 0}, "octaves"),
        ({"site": "3", "steps": 0}, "steps"),
        ({"site": "3", "scale": 1.0}, "scale is above 1"),
        ({"site": "3", "rate": 0}, "rate is above 0"),
    ],
)
def test_what_cannot_be_is_said(linear, choice, words):
    with pytest.raises(UsageError, match=words):
        dream(linear, picture(), **choice)


def test_a_site_without_gradient_is_said(as_model, untouched):
    model = as_model(Cut())
    with untouched(model), pytest.raises(DataError, match="no gradient comes back from relu:0"):
        dream(model, picture(), "relu")
