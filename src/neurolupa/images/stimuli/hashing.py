"""Random numbers that are a function of whole numbers alone: no state, no order, the same on every machine.

The mixer is the finaliser of SplitMix64 (G. Steele, D. Lea and C. Flood, Fast Splittable Pseudorandom Number
Generators, OOPSLA 2014).
"""

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def hashed(*keys: int | np.ndarray) -> np.ndarray:
    """One uint64 for every tuple of keys; whole numbers from 0 and arrays of them, broadcast, at least (1,).

    >>> bool(hashed(0, 1)[0] == hashed(0, np.arange(3))[1])
    True
    """
    found = np.zeros(1, dtype=np.uint64)
    for key in keys:
        found = _mixed(found + np.atleast_1d(np.asarray(key, dtype=np.uint64)) + _STEP)
    return found


def uniform(count: int, *keys: int) -> np.ndarray:
    """`count` float64 numbers in [0, 1) of their own for every tuple of keys.

    >>> uniform(3, 0, 7).shape
    (3,)
    """
    return (hashed(*keys, np.arange(count)) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permutations(blocks: int, size: int, *keys: int) -> np.ndarray:
    """(blocks, size): a random order of 0 .. size - 1 for every row and tuple of keys.

    >>> np.sort(permutations(2, 3, 0)).tolist()
    [[0, 1, 2], [0, 1, 2]]
    """
    return np.argsort(hashed(*keys, np.arange(blocks)[:, None], np.arange(size)), axis=1, kind="stable")


def _mixed(value: np.ndarray) -> np.ndarray:
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))
