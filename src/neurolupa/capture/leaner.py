"""Layers that compute the same with less, where only the gradient of their input is wanted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Forward = Callable[[Tensor], Tensor]

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_FEW = 4  # input channels up to which the usual backward pass of a strided convolution is slow on CPUs


@contextmanager
def lean(module: nn.Module) -> Iterator[None]:
    """Cheaper layers in a frozen network in evaluation mode, inside; outputs differ by rounding alone.

    Batch norms become one multiplication and addition: their own backward pass is three times as dear.
    Strided convolutions of a picture's few channels get a backward pass without strides (`_Folded`), on
    CPUs. Layers of other classes, those whose `forward` was replaced, and all that train are left alone.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 7, stride=2), nn.BatchNorm2d(4)).eval()
    >>> pictures = torch.rand(2, 3, 16, 16)
    >>> usual = net(pictures)
    >>> with lean(net):
    ...     bool(net(pictures).allclose(usual, atol=1e-5))
    True
    """
    found = [(one, _leaner(one)) for one in module.modules() if "forward" not in one.__dict__]
    changed = [(one, forward) for one, forward in found if forward is not None]
    try:
        for one, forward in changed:
            one.__dict__["forward"] = forward
        yield
    finally:
        for one, _ in changed:
            one.__dict__.pop("forward", None)


def _leaner(layer: nn.Module) -> Forward | None:
    if type(layer) in _NORMS and not layer.training and isinstance(layer.running_var, Tensor):
        return _scaled(layer)
    if type(layer) is nn.Conv2d and _is_slow(layer):
        return lambda pictures: _Folded.apply(
            pictures, layer.weight, layer.bias, layer.stride[0], layer.padding
        )
    return None


def _scaled(norm: Any) -> Forward:
    """Batch normalisation by what it learnt, as x a + b."""
    learnt = (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    # In float64, which some devices do not have.
    mean, variance, weight, bias = (None if one is None else one.detach().cpu().double() for one in learnt)
    factor = (variance + norm.eps).rsqrt() * (1 if weight is None else weight)
    shift = (0 if bias is None else bias) - mean * factor
    kind = torch.promote_types(norm.running_var.dtype, torch.float32)
    a, b = (one.to(norm.running_var.device, kind) for one in (factor, shift))

    def forward(values: Tensor) -> Tensor:
        each = (1, -1, *[1] * (values.ndim - 2))
        return torch.addcmul(b.to(values.dtype).view(each), values, a.to(values.dtype).view(each))

    return forward


def _is_slow(layer: nn.Conv2d) -> bool:
    return (
        layer.in_channels <= _FEW
        and layer.groups == 1
        and layer.stride[0] == layer.stride[1] > 1
        and set(layer.dilation) == {1}
        and layer.padding_mode == "zeros"
        and not isinstance(layer.padding, str)
        and layer.weight.device.type == "cpu"
    )


class _Folded(torch.autograd.Function):
    """A convolution of stride s whose input's gradient is that of the convolution of stride 1 that it equals.

    A convolution of stride s over C channels is one of stride 1 over the s s C channels that the picture's
    s x s blocks give, its kernel padded to whole blocks.
    """

    @staticmethod
    def forward(
        ctx: Any,
        pictures: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int,
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.stride, ctx.padding, ctx.size, ctx.dtype = stride, padding, pictures.shape[-2:], pictures.dtype
        return F.conv2d(pictures, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None, None]:
        (grad,), (weight,) = grads, ctx.saved_tensors
        blocks = _in_blocks(weight.to(grad.dtype), ctx.stride).to(memory_format=torch.channels_last)
        spread = F.pixel_shuffle(F.conv_transpose2d(grad, blocks).to(ctx.dtype), ctx.stride)
        (height, width), (top, left) = ctx.size, ctx.padding
        # Where the last window ends before the picture does, the rest has no gradient.
        below, right = height + top - spread.shape[-2], width + left - spread.shape[-1]
        return F.pad(spread, (-left, right, -top, below)), None, None, None, None


def _in_blocks(weight: Tensor, stride: int) -> Tensor:
    """(out, in, h, w) as (out, in s s, h / s, w / s), rounded up."""
    height, width = weight.shape[-2:]
    more = (ceil(width / stride) * stride - width, ceil(height / stride) * stride - height)
    return F.pixel_unshuffle(F.pad(weight, (0, more[0], 0, more[1])), stride)
