"""The dossier of a few units: parts that belong together, against the parts asked for one by one."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from neurolupa.errors import UsageError
from neurolupa.inspection import inspect
from neurolupa.inspection.dossier import certainty_of, dossier, overall_of, with_patterns
from neurolupa.inspection.kernels import kernel_of
from neurolupa.models import load_model

SIDE = 8


class Silent(nn.Module):
    """Four 1 x 1 kernels: red, minus red, green, and the mean of both; after them a head of two classes."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.head = nn.Conv2d(3, 4, 1, bias=False), nn.ReLU(), nn.Linear(4, 2)
        weight = torch.tensor([[1.0, 0, 0], [-1.0, 0, 0], [0, 1.0, 0], [0.5, 0.5, 0]])
        self.conv.weight = nn.Parameter(weight[:, :, None, None])

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return load_model(Silent(), input_size=SIDE, classes=["cat", "dog"], mean=0.0, std=1.0)


@pytest.fixture
def picture():
    """Black with a full red square of 2 x 2 pixels at rows 1 and 2, columns 4 and 5."""
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[1:3, 4:6, 0] = 255
    return Image.fromarray(pixels)


def test_every_part_is_about_the_unit_under_whose_number_it_stands(model, picture):
    found = dossier(model, inspect(model, picture, "conv", "relu"), [3, 0])
    assert found.units == (3, 0)
    for unit in found.units:
        assert found.kernels[unit].unit == found.gradients[unit].unit == unit
        assert found.patches[unit].unit == found.explanations[unit].unit == unit
        np.testing.assert_array_equal(found.kernels[unit].weights, kernel_of(model, "conv", unit).weights)
    assert found.classes == ("cat", "dog")


def test_a_red_square_is_what_the_unit_for_red_is_about(model, picture):
    found = dossier(model, inspect(model, picture, "conv", "relu"), [0])
    patch, gradient = found.patches[0][0], found.gradients[0]
    assert (patch.position, patch.value, patch.match.cosine) == ((1, 4), 1.0, pytest.approx(1.0))
    assert gradient.window[:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    assert found.explanations[0].place == "top"
    assert found.explanations[0].match == pytest.approx(1.0)
    assert found.regions[0][0].peak == 1.0


def test_a_unit_that_is_dead_here_has_no_region_and_no_patch(model, picture):
    found = dossier(model, inspect(model, picture, "conv", "relu"), [1])
    assert found.regions[1].code == found.patches[1].code == "dead"
    assert found.gradients[1].code == "no_gradient"
    assert found.explanations[1].warnings[0] == "dead"
    assert found.regions_frame().empty
    assert found.patches_frame().empty


def test_at_the_convolution_itself_kernel_times_patch_is_compared_with_the_map(model, picture):
    raw = dossier(model, inspect(model, picture, "conv", "conv"), [0]).patches[0][0].match
    later = dossier(model, inspect(model, picture, "conv", "relu"), [0]).patches[0][0].match
    assert raw.identity_holds is True
    assert later.identity_holds is None


def test_the_convolution_that_was_asked_for_gives_the_kernel_and_the_match(model, picture):
    analysis = inspect(model, picture, "conv", "relu")
    kernel = dossier(model, analysis, [2]).kernels[2]
    assert (kernel.layer, kernel.code, kernel.size) == (analysis.convolution.name, None, (1, 1))


def test_units_without_a_map_have_no_region_and_still_a_match(model, picture):
    found = dossier(model, inspect(model, picture, "head"), [1])
    assert found.regions[1].code == "one_value"
    assert "not_spatial" in found.explanations[1].warnings
    assert found.kernels[1].code == "no_rgb_planes"


def test_overall_is_that_of_all_values(model, picture):
    analysis = inspect(model, picture, "conv", "relu")
    overall = overall_of(analysis)
    assert (overall.units, overall.dead, overall.max) == (4, 2, 1.0)
    assert overall.mean == pytest.approx((4 * 1.0 + 4 * 0.5) / (4 * SIDE**2))
    assert overall.sparsity == pytest.approx(1 - 8 / (4 * SIDE**2))
    assert overall.std == pytest.approx(np.std(analysis.maps.astype(np.float64)))
    assert np.isnan(overall_of(inspect(model, picture, "conv", "conv")).sparsity)


def test_values_that_are_not_finite_are_told_and_break_nothing(model, picture):
    with torch.no_grad():
        model.module.conv.weight[2] = torch.inf
    analysis = inspect(model, picture, "conv", "conv")
    found = dossier(model, analysis, [2, 0])
    assert 2 not in found.gradients
    assert 0 in found.gradients
    assert found.regions[2].code == "not_finite"
    assert found.overall.max == 1.0


def test_a_network_that_cuts_the_gradient_off_says_so(picture):
    class Cut(Silent):
        def forward(self, x):
            return super().forward(x.detach())

    found = load_model(Cut(), input_size=SIDE, mean=0.0, std=1.0)
    made = dossier(found, inspect(found, picture, "conv", "relu"), [0])
    assert (dict(made.gradients), made.gradient_code) == ({}, "cut_off")


def test_patterns_that_are_added_later_are_those_of_all_at_once(model, picture):
    analysis = inspect(model, picture, "conv", "relu")
    whole, held = dossier(model, analysis, [0, 3]), dossier(model, analysis, [0, 3], patterns=False)
    assert dict(held.gradients) == {}
    one = with_patterns(held, model, analysis, [3])
    both = with_patterns(one, model, analysis, [0, 3])
    assert (list(one.gradients), dict(held.gradients)) == ([3], {})
    assert both.gradients[3] is one.gradients[3]  # it is not computed again
    for unit in (0, 3):
        np.testing.assert_array_equal(both.gradients[unit].gradient, whole.gradients[unit].gradient)
    with pytest.raises(UsageError, match="2"):
        with_patterns(held, model, analysis, [2])


def test_the_tables_and_the_json_hold_the_same(model, picture):
    found = dossier(model, inspect(model, picture, "conv", "relu"), [0, 1, 3])
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [row["unit"] for row in told["explanations"]] == [0, 1, 3]
    assert len(told["regions"]) == len(found.regions_frame())
    assert len(told["patches"]) == len(found.patches_frame())
    assert found.regions_frame()["unit"].tolist() == [row["unit"] for row in told["regions"]]
    assert found.to_frame()["unit"].tolist() == [0, 1, 3]
    assert told["patches"][0]["cosine"] == pytest.approx(found.patches[0][0].match.cosine)


def test_each_unit_stands_once_and_an_unknown_one_is_named(model, picture):
    analysis = inspect(model, picture, "conv", "relu")
    assert dossier(model, analysis, [2, 2, 0]).units == (2, 0)
    with pytest.raises(UsageError, match="no unit 4"):
        dossier(model, analysis, [4])


def test_the_model_is_left_as_it_was(model, picture):
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    dossier(model, inspect(model, picture, "conv", "relu"), [0, 1])
    assert all(torch.equal(value, before[name]) for name, value in model.module.state_dict().items())
    assert all(parameter.grad is None for parameter in model.module.parameters())


def test_certainty_stays_monotone_in_the_probability():
    words = [certainty_of(share) for share in np.linspace(0, 1, 101)]
    assert words == ["unsure"] * 50 + ["likely"] * 31 + ["sure"] * 20
