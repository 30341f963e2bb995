"""Random numbers of many samples, each from a stream of its own, whatever its neighbours draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Self

import torch
from torch import Tensor


def seed_of(seed: int, *key: object) -> int:
    """A seed for one sample, from the run's seed and what tells the sample from others.

    >>> seed_of(0, "conv1", 5) == seed_of(0, "conv1", 5), seed_of(0, "conv1", 5) == seed_of(1, "conv1", 5)
    (True, False)
    """
    return int.from_bytes(blake2b(repr((seed, *key)).encode(), digest_size=7).digest())


@dataclass(frozen=True)
class Streams:
    """One generator a sample; draws are stacked along the first axis, in float32, and then moved.

    The streams live on the CPU, so that a picture does not depend on where the network runs. With `copies`,
    every sample gives that many rows, one after the other.

    >>> both, second = Streams.of([1, 2]), Streams.of([2])
    >>> bool((both.normal(3)[1] == second.normal(3)[0]).all())
    True
    """

    generators: tuple[torch.Generator, ...] = field(repr=False)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    copies: int = 1

    @classmethod
    def of(cls, seeds: Sequence[int], like: Tensor | None = None) -> Self:
        """A stream for each seed; draws have the device and type of the tensor `like`."""
        generators = tuple(torch.Generator().manual_seed(seed) for seed in seeds)
        return cls(generators) if like is None else cls(generators, like.device, like.dtype)

    def __len__(self) -> int:
        return len(self.generators) * self.copies

    def copied(self, copies: int) -> Self:
        """The same streams, read for several copies of each sample."""
        return replace(self, copies=copies)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers (samples x copies, *shape)."""
        return self._moved([torch.randn((self.copies, *shape), generator=one) for one in self.generators])

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Numbers between low and high (samples x copies, *shape)."""
        drawn = self._moved([torch.rand((self.copies, *shape), generator=one) for one in self.generators])
        return low + (high - low) * drawn

    def _moved(self, drawn: list[Tensor]) -> Tensor:
        return torch.cat(drawn).to(self.device, self.dtype)
