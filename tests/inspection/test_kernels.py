"""Kernels of tiny networks whose weights were written by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from neurolupa.capture import trace
from neurolupa.errors import UsageError
from neurolupa.inspection.kernels import convolution_at, first_kernels, kernel_of, kernels_of
from neurolupa.models import load_model


def model_of(*layers: nn.Module, size: int = 8):
    return load_model(nn.Sequential(*layers), input_size=size)


def written(module: nn.Conv2d) -> nn.Conv2d:
    """Weights 0, 1, 2, ... in reading order, biases 10, 11, ..."""
    with torch.no_grad():
        module.weight.copy_(torch.arange(module.weight.numel()).reshape(module.weight.shape))
        if module.bias is not None:
            module.bias.copy_(10.0 + torch.arange(len(module.bias)))
    return module


def test_the_colour_planes_of_a_first_layer():
    model = model_of(written(nn.Conv2d(3, 2, (2, 1))), nn.ReLU())
    kernel = kernel_of(model, "0", 1)
    assert kernel.code is None
    assert kernel.planes.tolist() == [[[6], [7]], [[8], [9]], [[10], [11]]]
    assert (kernel.size, kernel.extent, kernel.bias) == ((2, 1), (2, 1), 11.0)
    assert (kernel.limit, kernel.units, kernel.in_channels, kernel.groups) == (11.0, 2, 3, 1)
    # one pixel of the mix: red 6, green 8, blue 10 of at most 11, grey 0.5 being nothing
    assert kernel.colours()[0, 0] == pytest.approx([0.5 + 0.5 * value / 11 for value in (6, 8, 10)])
    assert kernel.colours(limit=8.0)[0, 0].tolist() == [0.875, 1.0, 1.0]


def test_three_channels_behind_a_1x1_layer_are_no_colours():
    model = model_of(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 2, 3))
    assert [kernel_of(model, site, 0).code for site in ("0", "1")] == [None, "not_on_pixels"]


def test_a_kernel_of_zeros_is_grey():
    conv = nn.Conv2d(3, 1, 2)
    nn.init.zeros_(conv.weight)
    kernel = kernel_of(model_of(conv), "0", 0)
    assert np.array_equal(kernel.colours(), np.full((2, 2, 3), 0.5))
    assert kernel.to_frame()["share"].tolist() == [0, 0, 0]


def test_deeper_kernels_have_norms_and_no_colours():
    deep = nn.Conv2d(4, 1, (1, 2), bias=False)
    with torch.no_grad():
        deep.weight.copy_(torch.tensor([[3.0, 4], [0, 0], [-6, 8], [0, 5]])[None, :, None])
    kernel = kernel_of(model_of(nn.Conv2d(3, 4, 3), nn.ReLU(), deep), "2", 0)
    assert (kernel.code, kernel.planes, kernel.colours(), kernel.bias) == ("no_rgb_planes", None, None, None)
    assert kernel.norms.tolist() == [5, 0, 10, 5]
    assert kernel.strongest(3) == ((2, 10.0), (0, 5.0), (3, 5.0))
    assert kernel.averaged.tolist() == [[-0.75, 4.25]]
    frame = kernel.to_frame()
    assert frame["share"].tolist() == [0.25, 0, 0.5, 0.25]
    assert frame["mean"].tolist() == [3.5, 0, 1, 2.5]


def test_groups_name_the_channels_that_a_unit_reads():
    grouped = written(nn.Conv2d(4, 4, 1, groups=2, bias=False))
    model = model_of(nn.Conv2d(3, 4, 1), grouped)
    kernel = kernel_of(model, "1", 3)
    assert (list(kernel.channels), kernel.groups, kernel.in_channels) == ([2, 3], 2, 4)
    assert kernel.weights.ravel().tolist() == [6, 7]
    assert kernel.strongest(1) == ((3, 7.0),)


def test_a_depthwise_layer_on_the_picture_has_no_three_planes():
    kernel = kernel_of(model_of(nn.Conv2d(3, 3, 3, groups=3)), "0", 2)
    assert (kernel.code, list(kernel.channels), kernel.weights.shape) == ("no_rgb_planes", [2], (1, 3, 3))


def test_three_channels_that_the_network_made_are_no_colours():
    model = model_of(nn.Conv2d(3, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 3))
    assert [kernel_of(model, site, 0).code for site in ("0", "2")] == [None, "not_on_pixels"]


def test_a_dilated_kernel_tells_size_and_extent():
    kernel = kernel_of(model_of(nn.Conv2d(3, 2, 3, dilation=2, stride=(1, 2))), "0", 0)
    assert (kernel.size, kernel.extent, kernel.stride, kernel.code) == ((3, 3), (5, 5), (1, 2), None)


def test_a_norm_and_a_relu_lead_back_to_their_convolution():
    model = model_of(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
    for site in ("0", "1", "2"):
        kernel = kernel_of(model, site, 3)
        assert (kernel.layer, kernel.sources, kernel.shared) == ("0", ("0",), False)
    link = trace(model).resolve("0", "relu")
    assert kernel_of(model, link, 0).layer == "0"
    assert kernel_of(model, link.site, 0).layer == "0"


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide, self.short = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 1)
        self.plain = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, batch):
        first = F.relu(self.short(batch) + self.wide(batch))
        return F.relu(first + self.plain(first))


def test_after_an_addition_every_source_is_named():
    model = load_model(Residual(), input_size=8)
    kernel = kernel_of(model, "/relu:0", 1)
    assert kernel.sources == ("short", "wide")
    assert (kernel.layer, kernel.shared) == ("wide", True)  # it sees more of the picture
    second = kernel_of(model, "/relu:1", 1)
    assert (second.sources, second.shared) == (("plain",), True)
    assert not kernel_of(model, "wide", 1).shared


def test_sites_and_layers_without_kernels_say_why():
    model = model_of(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.ConvTranspose2d(4, 2, 2))
    pooled, transposed = kernel_of(model, "2", 0), kernel_of(model, "3", 0)
    assert (pooled.code, pooled.layer, pooled.sources) == ("no_convolution", None, ())
    assert (transposed.code, transposed.layer) == ("unsupported_layer", "3")
    for kernel in (pooled, transposed):
        assert (kernel.size, kernel.planes, kernel.strongest(), len(kernel.to_frame())) == (
            (0, 0),
            None,
            (),
            0,
        )
        assert kernel.averaged.shape == (0, 0)


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3, 3, 3))

    def forward(self, batch):
        return F.conv2d(batch, self.weight)


def test_a_functional_convolution_is_not_read():
    assert kernel_of(load_model(Functional(), input_size=8), "/conv2d", 0).code == "unsupported_layer"


def test_a_linear_layer_has_a_kernel_of_one_position():
    model = model_of(nn.Flatten(), nn.Linear(3, 2), size=1)
    kernel = kernel_of(model, "1", 1)
    assert (kernel.size, kernel.weights.shape, kernel.code) == ((1, 1), (3, 1, 1), "no_rgb_planes")


def test_the_first_kernels_need_no_picture():
    model = model_of(written(nn.Conv2d(3, 5, 2)), nn.ReLU())
    kernels = first_kernels(model, "0", 2)
    assert [kernel.unit for kernel in kernels] == [0, 1]
    assert {kernel.limit for kernel in kernels} == {59.0}  # of the whole layer
    assert len(first_kernels(model, "1")) == 5
    with pytest.raises(UsageError, match="at least one"):
        first_kernels(model, "0", 0)


def test_a_kernel_does_not_change_with_the_network():
    conv = nn.Conv2d(3, 2, 2)
    kernel = kernel_of(model_of(conv), "0", 0)
    before = kernel.weights.copy()
    nn.init.zeros_(conv.weight)
    assert np.array_equal(kernel.weights, before)


def test_unknown_units_sites_and_points():
    model = model_of(nn.Conv2d(3, 2, 3), nn.MaxPool2d(2))
    for unit in (2, -1):
        with pytest.raises(UsageError, match="units are 0 to 1"):
            kernels_of(model, "0", [0, unit])
    with pytest.raises(UsageError, match="unknown site"):
        kernel_of(model, "conv9", 0)
    with pytest.raises(UsageError, match="leads to no site"):
        kernel_of(model, trace(model).resolve("0", "relu"), 0)


def test_the_layer_behind_a_site_as_arithmetic():
    model = model_of(nn.Conv2d(3, 2, 3, stride=2))
    assert convolution_at(model, trace(model).find("0")).stride == (2, 2)
