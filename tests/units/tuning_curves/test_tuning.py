"""Hand-made networks are given back exactly what they were made for."""

import math
from colorsys import hsv_to_rgb

import numpy as np
import pytest
import torch
from tests.units.tuning_curves.conftest import SIDE, SIGMA, convolution, gabor, readout
from torch import nn

from neurolupa.images import load_images
from neurolupa.units.tuning_curves import tuning
from neurolupa.units.tuning_curves.circular import distance

FREQUENCIES = 2.0 * 4 ** (np.arange(6) / 5)  # of the default gratings at 32 pixels
OBJECTS = {
    "stimuli": "stimuli?size=32&count=144&design=crossed&cross=shape,position&texture=solid&background=grey"
}
FEW = OBJECTS | {"gratings": "gratings?size=32&orientations=16&frequencies=4&phases=4"}


@pytest.fixture(scope="module")
def gabors(network):
    """Three kernels on the grid of orientations and three between, both phases, of 5 cycles per picture."""
    made = [(o, p) for o in (0.0, 45.0, 101.25, 17.0, 60.0, 176.0) for p in (0.0, 90.0)]
    model = network(convolution([gabor(o, 5.0, p) for o, p in made]))
    return made, tuning(model, "1", factors="orientation,frequency", shuffles=199)


def test_gabors_are_given_back_their_orientation(gabors):
    made, found = gabors
    curves = found.of("orientation")
    for (orientation, _), angle in zip(made, curves.angle, strict=True):
        assert distance(angle, orientation, 180.0) < 0.3
    nearest = [11.25 * round(orientation / 11.25) % 180 for orientation, _ in made]
    assert [curves.values[best] for best in curves.best] == nearest
    assert (curves.p == 1 / 200).all()
    assert (curves.index > 0.7).all()


def test_both_phases_of_a_gabor_are_tuned_alike(gabors):
    curves = gabors[1].of("orientation")
    np.testing.assert_allclose(curves.index[::2], curves.index[1::2], atol=0.03)
    np.testing.assert_allclose(curves.width[::2], curves.width[1::2], rtol=0.05)


@pytest.mark.parametrize("cycles", [FREQUENCIES[2], FREQUENCIES[3]])
def test_gabors_are_given_back_their_frequency_and_widths(network, cycles):
    """A Gabor answers a grating with exp(-2 (pi sigma d)^2), d being the distance of their wave vectors."""

    def reach(height: float) -> float:
        return math.sqrt(-math.log(height) / 2) / (math.pi * SIGMA) * SIDE

    model = network(convolution([gabor(30.0, cycles, 90.0)]))
    fine = {"gratings": "gratings?size=32&orientations=24&frequencies=12&phases=2"}
    found = tuning(model, "0", factors=("orientation", "frequency"), stimuli=fine, shuffles=99)
    frequency, orientation = found.of("frequency"), found.of("orientation")
    values = np.array(frequency.values)
    assert frequency.values[frequency.best[0]] == values[abs(np.log(values / cycles)).argmin()]
    turn = math.degrees(2 * math.asin(reach(0.5) / cycles / 2))
    assert orientation.width[0] == pytest.approx(turn, rel=0.07)
    lowest = np.exp(-2 * (math.pi * SIGMA * (values - cycles) / SIDE) ** 2).min()
    half = reach((1 + lowest) / 2)
    if cycles - half < values[0]:  # the curve does not come down to half height on the left
        assert np.isnan(frequency.width[0])
    else:
        assert frequency.width[0] == pytest.approx(math.log2((cycles + half) / (cycles - half)), rel=0.1)


def test_default_frequencies_are_told_apart(network):
    chosen = FREQUENCIES[[1, 2, 4]]
    model = network(convolution([gabor(22.5, cycles, 90.0) for cycles in chosen]))
    curves = tuning(model, "0", factors="frequency", shuffles=49).of("frequency")
    np.testing.assert_allclose([curves.values[best] for best in curves.best], chosen)


OPPONENTS = {
    "red-green": (1.0, -1.0, 0.0),
    "blue-yellow": (-0.5, -0.5, 1.0),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
    "yellow": (1.0, 1.0, -2.0),
    "orange-ish": (1.0, 0.35, -0.2),
}


def colour_unit(weights):
    layer = nn.Conv2d(3, len(weights), 1, bias=False)
    layer.weight.data = torch.tensor(weights)[:, :, None, None]
    return nn.Sequential(layer, nn.ReLU())


def test_opponent_kernels_are_given_back_their_hue_and_index(network):
    """On the HSV circle red, green and blue are one shape, turned by 120 degrees: the vectors add up."""
    weights = list(OPPONENTS.values())
    curves = tuning(network(colour_unit(weights)), "0", factors="hue", shuffles=99).of("hue")
    turns = np.exp(2j * np.pi * np.arange(3) / 3)
    colours = np.array([hsv_to_rgb(hue / 360, 1, 1) for hue in range(0, 360, 15)])
    around = np.exp(1j * np.deg2rad(np.arange(0, 360, 15)))
    for place, weight in enumerate(weights):
        expected = np.rad2deg(np.angle(np.array(weight) @ turns)) % 360
        assert distance(curves.angle[place], expected, 360.0) < 0.2
        answer = colours @ np.array(weight)
        answer -= min(0.0, answer.min())
        assert curves.index[place] == pytest.approx(abs(answer @ around) / answer.sum(), abs=2e-3)
        assert curves.lift[place] == pytest.approx(max(0.0, -(colours @ np.array(weight)).min()), abs=5e-3)
    # By hand: red against green points to rose, blue against yellow to blue, and so on.
    np.testing.assert_allclose(curves.angle[:6] % 360, [330, 240, 0, 120, 240, 60], atol=0.2)
    assert (curves.p == 0.01).all()


