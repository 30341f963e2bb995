"""Random numbers that are a function of whole numbers alone: no state, no order, the same on every machine.

The mixer is the finaliser of SplitMix64 (G. Steele, D. Lea and C. Flood, Fast Splittable Pseudorandom Number
Generators, OOPSLA 2014).
"""

from math import prod
from typing import TypeVar

import numpy as np

STEP = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio, the distance of two counters."""
_WORD = 0xFFFFFFFFFFFFFFFF
_Words = TypeVar("_Words", int, np.ndarray)


def key_of(*keys: int) -> int:
    """One 64-bit number for a tuple of whole numbers from 0.

    >>> key_of(0, 1) != key_of(1, 0)
    True
    """
    found = 0
    for key in keys:
        found = mixed(found + key + STEP & _WORD)
    return found


def words(shape: tuple[int, ...], *keys: int) -> np.ndarray:
    """Random uint64 numbers for a tuple of keys; those of a longer array begin with those of a shorter one.

    >>> words((2, 3), 7).shape
    (2, 3)
    """
    counter = np.arange(1, prod(shape) + 1, dtype=np.uint64)
    return mixed(counter * STEP + key_of(*keys)).reshape(shape)


def uniform(shape: tuple[int, ...], *keys: int) -> np.ndarray:
    """Random float64 numbers in [0, 1) for a tuple of keys.

    >>> uniform((3,), 0, 7).shape
    (3,)
    """
    return (words(shape, *keys) >> 11) * 2.0**-53


def permutations(rows: int, size: int, *keys: int) -> np.ndarray:
    """(rows, size): in every row a random order of 0 .. size - 1; more rows begin with the same ones.

    >>> np.sort(permutations(2, 3, 0)).tolist()
    [[0, 1, 2], [0, 1, 2]]
    """
    return np.argsort(words((rows, size), *keys), axis=1, kind="stable")


def mixed(value: _Words) -> _Words:
    """The finaliser: whole numbers below 2^64, or a uint64 array of them, that no longer show what they were.

    >>> mixed(1) == int(mixed(np.array([1], dtype=np.uint64))[0])
    True
    """
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _WORD
    return value ^ (value >> 31)
