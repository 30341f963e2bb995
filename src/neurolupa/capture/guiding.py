"""Guided backpropagation through rectifiers of every form: layers, functions, methods, in place or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from neurolupa.capture.given import Target, batch_of, logits_from, of_targets, targets_of
from neurolupa.capture.observing import Observer
from neurolupa.capture.operations import NONLINEAR, RECTIFIERS, operation_name, writes_in_place
from neurolupa.capture.running import evaluating
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError
from neurolupa.models import Model
from neurolupa.models.running import dtype_of

_NO_RECTIFIER = NONLINEAR - {*RECTIFIERS, "clamp", "threshold"}


@dataclass(frozen=True, eq=False)
class GuidedGradients:
    """Guided gradients of a batch.

    Attributes:
        values: (N, C, H, W), with respect to the normalised picture.
        targets: The network class of each picture whose logit was differentiated.
        rectifiers: How many calls of ReLU and ReLU6 were guided in a pass.
        others: How many calls of other non-linearities the rule does not reach.
    """

    values: Tensor
    targets: tuple[int, ...]
    rectifiers: int
    others: int


def guided_gradients(
    model: Model, batch: Tensor | ArrayLike, target: Target | None = None
) -> GuidedGradients:
    """The gradient of the targets' logits, every rectifier passing on only what is above zero.

    Springenberg et al. 2015: where a ReLU is alive, max(gradient, 0), elsewhere 0. Hooks on modules miss
    functional ReLUs, which then give the plain gradient in silence; here every torch function is seen.

    Args:
        model: The network; it is left as found.
        batch: Prepared pictures, (N, C, H, W), or one (C, H, W).
        target: Network class per picture, or one for all; None takes each picture's own strongest.

    Raises:
        UsageError: A class that the network does not have.
        DataError: The network has no ReLU, gives no logits, or cuts the gradient off.

    >>> from neurolupa.models import load_model
    >>> layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.ReLU(), torch.nn.Linear(3, 1, bias=False))
    >>> with torch.no_grad():
    ...     _ = layers[2].weight.copy_(torch.tensor([[1.0, -1.0, 2.0]]))
    >>> model = load_model(layers, input_size=1)
    >>> guided_gradients(model, torch.tensor([1.0, 1.0, -1.0]).view(3, 1, 1)).values.flatten().tolist()
    [1.0, 0.0, 0.0]
    """
    images = batch_of(batch).to(model.device, dtype_of(model.module))
    guiding = _Guiding()
    observer = Observer(model, (trace(model)[0],), lambda visit: None, guiding)
    with torch.inference_mode(False), evaluating(model), observer.attached(), torch.enable_grad():
        leaf = images.clone().detach().requires_grad_()
        logits = logits_from(observer.forward(leaf.clone(), torch.enable_grad, stop=False), len(leaf))
        if not guiding.rectifiers:
            raise DataError(f"guided backpropagation is a rule for ReLUs, and {model.name} has none")
        targets = targets_of(target, logits)
        values = _gradient(logits, targets, leaf, model)
    return GuidedGradients(values, targets, guiding.rectifiers, guiding.others)


def _gradient(logits: Tensor, targets: Sequence[int], leaf: Tensor, model: Model) -> Tensor:
    chosen = of_targets(logits, targets)
    slopes = torch.autograd.grad(chosen, leaf, allow_unused=True) if chosen.requires_grad else (None,)
    if slopes[0] is None:
        raise DataError(f"no gradient reaches the picture: {model.name} cuts it off")
    return slopes[0]


@dataclass
class _Guiding:
    """Runs torch functions, rectifiers with guided gradients, and counts both kinds of non-linearity."""

    rectifiers: int = 0
    others: int = 0

    def __call__(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        name = operation_name(function)
        if name not in RECTIFIERS:
            self.others += name in _NO_RECTIFIER
            return function(*args, **kwargs)
        self.rectifiers += 1
        given = next(iter((*args, *kwargs.values())))
        if not given.requires_grad:
            return function(*args, **kwargs)
        return _Guided.apply(given, RECTIFIERS[name], writes_in_place(function, args, kwargs))


class _Guided(torch.autograd.Function):
    """min(max(x, 0), upper); backwards max(gradient, 0) where x is between."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, upper: float, in_place: bool) -> Tensor:
        ctx.save_for_backward((x > 0) & (x < upper))
        if in_place:
            ctx.mark_dirty(x)
            return x.clamp_(0, upper)
        return x.clamp(0, upper)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (alive,) = ctx.saved_tensors
        return grads[0].clamp(min=0) * alive, None, None
