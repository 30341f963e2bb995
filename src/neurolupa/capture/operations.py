"""Which torch functions are operations of a network, and what they are called.

Operator, in-place, method and function forms share one name: `x += y`, `x + y`, `torch.add(x, y)` are `add`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import inf
from typing import Any

import torch
from torch.overrides import resolve_name


def words(text: str) -> list[str]:
    """The names in a line of names.

    >>> words("conv linear")
    ['conv', 'linear']
    """
    return text.split()


NONLINEAR = frozenset(
    words(
        "relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish hardswish hardsigmoid hardtanh"
        " hardshrink softshrink tanhshrink softplus softsign sigmoid tanh logsigmoid threshold clamp"
    )
)
BOUNDED = frozenset({"sigmoid", "hardsigmoid", "tanh", "hardtanh", "softsign", "softmax"})

_DIMENSIONS = ("1d", "2d", "3d")
_KINDS: dict[str, str] = {
    **dict.fromkeys(NONLINEAR, "relu"),
    **{f"{name}{d}": "conv" for name in ("conv", "conv_transpose") for d in _DIMENSIONS},
    **dict.fromkeys(
        words("batch_norm layer_norm group_norm instance_norm local_response_norm rms_norm"), "norm"
    ),
    **{
        f"{name}_pool{d}": "pool"
        for name in ("max", "avg", "lp", "adaptive_max", "adaptive_avg", "fractional_max")
        for d in _DIMENSIONS
    },
    **dict.fromkeys(words("flatten interpolate softmax log_softmax"), "other"),
    "linear": "linear",
    "glu": "gate",
    "mean": "pool",
    "add": "add",
    "mul": "mul",
    "cat": "cat",
}
_ALIASES = {
    **{f"{form}{name}": name for form in "ir" for name in ("add", "mul", "sub")},
    "concat": "cat",
    "concatenate": "cat",
    "multiply": "mul",
    "upsample": "interpolate",
    "expit": "sigmoid",
    "clip": "clamp",
    "clamp_min": "clamp",
    "subtract": "sub",
    "swapaxes": "transpose",
    "swapdims": "transpose",
    "moveaxis": "movedim",
    "true_divide": "div",
    "rtruediv": "div",
    "multi_head_attention_forward": "attention",
    "scaled_dot_product_attention": "attention",
}


@lru_cache(maxsize=4096)
def operation_name(function: Callable[..., Any]) -> str:
    """The plain name of a torch function, or "" for what is no operation (a property, an assertion).

    >>> operation_name(torch.Tensor.add_), operation_name(torch.relu_), operation_name(torch.concat)
    ('add', 'relu', 'cat')
    """
    try:
        full = resolve_name(function) or ""
    except Exception:  # an exotic callable: whatever it is, it is none of the operations known here
        return ""
    if full.endswith((".__get__", ".__set__")):
        return ""
    name = full.rsplit(".", 1)[-1].strip("_").removesuffix("_with_indices")
    return _ALIASES.get(name, name)


def kind_of_operation(name: str) -> str:
    """The kind of the site that an operation makes, or "" where it makes none.

    >>> kind_of_operation("gelu"), kind_of_operation("permute")
    ('relu', '')
    """
    return _KINDS.get(name, "")


def is_site_call(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether this call of an operation is a site, judged from its arguments alone.

    A sum or product with a plain number is none, nor is a mean over other axes than height and width.

    >>> x = torch.zeros(1, 2, 3, 3)
    >>> is_site_call("add", (x, 1), {}), is_site_call("add", (x, x), {})
    (False, True)
    >>> is_site_call("mean", (x, (2, 3)), {})
    True
    """
    if name in ("add", "mul"):
        other = args[1] if len(args) > 1 else kwargs.get("other")
        return isinstance(args[0] if args else None, torch.Tensor) and isinstance(other, torch.Tensor)
    if name == "mean":
        return _averages_maps(*bound(args, kwargs, "input", "dim"))
    return name in _KINDS


def _averages_maps(tensor: Any, dim: Any) -> bool:
    if not isinstance(dim, (tuple, list)) or tensor.ndim != 4:
        return False
    return {d % 4 for d in dim} in ({2, 3}, {1, 2})


def type_label(name: str) -> str:
    """The operation as people write it: `F.relu`, `add`.

    >>> type_label("relu"), type_label("add")
    ('F.relu', 'add')
    """
    return f"F.{name}" if hasattr(torch.nn.functional, name) else name


def bound(args: Sequence[Any], kwargs: Mapping[str, Any], *names: str, **defaults: Any) -> list[Any]:
    """The arguments called `names` (in the order of the signature, from its first), then those of `defaults`.

    >>> bound((1, 2), {"stride": 3}, "input", "kernel_size", stride=None, padding=0)
    [1, 2, 3, 0]
    """
    signature = {**dict.fromkeys(names), **defaults}
    given = dict(zip(signature, args, strict=False))
    return [given.get(key, kwargs.get(key, default)) for key, default in signature.items()]


def writes_in_place(caller: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a layer or a torch function says by its name or options that it writes over its input.

    >>> writes_in_place(torch.relu_, (), {}), writes_in_place(torch.nn.ReLU(inplace=True), (), {})
    (True, True)
    >>> writes_in_place(torch.relu, (), {}), writes_in_place(torch.nn.functional.relu, (None, True), {})
    (False, True)
    """
    if isinstance(caller, torch.nn.Module):
        return getattr(caller, "inplace", False) is True
    name = getattr(caller, "__name__", "")
    if name.startswith("__"):
        return name.startswith("__i")
    return name.endswith("_") or kwargs.get("inplace") is True or args[1:2] == (True,)


RECTIFIERS = {"relu": inf, "relu6": 6.0}
"""What a ReLU's values do not exceed; both have none below 0."""


def rectifies(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether negative inputs of this non-linearity become exactly zero and stay countable as such.

    >>> rectifies("relu", (), {}), rectifies("gelu", (), {}), rectifies("hardtanh", (None, 0.0, 6.0), {})
    (True, False, True)
    """
    if name in RECTIFIERS:
        return True
    if name == "threshold":
        return bound(args, kwargs, "input", "threshold", "value")[1:] == [0, 0]
    if name == "hardtanh":
        return bound(args, kwargs, "input", min_val=-1.0)[1] == 0
    if name == "clamp":
        low = bound(args, kwargs, "input", "min")[1]
        return isinstance(low, (int, float)) and low == 0
    return False
