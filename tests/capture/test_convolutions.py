"""The patches that a convolution reads, against torch's own unfold and convolution."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import unfold

from neurolupa.capture.convolutions import Convolution, convolution_of
from neurolupa.errors import UsageError

LAYERS = {
    "plain": nn.Conv2d(3, 4, 3),
    "padded": nn.Conv2d(3, 4, (3, 5), padding=(1, 2)),
    "strided": nn.Conv2d(3, 4, 3, stride=(2, 3), padding=1, bias=False),
    "dilated": nn.Conv2d(3, 4, 3, dilation=(2, 1), padding=2),
    "grouped": nn.Conv2d(4, 6, 3, groups=2, padding=1),
    "depthwise": nn.Conv2d(4, 8, 3, groups=4),
    "pointwise": nn.Conv2d(5, 4, 1),
    "same": nn.Conv2d(3, 4, (3, 5), padding="same", dilation=(1, 2)),
    "valid": nn.Conv2d(3, 4, 2, padding="valid"),
    "reflect": nn.Conv2d(3, 4, 3, padding=2, padding_mode="reflect"),
    "replicate": nn.Conv2d(3, 4, 3, padding=2, padding_mode="replicate"),
    "circular": nn.Conv2d(3, 4, 3, padding=2, padding_mode="circular"),
}


def everywhere(layer: Convolution, size: tuple[int, int]) -> np.ndarray:
    return np.argwhere(np.ones(layer.output_size(size)))


@pytest.mark.parametrize("name", LAYERS)
def test_kernel_times_patch_plus_bias_is_the_convolution(name):
    module = LAYERS[name].double()
    layer = convolution_of(module)
    inputs = torch.randn(1, module.in_channels, 9, 11, dtype=torch.float64)
    output = module(inputs)[0].detach().numpy()
    assert layer.output_size((9, 11)) == output.shape[1:]
    places = everywhere(layer, (9, 11))
    for unit in range(layer.units):
        patches = layer.patches(inputs[0].numpy(), unit, places)
        values = (patches * layer.weight[unit]).sum(axis=(1, 2, 3)) + layer.bias_of(unit)
        assert np.allclose(values.reshape(output.shape[1:]), output[unit], atol=1e-12)
    assert layer.exact


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2))
@settings(max_examples=20, deadline=None)
def test_patches_are_those_of_unfold(kernel, stride, padding, dilation):
    module = nn.Conv2d(2, 1, kernel, stride, padding, dilation)
    inputs = torch.randn(1, 2, 8, 7)
    expected = unfold(inputs, kernel, dilation, padding, stride)[0].T.numpy()
    layer = convolution_of(module)
    found = layer.patches(inputs[0].numpy(), 0, everywhere(layer, (8, 7)))
    assert np.array_equal(found.reshape(expected.shape), expected)


def test_a_linear_layer_and_a_row_are_convolutions_too():
    linear = nn.Linear(6, 2).double().requires_grad_(False)
    given_ = torch.randn(6, dtype=torch.float64)
    layer = convolution_of(linear)
    patch = layer.patches(given_.numpy()[:, None, None], 1, np.array([[0, 0]]))[0]
    assert (layer.weight[1] * patch).sum() + layer.bias_of(1) == pytest.approx(float(linear(given_)[1]))
    row = nn.Conv1d(2, 3, 4, stride=2, padding=1).double().requires_grad_(False)
    given_ = torch.randn(1, 2, 10, dtype=torch.float64)
    layer = convolution_of(row)
    patch = layer.patches(given_[0].numpy()[:, None], 2, np.array([[0, 3]]))[0]
    assert (layer.weight[2] * patch).sum() + layer.bias_of(2) == pytest.approx(float(row(given_)[0, 2, 3]))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_an_even_kernel_of_the_same_size_has_more_padding_behind():
    module = nn.Conv2d(1, 1, (2, 4), padding="same").double().requires_grad_(False)
    layer = convolution_of(module)
    assert layer.padding == ((0, 1), (1, 2))
    inputs = torch.randn(1, 1, 5, 6, dtype=torch.float64)
    patches = layer.patches(inputs[0].numpy(), 0, everywhere(layer, (5, 6)))
    values = (patches * layer.weight[0]).sum(axis=(1, 2, 3)) + layer.bias_of(0)
    assert np.allclose(values, module(inputs).numpy().ravel())


def test_the_channels_of_a_group():
    layer = convolution_of(LAYERS["grouped"])
    assert [layer.channels_of(unit) for unit in range(6)] == [range(2)] * 3 + [range(2, 4)] * 3
    depthwise = convolution_of(LAYERS["depthwise"])
    assert [list(depthwise.channels_of(unit)) for unit in (0, 1, 2, 7)] == [[0], [0], [1], [3]]


def test_extent_counts_the_gaps_of_dilation():
    assert convolution_of(LAYERS["dilated"]).extent == (5, 3)


def test_layers_that_are_no_such_convolution():
    for module in (nn.ConvTranspose2d(3, 4, 3), nn.Conv3d(3, 4, 3), nn.BatchNorm2d(3), nn.ReLU()):
        assert convolution_of(module) is None


def test_a_forward_of_its_own_is_told():
    class Standardised(nn.Conv2d):
        def forward(self, batch):
            return self._conv_forward(batch, self.weight - self.weight.mean(), self.bias)

    assert not convolution_of(Standardised(3, 4, 3)).exact
    assert convolution_of(type("Named", (nn.Conv2d,), {})(3, 4, 3)).exact


def test_half_precision_is_read_as_float32():
    layer = convolution_of(nn.Conv2d(3, 4, 3).to(torch.bfloat16))
    assert (layer.weight.dtype, layer.bias.dtype) == (np.float32, np.float32)


def test_senseless_units_and_inputs():
    layer = convolution_of(LAYERS["plain"])
    with pytest.raises(UsageError, match="units are 0 to 3"):
        layer.channels_of(4)
    with pytest.raises(UsageError, match=r"reads \(3, H, W\)"):
        layer.patches(np.zeros((2, 9, 9)), 0, np.array([[0, 0]]))
