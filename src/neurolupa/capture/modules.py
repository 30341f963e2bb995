"""What the modules of a network are: their paths, their kinds, and which of them are blocks."""

import re
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.modules import activation, batchnorm, conv, normalization, pooling

from neurolupa.capture.operations import NONLINEAR

_NOT_ELEMENTWISE = (nn.MultiheadAttention, nn.Softmax, nn.Softmin, nn.LogSoftmax, nn.Softmax2d, nn.GLU)
_LAYER_LIBRARIES = ("torchvision.ops.", "timm.layers.")
_ACTIVATION_NAMES = {name.replace("_", "") for name in NONLINEAR} | {
    *("swish", "swishme", "mishme", "hswish", "hsigmoid", "hardswishme", "hardsigmoidme"),
    *("hardmish", "hardmishme", "quickgelu", "gelutanh", "newgelu"),
}
_BY_NAME = (
    ("conv", re.compile(r"Conv(Transpose)?[1-3]d(Same)?$")),
    ("norm", re.compile(r"Norm([1-3]d|Fp32|Exp2d|Channel)?$")),
    ("pool", re.compile(r"Pool(ing)?([1-3]d)?(Same)?$")),
    ("linear", re.compile(r"Linear$")),
)


def paths_of(root: nn.Module) -> dict[nn.Module, str]:
    """Every module that can be watched with its first dotted path; the root has "".

    TorchScript modules and what lies inside are left out: they take no hooks.

    >>> shared = nn.ReLU()
    >>> list(paths_of(nn.Sequential(shared, nn.Flatten(), shared)).values())
    ['', '0', '1']
    """
    named = list(root.named_modules())
    return {module: name for name, module in named if not isinstance(module, torch.jit.ScriptModule)}


def is_leaf(module: nn.Module) -> bool:
    """Whether a module computes by itself: it has no children but the parametrisations of its own weights."""
    scripted = isinstance(module, torch.jit.ScriptModule)
    return scripted or all(name == "parametrizations" for name, _ in module.named_children())


def kind_of_module(module: nn.Module) -> str:
    """The kind of a leaf module: relu, gate, conv, norm, linear, pool or other.

    >>> kind_of_module(nn.GELU()), kind_of_module(nn.Conv2d(1, 1, 1)), kind_of_module(nn.Softmax(1))
    ('relu', 'conv', 'other')
    """
    if not is_leaf(module):
        return "other"
    for kind, types in _TYPES:
        if isinstance(module, types):
            return kind
    name = type(module).__name__
    if type(module).__module__.startswith("timm.layers.activations") or name.lower() in _ACTIVATION_NAMES:
        return "relu"
    return next((kind for kind, pattern in _BY_NAME if pattern.search(name)), "other")


_ELEMENTWISE = tuple(
    value
    for value in vars(activation).values()
    if isinstance(value, type) and value.__module__ == activation.__name__ and value not in _NOT_ELEMENTWISE
)
_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("gate", (nn.GLU,)),
    ("relu", _ELEMENTWISE),
    ("conv", (conv._ConvNd,)),
    ("norm", (batchnorm._NormBase, normalization.LayerNorm, normalization.GroupNorm, nn.LocalResponseNorm)),
    ("linear", (nn.Linear,)),
    (
        "pool",
        tuple(getattr(pooling, name) for name in pooling.__all__ if not name.startswith("MaxUnpool")),
    ),
)


def is_opaque(module: nn.Module) -> bool:
    """Whether the operations inside a module are its own affair and no sites."""
    if not is_leaf(module):
        return False
    return (
        type(module).__module__.startswith(("torch.", *_LAYER_LIBRARIES)) or kind_of_module(module) != "other"
    )


def blocks_of(root: nn.Module) -> set[nn.Module]:
    """The blocks of a network: the outermost composite modules with at most half of its parametric leaves.

    Sequences and lists are looked into, never taken themselves; the small composites of the layer libraries
    (a norm with its activation, say) are neither.
    """
    return set(_blocks(root, len(_parametric_leaves(root)) / 2))


def _blocks(parent: nn.Module, most: float) -> Iterator[nn.Module]:
    for child in parent.children():
        if is_leaf(child) or type(child).__module__.startswith(_LAYER_LIBRARIES):
            continue
        if _is_sequence(child) or len(_parametric_leaves(child)) > most:
            yield from _blocks(child, most)
        else:
            yield child


def _is_sequence(module: nn.Module) -> bool:
    uncalled = type(module).forward in (nn.Module.forward, nn.ModuleList.forward, nn.ModuleDict.forward)
    return isinstance(module, nn.Sequential) or uncalled


def _parametric_leaves(module: nn.Module) -> list[nn.Module]:
    return [part for part in module.modules() if is_leaf(part) and any(True for _ in part.parameters())]
