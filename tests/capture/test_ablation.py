"""Outputs with units switched off, against a pass for each unit with a plain hook."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from neurolupa.capture import ablated_outputs, trace
from neurolupa.errors import DataError, UsageError

UNITS = [0, 2, (1, 3), ()]


class Residual(nn.Module):
    """A block that calls its one in-place ReLU twice, with a shortcut and a concatenation behind it."""

    def __init__(self, norm=nn.BatchNorm2d):
        super().__init__()
        self.stem, self.conv1, self.conv2 = (
            nn.Conv2d(3, 4, 3),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.Conv2d(4, 4, 1),
        )
        self.norm, self.relu, self.head = norm(4), nn.ReLU(inplace=True), nn.Linear(8, 5)

    def forward(self, x):
        x = self.stem(x)
        out = self.conv2(self.relu(self.norm(self.conv1(x))))
        out += x
        out = self.relu(out)
        return self.head(torch.cat([out, x], 1).mean((2, 3)))


class Statement(nn.Module):
    """Drops what its in-place rectifiers return."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.head = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Linear(4, 5)

    def forward(self, x):
        x = self.conv(x)
        self.relu(x)
        x = x - 0.1
        torch.relu_(x)
        return self.head(x.mean((2, 3)))


class Mixing(nn.Module):
    """Every picture's output depends on the whole batch."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x - 0.5 * x.mean(0, keepdim=True)
        return self.head(x.flatten(2).mean(2))


class OneOnly(nn.Module):
    """Takes batches of one picture."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4 * 36, 5)

    def forward(self, x):
        return self.head(self.conv(x).view(1, -1))


@pytest.fixture
def pictures():
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def build(as_model):
    def make(kind, *args):
        torch.manual_seed(0)
        model = as_model(kind(*args))
        for module in model.module.modules():
            if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None:
                module.running_mean.uniform_(-1, 1)
        return model

    return make


def by_hook(model, layer, call, images, group, fill=lambda part: torch.zeros_like(part)):
    """The oracle: one pass whose hook changes one call's output, before the network goes on."""
    calls = []

    def change(module, args, output):
        calls.append(1)
        if len(calls) != call + 1:
            return output
        changed = output.clone()
        for unit in group:
            changed[:, unit] = fill(changed[:, unit])
        return changed

    hook = model.module.get_submodule(layer).register_forward_hook(change)
    try:
        with torch.no_grad():
            return model.module(images)
    finally:
        hook.remove()


def groups(units):
    return [(one,) if isinstance(one, int) else one for one in units]


@pytest.mark.parametrize("address", ["relu:0", "relu:1", "conv1:0", "norm:0", "stem:0"])
def test_units_off_are_separate_passes_with_a_plain_hook(build, untouched, pictures, address):
    model = build(Residual)
    layer, call = address.split(":")
    with untouched(model):
        found = ablated_outputs(model, pictures, address, UNITS)
    expected = [by_hook(model, layer, int(call), pictures, group) for group in groups(UNITS)]
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-5, atol=1e-6)
    assert not torch.allclose(found[2], found[3])  # the units matter, so that the comparison can fail


def test_one_prefix_serves_many_units(build, pictures):
    model, sizes = build(Residual), []
    ablated_outputs(model, pictures, "relu:0", [0, 1])  # the trial of this site is over
    hooks = [
        part.register_forward_hook(lambda module, args, output: sizes.append(len(output)))
        for part in (model.module.stem, model.module.conv2)
    ]
    ablated_outputs(model, pictures, "relu:0", [0, 1, 2])
    for hook in hooks:
        hook.remove()
    assert sizes == [2, 6]


def test_one_picture_gives_one_row_a_unit(build, pictures):
    model = build(Residual)
    many = ablated_outputs(model, pictures, "relu:1", [1, 2])
    one = ablated_outputs(model, pictures[1], "relu:1", [1, 2])
    assert one.shape == (2, 5)
    torch.testing.assert_close(one, many[:, 1], rtol=1e-5, atol=1e-6)
    assert ablated_outputs(model, pictures, "relu:1", []).shape == (0, 2, 5)


