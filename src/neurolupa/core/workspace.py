"""Memory that is used again for every block: fresh memory costs a page fault for every four kilobytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Workspace:
    """Named buffers that grow to the largest size asked for.

    What `take` gives out lasts until the same name is taken again.

    >>> memory = Workspace()
    >>> first = memory.take("sums", (2, 3), np.float64)
    >>> np.shares_memory(first, memory.take("sums", (3, 1), np.float64))
    True
    """

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[np.uint8]] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray:
        """An array of this shape with whatever values it happens to hold."""
        needed = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if name not in self._buffers or self._buffers[name].nbytes < needed:
            self._buffers[name] = np.empty(needed, np.uint8)
        return self._buffers[name][:needed].view(dtype).reshape(shape)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray:
        """An array of zeros."""
        array = self.take(name, shape, dtype)
        array[...] = 0
        return array
