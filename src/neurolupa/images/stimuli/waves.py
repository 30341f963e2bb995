"""Sums of waves, compiled: the 1/f noise of the ground and the noise texture.

Waves are (K, 3) float64: cycles per picture to the right and down, and the phase in the middle of the
picture, in radians.
"""

import math
import typing

import numpy as np
from numba import njit

from neurolupa.images.stimuli.hashing import STEP, mixed

_STEP = np.uint64(STEP)
_UNIT = 2.0**-53
_ONE_THREAD = 1 << 18
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_mixed = njit(nogil=True, cache=True)(mixed)


@typing.no_type_check
@njit(nogil=True, cache=True)
def uniform(count, key):
    """What `hashing.uniform` gives for this key, (count,)."""
    found = np.empty(count)
    for i in range(count):
        found[i] = (_mixed(np.uint64(i + 1) * _STEP + key) >> np.uint64(11)) * _UNIT
    return found


@typing.no_type_check
@njit(nogil=True, cache=True)
def ground_waves(count, key, lowest, octaves):
    """As many waves in each octave, in directions by the golden ratio so that no octave leaves one out.

    Of equal height they have a power that falls as 1 / f^2 for each unit of area of the spectrum.
    """
    draws = uniform(2 * count + 1, key)
    waves = np.empty((count, 3))
    for k in range(count):
        cycles = lowest * 2.0 ** (octaves * (k + draws[k]) / count)
        turn = math.pi * (k * _GOLDEN + draws[2 * count])
        waves[k, 0], waves[k, 1] = cycles * math.sin(turn), cycles * math.cos(turn)
        waves[k, 2] = 2.0 * math.pi * draws[count + k]
    return waves


@typing.no_type_check
@njit(nogil=True, cache=True)
def texture_waves(count, key, cycles, angle, band, fan):
    """Waves of `cycles`, give or take `band` octaves, whose crests lie within `fan` radians of `angle`."""
    draws = uniform(3 * count, key)
    waves = np.empty((count, 3))
    for k in range(count):
        near = cycles * 2.0 ** (band * (2.0 * draws[k] - 1.0))
        turn = angle + fan * (2.0 * (k + draws[count + k]) / count - 1.0)
        waves[k, 0], waves[k, 1] = near * math.sin(turn), near * math.cos(turn)
        waves[k, 2] = 2.0 * math.pi * draws[2 * count + k]
    return waves


@typing.no_type_check
@njit(nogil=True, cache=True)
def _sway(cosines, sines, first, cycles, phase, amplitude, length):
    """A wave from `first` pixels after the middle on, averaged over each pixel, as `cosines` and `sines`."""
    step = 2.0 * math.pi * cycles / length
    if abs(step) > 1e-9:
        amplitude *= math.sin(step / 2.0) / (step / 2.0)
    turn_c, turn_s = math.cos(step), math.sin(step)
    c, s = amplitude * math.cos(phase + first * step), amplitude * math.sin(phase + first * step)
    for i in range(len(cosines)):
        cosines[i], sines[i] = c, s
        c, s = c * turn_c - s * turn_s, s * turn_c + c * turn_s


@typing.no_type_check
@njit(nogil=True, cache=True)
def _tables(waves, amplitude, height, width):
    """Cosines and sines of the columns from the middle on, (2, K, half), and of the rows, (2, H, K)."""
    count, half = len(waves), (width + 1) // 2
    across = np.empty((2, count, half), np.float32)
    down = np.empty((2, height, count), np.float32)
    for k in range(count):
        _sway(across[0, k], across[1, k], 0.5 * (1 - width % 2), waves[k, 0], 0.0, amplitude, width)
        _sway(down[0, :, k], down[1, :, k], 0.5 - height / 2.0, waves[k, 1], waves[k, 2], 1.0, height)
    return across, down


def add_waves(field: np.ndarray, waves: np.ndarray, amplitude: float) -> None:
    """Adds to `field` (H, W) float32 waves of one amplitude, averaged over the pixels, which is exact.

    A wave is even plus odd about the middle column, so that two pixels share each product:
    cos(x + y) = cos x cos y - sin x sin y.

    >>> field = np.zeros((2, 2), dtype=np.float32)
    >>> add_waves(field, np.array([[0.0, 0.0, 0.0]]), 3.0)
    >>> field.tolist()
    [[3.0, 3.0], [3.0, 3.0]]
    """
    height, width = field.shape
    across, down = _tables(waves, amplitude, height, width)
    # Products of this size stay on one thread in BLAS: a loader's threads shall not fight over the cores.
    rows = max(1, _ONE_THREAD // across[0].size)
    for top in range(0, height, rows):
        part = slice(top, top + rows)
        even, odd = down[0, part] @ across[0], down[1, part] @ across[1]
        field[part, width // 2 :] += even - odd
        field[part, : width // 2] += (even + odd)[:, ::-1][:, : width // 2]
