"""What every accumulator has in common: a monoid whose arrays say themselves how they are joined.

The laws, proved for every accumulator by one suite: `update` is `merge` with the state of the block alone,
any split of the blocks gives the whole, merging is associative, `empty` is neutral. Counts, extremes and
rankings hold to the bit; floating-point sums do for the same order of blocks, else within rounding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from neurolupa.core.measurement import Measurement


@dataclass(frozen=True)
class Extent:
    """How large the arrays of one site are, and what its values may be.

    Attributes:
        units, height, width: of the site's maps.
        classes: how many classes the images have; zero when they are unlabelled.
        kept: how many exemplars of a band are kept.
        signed: whether values below zero are to be expected.
    """

    units: int
    height: int
    width: int
    classes: int = 0
    kept: int = 9
    signed: bool = True


@dataclass(frozen=True)
class Block:
    """The images behind one measurement, in order of their index.

    Attributes:
        images: (B,) int64, the index of every image.
        labels: (B,) int64, its class; -1 without one.
        keys: (B,) uint64, a hash of its id, which breaks ties without favour.
    """

    images: NDArray[np.int64]
    labels: NDArray[np.int64]
    keys: NDArray[np.uint64]


def part(reduce: np.ufunc, identity: float, dtype: Any, *dims: str | int) -> Any:
    """A field that holds an array: its dimensions (numbers, or names of `Extent`), joined by `reduce`."""
    return field(metadata={"reduce": reduce, "identity": identity, "dtype": np.dtype(dtype), "dims": dims})


def summed(dtype: Any, *dims: str | int) -> Any:
    """A field that is joined by addition."""
    return part(np.add, 0, dtype, *dims)


def pooled(*dims: str | int) -> Any:
    """A float64 field of means, or of sums of squares about them, that is joined by `pool`."""
    return field(metadata={"reduce": None, "identity": 0, "dtype": np.dtype(np.float64), "dims": dims})


def pool(
    count: NDArray, mean: NDArray, spread: NDArray, count2: NDArray, mean2: NDArray, spread2: NDArray
) -> None:
    """Joins means and sums of squared differences in place (Chan, Golub and LeVeque 1983).

    >>> mean, spread = np.array([1.0]), np.array([2.0])
    >>> pool(np.array([2]), mean, spread, np.array([2]), np.array([5.0]), np.array([2.0]))
    >>> mean, spread
    (array([3.]), array([20.]))
    """
    share = share_of(count, count2)
    delta = mean2 - mean
    mean += delta * share
    spread += spread2 + delta * delta * (count * share)


def share_of(count: NDArray, count2: NDArray) -> NDArray[np.float64]:
    """The share of the second counts in both; 0 where both are 0.

    >>> share_of(np.array([3, 0]), np.array([1, 0]))
    array([0.25, 0.  ])
    """
    total = count + count2
    return np.divide(count2, total, out=np.zeros(np.shape(total)), where=total > 0)


def smallest(*dims: str | int) -> Any:
    """A float32 field that is joined by the minimum."""
    return part(np.minimum, np.inf, np.float32, *dims)


def largest(*dims: str | int) -> Any:
    """A float32 field that is joined by the maximum."""
    return part(np.maximum, -np.inf, np.float32, *dims)


@dataclass(frozen=True)
class Accumulator:
    """A state of arrays over the blocks seen so far.

    `pools` names the fields (count, mean, spread) that are joined together by `pool`.
    """

    pools: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    @classmethod
    def empty(cls, extent: Extent) -> Self:
        """The state before any block."""
        return cls(**{f.name: _fresh(f.metadata, extent) for f in fields(cls)})

    @classmethod
    def of(cls, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """The state of one block alone."""
        raise TypeError(f"{cls.__name__} says nothing of a block")

    def update(self, measurement: Measurement, block: Block, extent: Extent) -> Self:
        """This state and one block more. It takes this state's arrays over: go on with the returned one."""
        return self.absorb(self.of(measurement, block, extent))

    def merge(self, other: Self) -> Self:
        """The state of both; neither is changed."""
        return self.from_arrays({name: array.copy() for name, array in self.arrays().items()}).absorb(other)

    def arrays(self) -> dict[str, NDArray]:
        """The arrays by name, for storing and for the wire."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def rounds(cls) -> bool:
        """Whether it holds sums of floating-point numbers, which depend on where they are cut into parts."""
        return any(f.metadata["dtype"] == np.float64 for f in fields(cls))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Self:
        """The state that `arrays` were taken from."""
        return cls(**{f.name: arrays[f.name] for f in fields(cls)})

    def absorb(self, other: Self) -> Self:
        """The state of both. It takes this state's arrays over: go on with the returned one."""
        for names in self.pools:
            pool(*(getattr(state, name) for state in (self, other) for name in names))
        for f in fields(self):
            if f.metadata["reduce"] is not None:
                mine = getattr(self, f.name)
                f.metadata["reduce"](mine, getattr(other, f.name), out=mine)
        return self


def _fresh(metadata: Mapping[str, Any], extent: Extent) -> NDArray:
    shape = [getattr(extent, dim) if isinstance(dim, str) else dim for dim in metadata["dims"]]
    return np.full(shape, metadata["identity"], metadata["dtype"])
