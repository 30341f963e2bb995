"""Rectifiers whose blocked gradient is let through where it would wake the unit; the model stays as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from neurolupa.capture.operations import RECTIFIERS, operation_name, writes_in_place


def redirecting(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Run a torch function; a ReLU or ReLU6, in place or not, with redirected gradients instead.

    The rule of Lucid (Olah et al. 2017): where every element of a sample's gradient is blocked, those are let
    through whose descent would move the input towards the range in which it is alive. A sample that any
    gradient passes is differentiated as always.

    >>> x = torch.tensor([[-1.0, -2.0], [-1.0, 3.0]], requires_grad=True)
    >>> redirecting(torch.relu, (x,), {}).mul(torch.tensor([-1.0, 1.0])).sum().backward()
    >>> x.grad.tolist()
    [[-1.0, 0.0], [0.0, 1.0]]
    """
    upper = RECTIFIERS.get(operation_name(function))
    given = next(iter((*args, *kwargs.values())), None)
    if upper is None or not isinstance(given, Tensor) or not given.requires_grad:
        return function(*args, **kwargs)
    return _Redirected.apply(given, upper, writes_in_place(function, args, kwargs))


class _Redirected(torch.autograd.Function):
    """min(max(x, 0), upper), first axis the samples."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, upper: float, in_place: bool) -> Tensor:
        ctx.save_for_backward(x <= 0, x >= upper)
        if in_place:
            ctx.mark_dirty(x)
            return x.clamp_(0, upper)
        return x.clamp(0, upper)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (grad,) = grads
        below, above = ctx.saved_tensors
        passing = grad.masked_fill(below | above, 0)
        wakes = (below & (grad < 0)) | (above & (grad > 0))
        waking = torch.where(wakes, grad, passing)
        each = (-1, *[1] * (grad.ndim - 1))
        blocked = passing.flatten(1).ne(0).any(1).logical_not().view(each)
        return torch.where(blocked, waking, passing), None, None