def test_units_are_set_to_a_number_to_their_mean_or_to_given_means(build, pictures):
    model = build(Residual)
    given = np.array([0.5, -1.0, 2.0, 0.0])
    fills = {
        0.7: lambda part: torch.full_like(part, 0.7),
        "mean": lambda part: part.mean((1, 2), keepdim=True).expand_as(part),
    }
    for value, fill in fills.items():
        found = ablated_outputs(model, pictures, "conv1", [1, 2], value)
        expected = [by_hook(model, "conv1", 0, pictures, (unit,), fill) for unit in (1, 2)]
        torch.testing.assert_close(found, torch.stack(expected), rtol=1e-5, atol=1e-6)
    found = ablated_outputs(model, pictures, "conv1", [1, 2], given)
    for unit, row in zip((1, 2), found, strict=True):
        expected = by_hook(model, "conv1", 0, pictures, (unit,), lambda part, n=given[unit]: part * 0 + n)
        torch.testing.assert_close(row, expected.float(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("address", ["relu:0", "/relu:0"])
def test_what_is_written_in_place_and_dropped_is_ablated_all_the_same(build, pictures, address):
    model = build(Statement)
    module = model.module
    with torch.no_grad():
        first = F.relu(module.conv(pictures))
        if address == "relu:0":
            first[:, 1] = 0
        second = F.relu(first - 0.1)
        if address == "/relu:0":
            second[:, 1] = 0
        expected = module.head(second.mean((2, 3)))
    for units in ([1], [1, 2, 3]):
        found = ablated_outputs(model, pictures, address, units)
        torch.testing.assert_close(found[0], expected, rtol=1e-5, atol=1e-6)


def test_a_network_that_mixes_its_batch_is_run_once_for_each_unit(build, pictures):
    model = build(Mixing)
    found = ablated_outputs(model, pictures, "conv", UNITS)
    expected = torch.stack([by_hook(model, "conv", 0, pictures, group) for group in groups(UNITS)])
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_batch_statistics_mix_the_batch_too(build, pictures):
    model = build(Residual, lambda units: nn.BatchNorm2d(units, track_running_stats=False))
    found = ablated_outputs(model, pictures, "conv1", UNITS)
    expected = torch.stack([by_hook(model, "conv1", 0, pictures, group) for group in groups(UNITS)])
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_a_network_for_one_picture_is_run_once_for_each_unit(build, pictures):
    model = build(OneOnly)
    found = ablated_outputs(model, pictures[:1], "conv", UNITS)
    expected = torch.stack([by_hook(model, "conv", 0, pictures[:1], group) for group in groups(UNITS)])
    torch.testing.assert_close(found, expected)


def test_features_of_a_linear_layer_are_units(build, pictures):
    model = build(Residual)
    outputs = model.forward(pictures)
    found = ablated_outputs(model, pictures, "head", [0, 4])
    assert found[0, :, 0].tolist() == [0.0, 0.0]
    torch.testing.assert_close(found[0, :, 1:], outputs[:, 1:])


def test_what_cannot_be_ablated_is_said_in_one_line(build, pictures, as_model, untouched):
    model = build(Residual)
    with pytest.raises(UsageError, match="no unit 4 at conv1; units are 0 to 3"):
        ablated_outputs(model, pictures, "conv1", [4])
    with pytest.raises(UsageError, match="unknown site 'conv9'; nearest: conv"):
        ablated_outputs(model, pictures, "conv9", [0])
    with pytest.raises(UsageError, match="not to 'median'"):
        ablated_outputs(model, pictures, "conv1", [0], "median")
    with pytest.raises(UsageError, match="one number or 4 of them"):
        ablated_outputs(model, pictures, "conv1", [0], [1.0, 2.0])
    maps = as_model(nn.Conv2d(3, 4, 1), 8)
    with untouched(maps), pytest.raises(DataError, match=r"logits of shape \(2, classes\).*\(2, 4, 8, 8\)"):
        ablated_outputs(maps, pictures, trace(maps)[0], [0])
