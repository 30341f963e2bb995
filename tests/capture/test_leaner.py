"""Cheaper layers against the layers that they stand for: values, gradients, and what is left alone."""

import pytest
import torch
from torch import nn

from neurolupa.capture.leaner import lean


def slopes_of(layer, batch):
    batch = batch.clone().requires_grad_()
    values = layer(batch)
    (slope,) = torch.autograd.grad(
        (values * torch.linspace(-1, 1, values.numel()).view_as(values)).sum(), batch
    )
    return values.detach(), slope


def strangers(norm):
    for name, value in {**dict(norm.named_parameters()), **dict(norm.named_buffers())}.items():
        if value is not None and value.is_floating_point():
            value.data = torch.rand(value.shape, dtype=value.dtype) + (0.5 if "var" in name else -0.5)
    return norm


LAYERS = {
    "7x7 by 2": (nn.Conv2d(3, 4, 7, stride=2, padding=3), (2, 3, 17, 20)),
    "3x3 by 2, narrow": (nn.Conv2d(1, 2, 3, stride=2, bias=False), (2, 1, 8, 9)),
    "11x11 by 4": (nn.Conv2d(3, 4, 11, stride=4, padding=2), (1, 3, 43, 37)),
    "2x5 by 3, unlike sides": (nn.Conv2d(4, 3, (2, 5), stride=3, padding=(1, 0)), (2, 4, 10, 12)),
    "a stride above the kernel": (nn.Conv2d(3, 4, 1, stride=2), (2, 3, 7, 6)),
    "1-d norm": (strangers(nn.BatchNorm1d(5)), (3, 5)),
    "1-d norm of maps": (strangers(nn.BatchNorm1d(5)), (3, 5, 4)),
    "2-d norm": (strangers(nn.BatchNorm2d(5)), (3, 5, 4, 6)),
    "2-d norm without weights": (strangers(nn.BatchNorm2d(5, affine=False)), (3, 5, 4, 6)),
    "3-d norm": (strangers(nn.BatchNorm3d(2)), (3, 2, 4, 3, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_it_computes_the_same(name):
    layer, shape = LAYERS[name]
    net = nn.Sequential(layer).double().eval().requires_grad_(False)
    batch = torch.rand(shape, dtype=torch.float64)
    values, slope = slopes_of(net, batch)
    with lean(net):
        assert "forward" in layer.__dict__
        found, cheaper = slopes_of(net, batch)
    assert "forward" not in layer.__dict__
    torch.testing.assert_close(found, values)
    torch.testing.assert_close(cheaper, slope)


def test_channels_last_stays():
    net = (
        nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), strangers(nn.BatchNorm2d(8))).eval().requires_grad_(False)
    )
    batch = torch.rand(2, 3, 16, 16).contiguous(memory_format=torch.channels_last)
    with lean(net):
        values, slope = slopes_of(net, batch)
    assert values.is_contiguous(memory_format=torch.channels_last)
    assert slope.is_contiguous(memory_format=torch.channels_last)


class OwnConv(nn.Conv2d):
    pass


def patched():
    layer = nn.Conv2d(3, 4, 3, stride=2).eval()
    layer.forward = lambda batch: batch
    return layer


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 4, 3),
        nn.Conv2d(8, 4, 3, stride=2),
        nn.Conv2d(3, 3, 3, stride=2, groups=3),
        nn.Conv2d(3, 4, 3, stride=2, dilation=2),
        nn.Conv2d(3, 4, 3, stride=(1, 2)),
        nn.Conv2d(3, 4, 3, stride=2, padding=1, padding_mode="reflect"),
        OwnConv(3, 4, 3, stride=2),
        patched(),
        nn.BatchNorm2d(4).train(),
        nn.BatchNorm2d(4, track_running_stats=False).eval(),
    ],
    ids=str,
)
def test_what_is_left_alone(layer):
    before = dict(layer.__dict__)
    with lean(nn.ModuleList([layer])):
        assert layer.__dict__.get("forward") is before.get("forward")


def test_layers_come_back_after_an_exception():
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2)).eval()
    with pytest.raises(KeyError), lean(net):
        raise KeyError
    assert "forward" not in net[0].__dict__
