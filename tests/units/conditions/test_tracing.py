"""The filter of a dead unit beside a live one's, on networks whose every weight is written down."""

import numpy as np
import pytest
import torch
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.locales import LANGUAGES, text
from neurolupa.models import Model, Preprocessing, Weights
from neurolupa.units.conditions import FilterCode, filter_pair

SIDE = 6


def model_of(module: nn.Module) -> Model:
    steps = Preprocessing((SIDE, SIDE), mean=(0.0,) * 3, std=(1.0,) * 3, channels=3)
    cpu = torch.device("cpu")
    return Model("planted", "module:planted", module.eval(), steps, None, Weights("given"), cpu)


def scan(model: Model, folder, sites="kind:all"):
    """On twelve pictures, each of one colour, from black to white."""
    pictures = [np.full((SIDE, SIDE, 3), 20 * place, np.uint8) for place in range(12)]
    return nl.scan(model, nl.load_images(pictures), sites, folder / "atlas", workers=1, exemplars=1)


def plain(weights, bias) -> nn.Conv2d:
    """A 1 x 1 convolution of three equal weights for each unit."""
    layer = nn.Conv2d(3, len(weights), 1)
    with torch.no_grad():
        layer.weight[:] = torch.tensor(weights, dtype=torch.float32)[:, None, None, None]
        layer.bias[:] = torch.tensor(bias, dtype=torch.float32)
    return layer


def normed(gamma, beta, mean, variance) -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(len(gamma), eps=0.0)
    with torch.no_grad():
        for held, values in zip(
            (layer.weight, layer.bias, layer.running_mean, layer.running_var),
            (gamma, beta, mean, variance),
            strict=True,
        ):
            held[:] = torch.tensor(values, dtype=torch.float32)
    return layer


@pytest.fixture(scope="module")
def sunk(tmp_path_factory):
    """Behind a batch norm, unit by unit: live, no kernel, sunk by its shift, only negative weights, live."""
    convolution = plain([1, 0, 1, -1, 3], [0, 0, 0, 0, 0.5])
    norm = normed([2, 2, 1, 1, 1], [0, -1, -20, -0.5, 0], [0, 0, 0, 0, 0], [4, 4, 1, 1, 4])
    model = model_of(nn.Sequential(convolution, norm, nn.ReLU()))
    return model, scan(model, tmp_path_factory.mktemp("sunk"))


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        (0, FilterCode.LIVE),
        (1, FilterCode.VANISHED_KERNEL),
        (2, FilterCode.NEGATIVE_SHIFT),
        (3, FilterCode.NO_POSITIVE_WEIGHT),
        (4, FilterCode.LIVE),
    ],
)
def test_why_a_planted_unit_is_dead(sunk, unit, code):
    found = filter_pair(*sunk, "2", unit)
    assert found.code is found.parts[0].code is code
    assert found.is_dead == (code is not FilterCode.LIVE)
    assert (found.images, found.live_units, found.link) == (12, 2, "own")


def test_the_folded_norm_is_what_the_network_computes(sunk):
    model, atlas = sunk
    held = filter_pair(model, atlas, "2", 4).parts[0].dead
    assert (held.length, held.bias) == (pytest.approx(np.sqrt(27)), 0.5)
    assert (held.norm.scale, held.norm.shift, held.folded_shift) == (0.5, 0.0, 0.25)
    assert held.folded_length == pytest.approx(held.length / 2)
    assert held.lengths == pytest.approx([3, 3, 3])
    pixels = torch.tensor([0.2, 0.4, 0.9])[None, :, None, None].expand(1, 3, SIDE, SIDE)
    value = model.module[:2](pixels)[0, 4, 0, 0].item()
    expected = held.scale * (held.weights[:, 0, 0] @ [0.2, 0.4, 0.9]) + held.folded_shift
    assert value == pytest.approx(expected, rel=1e-6)
    assert (held.height, held.positive_share) == (0, 1)


def test_a_site_before_the_norm_has_the_filter_alone(sunk):
    part = filter_pair(*sunk, "0", 0).parts[0]
    assert part.dead.norm is None
    assert part.on_pixels
    assert (part.dead.scale, part.layer) == (1, "0")
    assert filter_pair(*sunk, "1", 0).parts[0].dead.norm.layer == "1"


def test_the_live_unit_is_the_one_of_median_length_or_the_one_that_was_asked_for(tmp_path):
    model = model_of(nn.Sequential(plain([5, 1, 4, 2, -1, 3], [0] * 6), nn.ReLU()))
    atlas = scan(model, tmp_path)
    found = filter_pair(model, atlas, "1", 4)
    assert (found.live, found.live_units) == (5, 5)
    assert found.parts[0].median_length == pytest.approx(3 * np.sqrt(3))
    assert found.parts[0].rank == 0
    assert filter_pair(model, atlas, "1", 2).parts[0].rank == 0.75
    assert filter_pair(model, atlas, "1", 4, live=0).parts[0].live.unit == 0
    frame = found.to_frame()
    assert frame[["role", "unit", "layer"]].values.tolist() == [["asked", 4, "0"], ["live", 5, "0"]]


