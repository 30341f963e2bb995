"""A network in numbers: parameters, size, layers; and the digest of its tensors."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

import torch
from torch import Tensor, nn

_MB = 1024**2


@dataclass(frozen=True)
class ModelInfo:
    """A network in numbers.

    Attributes:
        name: The network's short name.
        parameters: Number of parameters.
        trainable: Number of those with `requires_grad`.
        size_mb: Parameters and buffers in memory, in units of 2**20 bytes.
        layers: Number of leaf modules.
        layer_types: Leaf modules by type, the commonest first.
    """

    name: str
    parameters: int
    trainable: int
    size_mb: float
    layers: int
    layer_types: dict[str, int]

    def __str__(self) -> str:
        types = ", ".join(f"{count} {kind}" for kind, count in self.layer_types.items())
        return "\n".join(
            [
                self.name,
                f"  parameters  {self.parameters:,} ({self.trainable:,} trainable)",
                f"  size        {self.size_mb:.2f} MB",
                f"  layers      {self.layers}: {types}",
            ]
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def describe_module(name: str, module: nn.Module) -> ModelInfo:
    """The numbers of a module; shared parameters and layers count once.

    >>> print(describe_module("two", nn.Sequential(nn.Linear(2, 3), nn.ReLU())))
    two
      parameters  9 (9 trainable)
      size        0.00 MB
      layers      2: 1 Linear, 1 ReLU
    """
    parameters = list(module.parameters())
    tensors = [*parameters, *module.buffers()]
    leaves = Counter(_type_name(layer) for layer in module.modules() if next(layer.children(), None) is None)
    return ModelInfo(
        name=name,
        parameters=sum(p.numel() for p in parameters),
        trainable=sum(p.numel() for p in parameters if p.requires_grad),
        size_mb=sum(t.numel() * t.element_size() for t in tensors) / _MB,
        layers=leaves.total(),
        layer_types=dict(leaves.most_common()),
    )


def digest_tensors(tensors: Mapping[str, Any]) -> str:
    """SHA-256 over the sorted names, types, shapes and bytes of tensors; other values are skipped.

    >>> digest_tensors({"a": torch.ones(2)}) == digest_tensors({"a": torch.ones(2).double()})
    False
    """
    digest = sha256()
    for name in sorted(name for name, value in tensors.items() if isinstance(value, Tensor)):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _type_name(layer: nn.Module) -> str:
    return getattr(layer, "original_name", type(layer).__name__)
