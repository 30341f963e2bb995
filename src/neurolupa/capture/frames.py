"""Where in the network the forward pass is: the innermost module, and which call of its kind this is."""

from collections import defaultdict
from typing import Any

from torch import Tensor, nn

from neurolupa.capture.modules import is_opaque, paths_of


class Frames:
    """A stack of the modules that are running, and counters of the calls per (path, op)."""

    def __init__(self, root: nn.Module) -> None:
        self.paths = paths_of(root)
        self._opaque = {module for module in self.paths if module is not root and is_opaque(module)}
        self._root = root
        self.reset()

    def reset(self) -> None:
        """Forget the last forward pass."""
        self._stack: list[tuple[nn.Module, Any]] = [(self._root, None)]
        self._counts: defaultdict[tuple[str, str], int] = defaultdict(int)

    def enter(self, module: nn.Module, note: Any = None) -> None:
        """A module begins; the note is given back when it finishes."""
        self._stack.append((module, note))

    def leave(self) -> Any:
        """A module has finished or failed; gives its note."""
        return self._stack.pop()[1]

    @property
    def path(self) -> str:
        """The path of the innermost running module."""
        return self.paths[self._stack[-1][0]]

    @property
    def is_opaque(self) -> bool:
        """Whether operations here are a layer's own affair."""
        return self._stack[-1][0] in self._opaque

    def number(self, path: str, op: str) -> int:
        """Which call of (path, op) this is, counted from 0."""
        call = self._counts[path, op]
        self._counts[path, op] = call + 1
        return call


def only_tensor(value: Any) -> Tensor | None:
    """The tensor that a layer returns, alone or as the only one of a tuple, list or dict.

    >>> import torch
    >>> only_tensor((torch.zeros(2), None)).shape, only_tensor((torch.zeros(2), torch.zeros(2)))
    (torch.Size([2]), None)
    """
    if isinstance(value, Tensor):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    tensors = [part for part in parts if isinstance(part, Tensor)]
    return tensors[0] if len(tensors) == 1 else None


def with_tensor(value: Any, tensor: Tensor) -> Any:
    """What a layer returns with its only tensor exchanged for another.

    >>> import torch
    >>> with_tensor({"out": torch.zeros(2), "loss": None}, torch.ones(1))
    {'out': tensor([1.]), 'loss': None}
    """
    if isinstance(value, Tensor):
        return tensor
    if isinstance(value, dict):
        changed = {key: tensor if isinstance(part, Tensor) else part for key, part in value.items()}
        return changed if type(value) is dict else type(value)(**changed)
    parts = [tensor if isinstance(part, Tensor) else part for part in value]
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