def test_without_a_norm_a_bias_below_that_of_every_live_unit_explains(tmp_path):
    model = model_of(nn.Sequential(plain([1, 1, 1, 2], [0, -0.5, -4, -0.1]), nn.ReLU()))
    found = filter_pair(model, scan(model, tmp_path), "1", 2)
    assert found.code is FilterCode.NEGATIVE_SHIFT
    assert found.parts[0].dead.height == pytest.approx(-4 / np.sqrt(3))


def test_a_filter_for_what_no_picture_holds_is_not_explained_by_itself(tmp_path):
    layer = plain([1, 1], [0, 0])
    with torch.no_grad():
        layer.weight[1, :, 0, 0] = torch.tensor([1.0, -2.0, 0.9])  # red and blue without green
    model = model_of(nn.Sequential(layer, nn.ReLU()))
    assert filter_pair(model, scan(model, tmp_path), "1", 1).code is FilterCode.UNEXPLAINED


class Joined(nn.Module):
    """relu(bn1(conv1(x)) + bn2(conv2(x))): unit 0 lives, 1 is sunk by both, 2 by their sum, 3 by neither."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = plain([1, 1, 1, -1], [0] * 4), plain([1, 1, 0.1, -1], [0] * 4)
        self.bn1 = normed([1] * 4, [0, -9, -9, 1], [0] * 4, [1] * 4)
        self.bn2 = normed([1] * 4, [0, -9, -0.5, -1.0], [0] * 4, [1] * 4)

    def forward(self, x):
        return torch.relu(self.bn1(self.conv1(x)) + self.bn2(self.conv2(x)))


def test_behind_an_addition_both_sources_are_shown_and_judged_together(tmp_path):
    model = model_of(Joined())
    atlas = scan(model, tmp_path, "/relu")
    both, one, neither = (filter_pair(model, atlas, "/relu", unit) for unit in (1, 2, 3))
    assert both.link == "after_add"
    assert [part.layer for part in both.parts] == ["conv1", "conv2"]
    assert [part.dead.norm.layer for part in both.parts] == ["bn1", "bn2"]
    assert both.code is FilterCode.NEGATIVE_SHIFT
    assert [part.code for part in one.parts] == [FilterCode.NEGATIVE_SHIFT, FilterCode.NEGATIVE_SHIFT]
    assert neither.parts[1].code is FilterCode.NO_POSITIVE_WEIGHT
    assert (neither.parts[0].code, neither.code) == (FilterCode.UNEXPLAINED, FilterCode.UNEXPLAINED)
    assert len(both.to_frame()) == 4


def test_other_norms_have_no_fixed_scale(tmp_path):
    norm = nn.GroupNorm(1, 3)
    with torch.no_grad():
        norm.bias[:] = torch.tensor([0.0, 0.2, -30.0])
    model = model_of(nn.Sequential(plain([1, 2, 3], [0] * 3), norm, nn.ReLU()))
    found = filter_pair(model, scan(model, tmp_path), "2", 2)
    held = found.parts[0].dead
    assert (held.norm.scale, held.scale, held.folded_shift) == (None, 1, -30)
    assert found.code is FilterCode.NEGATIVE_SHIFT


def test_grouped_and_linear_layers_are_read(tmp_path):
    grouped = nn.Conv2d(3, 6, 3, groups=3)
    head = nn.Linear(6, 2)
    nn.init.ones_(grouped.weight)
    nn.init.ones_(head.weight)
    model = model_of(nn.Sequential(grouped, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), head))
    atlas = scan(model, tmp_path, ["1", "4"])
    part = filter_pair(model, atlas, "1", 3).parts[0]
    assert (part.dead.channels, part.dead.weights.shape) == (range(1, 2), (1, 3, 3))
    assert not part.on_pixels
    assert filter_pair(model, atlas, "4", 1).parts[0].dead.weights.shape == (6, 1, 1)


def test_what_has_no_filter_or_no_live_unit_is_said(sunk, tmp_path):
    model, atlas = sunk
    with pytest.raises(UsageError, match="another digest"):
        filter_pair(model_of(nn.Sequential(plain([1], [0]), nn.ReLU())), atlas, "2", 0)
    with pytest.raises(UsageError, match="units are 0 to 4"):
        filter_pair(model, atlas, "2", 5)
    pooled = model_of(nn.Sequential(nn.MaxPool2d(2), nn.ReLU(), plain([-1, -2], [0, 0]), nn.ReLU()))
    scanned = scan(pooled, tmp_path)
    with pytest.raises(UsageError, match="no convolution or linear layer leads to 1"):
        filter_pair(pooled, scanned, "1", 0)
    with pytest.raises(DataError, match="no unit of 3 is live"):
        filter_pair(pooled, scanned, "3", 0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_words(lang):
    assert all(text(f"units.conditions.filter.{code}", lang) for code in FilterCode)