def test_a_rectifier_sharpens_opponents_and_keeps_their_hue(network):
    weights = [OPPONENTS["red-green"], OPPONENTS["yellow"]]
    before, after = (
        tuning(network(colour_unit(weights)), site, factors="hue", shuffles=9).of("hue")
        for site in ("0", "1")
    )
    np.testing.assert_allclose(after.angle, before.angle, atol=0.2)
    assert (after.index > before.index + 0.1).all()
    assert (after.lift == 0).all()


def thirds():
    """Nine readouts, each the brightness of one ninth of the picture above mid-grey."""
    weight, step = np.zeros((9, 3, SIDE, SIDE)), SIDE / 3
    for place in range(9):
        rows, columns = (slice(round(k * step), round((k + 1) * step)) for k in divmod(place, 3))
        weight[place, :, rows, columns] = 1.0
    return weight, -weight.sum((1, 2, 3)) * 128 / 255


def test_units_that_read_one_place_are_given_back_that_place(network):
    model = network(readout(*thirds()))
    curves = tuning(model, "1", factors="position", stimuli=OBJECTS, shuffles=99).of("position")
    rows = (
        "top-left",
        "top",
        "top-right",
        "left",
        "centre",
        "right",
        "bottom-left",
        "bottom",
        "bottom-right",
    )
    assert curves.values == rows
    assert curves.best.tolist() == list(range(9))
    assert (curves.p == 0.01).all()
    assert (curves.index > 1.3 * curves.null_high).all()


@pytest.mark.parametrize(
    ("factor", "rest"), [("shape", "scale=large&position=centre"), ("position", "scale=small&shape=star")]
)
def test_units_that_read_one_picture_are_given_back_its_value(network, factor, rest):
    """The pseudo-inverse of the pictures answers each of them with 1 at its own unit and 0 elsewhere."""
    count = {"shape": 8, "position": 9}[factor]
    spec = f"stimuli?target={factor}&size=32&texture=solid&background=grey&hue=red&{rest}&count={count}"
    images = load_images(spec)
    pictures = np.stack([np.asarray(picture.image).transpose(2, 0, 1).ravel() / 255 for picture in images])
    model = network(readout(np.linalg.pinv(pictures).T))
    found = tuning(model, "1", factors=factor, stimuli={"stimuli": spec}, shuffles=99)
    curves = found.of(factor)
    assert [curves.values[best] for best in curves.best] == images.table()[factor].tolist()
    np.testing.assert_allclose(curves.index, 1.0, atol=1e-3)
    np.testing.assert_allclose(curves.width, 1 / count)
    np.testing.assert_allclose(curves.response.max(-1), 1.0, atol=1e-4)
    assert (curves.p == 1.0).all()  # one picture of each value proves nothing
    assert np.isnan(curves.error).all()


def test_units_without_an_answer_are_nan_with_a_code(network):
    kernels = np.zeros((4, 3, 1, 1), np.float32)
    kernels[3, 0] = 1.0
    layer = nn.Conv2d(3, 4, 1)
    layer.weight.data, layer.bias.data = torch.tensor(kernels), torch.tensor([0.0, -2.0, math.nan, 0.0])
    found = tuning(network(nn.Sequential(layer)), "0", stimuli=FEW, shuffles=9)
    for name in found.factors:
        curves = found.of(name)
        assert curves.state == ("SILENT", "CONSTANT", "NOT_FINITE", "OK")
        for numbers in (curves.index, curves.angle, curves.width, curves.p, curves.null_high, curves.lift):
            assert np.isnan(numbers[:3]).all()
        assert curves.best[:3].tolist() == [-1, -1, -1]
        assert np.isfinite([curves.index[3], curves.p[3]]).all()
        np.testing.assert_allclose(curves.response[:2], [[0.0], [-2.0]] * np.ones(len(curves.values)))
        assert np.isnan(curves.response[2]).all()
    frame = found.to_frame()
    assert frame.loc[frame["unit"] < 3, "preferred"].isna().all()


def test_curves_are_the_means_of_the_maxima_picture_by_picture(network):
    """The slow way: one picture at a time, and pandas."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2, padding=1), nn.ReLU())
    asked = {"factors": "position", "stimuli": OBJECTS, "shuffles": 9, "batch_size": 100}
    found = tuning(network(module), "1", **asked).of("position")
    images = load_images(OBJECTS["stimuli"])
    answers = []
    with torch.inference_mode():
        for picture in images:
            value = torch.tensor(np.asarray(picture.image)).permute(2, 0, 1).float().div(255)
            answers.append(module(value[None])[0, :, 1:15, 1:15].amax((1, 2)).double().numpy())
    table = images.table()
    for unit in range(5):
        by = table.assign(answer=np.array(answers)[:, unit]).groupby("position")["answer"]
        order = list(found.values)
        np.testing.assert_allclose(found.response[unit], by.mean()[order], rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(found.error[unit], by.sem()[order], rtol=1e-4, atol=1e-8)
        assert found.counts.tolist() == by.count()[order].tolist()
