"""A batch that grows on its way through a network: values from before and after are brought together."""

from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from neurolupa.capture.operations import operation_name, words

_JOINING = frozenset(words("add sub mul div cat stack maximum minimum where"))


class Copies(TorchFunctionMode):
    """While it is on, sums, products and concatenations repeat a batch that lacks its copies.

    A residual sum behind the place where a batch of N pictures became `copies` x N of them still meets values
    of N pictures from before; those are repeated in the same order.

    >>> import torch
    >>> with Copies(pictures=1, copies=3):
    ...     torch.cat([torch.zeros(3, 1), torch.ones(1, 2)], 1).shape
    torch.Size([3, 3])
    """

    def __init__(self, pictures: int, copies: int) -> None:
        super().__init__()
        self._pictures, self._copies = pictures, copies

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if operation_name(func) in _JOINING:
            args = self._joined(args)
        return func(*args, **(kwargs or {}))

    def _joined(self, args: Any) -> Any:
        """The arguments, all of the larger batch where one of them is."""
        tensors = args[0] if args and isinstance(args[0], (tuple, list)) else args
        grown = self._pictures * self._copies
        ranks = {part.ndim for part in tensors if isinstance(part, Tensor) and part.shape[:1] == (grown,)}
        if not ranks:
            return args
        parts = [self._repeated(part, ranks) for part in tensors]
        return (parts, *args[1:]) if tensors is not args else tuple(parts)

    def _repeated(self, part: Any, ranks: set[int]) -> Any:
        if not isinstance(part, Tensor) or part.ndim not in ranks or part.shape[0] != self._pictures:
            return part
        return part.repeat(self._copies, *[1] * (part.ndim - 1))
