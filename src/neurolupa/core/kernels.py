"""Compiled loops over activation maps; `measurement` gives them their arrays and threads.

Every kernel works on the units from `first` up to `last`, so that threads never share a row. They are written
for the vectoriser: whole planes indexed from zero, no slices inside a loop (a slice counts references, and
threads fight over the counter), reductions only in `_TREE` arithmetic. Minima and maxima are taken on integer
keys that order like the floats; a key outside of the finite range betrays NaN and infinity at no cost.

Arrays: B images, C units, planes of L = H x W values.

* `values` (B, C, L) float32, and `bits`, the same memory as int32;
* `masks` (4, L) float64: one in the left, right, upper, lower half, else zero;
* `means`, `spreads` (C, B) float64: the mean of a plane, and the sum of squared differences from it;
* `magnitudes` (C, B) float64, or (0, 0) when nothing is below zero: the sum of magnitudes;
* `halves` (4, C, B) float64, the means of the halves, NaN where a half is empty;
* `places` (5, C, B) int32: bits of the minimum, bits of the maximum, zeros, argmax, argmin;
* `map_sum` (C, L) float64: the block's sum at every position.

Sums are taken about the first value of each plane, so that a large mean costs no digits of the spread.
"""

import math
import typing

import numpy as np
from numba import njit

_TREE = {"reassoc", "contract", "nsz"}
_MAGNITUDE = np.int32(0x7FFFFFFF)
_SIGN = np.int32(31)
_LARGEST_KEY = np.int32(0x7F7FFFFF)
_SMALLEST_KEY = np.int32(-0x7F800000)
_HIGHEST = np.int32(0x7FFFFFFF)
_LOWEST = np.int32(-0x80000000)
_TOGETHER = 8
_CHUNK = 64


@typing.no_type_check
@njit(nogil=True, cache=True, inline="always")
def _flip(bits):
    """From the bits of a float32 to a key that orders like it, and back."""
    return bits ^ ((bits >> _SIGN) & _MAGNITUDE)


@typing.no_type_check
@njit(nogil=True, cache=True)
def _find(bits, b, c, length, target):
    """The first position of plane (b, c) that holds `target`, which is known to be there."""
    start = np.uint64(0)
    for _ in range(length // _CHUNK):
        hits = np.int32(0)
        for i in range(_CHUNK):
            hits += np.int32(bits[b, c, start + np.uint64(i)] == target)
        if hits > 0:
            break
        start += np.uint64(_CHUNK)
    while bits[b, c, start] != target:
        start += np.uint64(1)
    return np.int32(start)


@typing.no_type_check
@njit(nogil=True, cache=True)
def _middle(values, b, c, height, width, shift):
    """The sums about `shift` of the middle column and the middle row, each zero where that side is even."""
    column = row = 0.0
    if width % 2:
        for r in range(height):
            column += np.float64(values[b, c, r * width + width // 2]) - shift
    if height % 2:
        for w in range(width):
            row += np.float64(values[b, c, (height // 2) * width + w]) - shift
    return column, row


@typing.no_type_check
@njit(nogil=True, cache=True, fastmath=_TREE)
def _magnitudes(values, b, c, length):
    total = 0.0
    for i in range(length):
        total += abs(np.float64(values[b, c, i]))
    return total


@typing.no_type_check
@njit(nogil=True, cache=True, inline="always")
def _mean(total, count):
    return total / count if count else np.nan


@typing.no_type_check
@njit(nogil=True, cache=True, fastmath=_TREE)
def measure_units(
    first, last, values, bits, height, width, signed, masks,
    means, spreads, magnitudes, halves, places, map_sum,
):  # fmt: skip
    """Means, spreads, extremes and counts of every plane; `signed` asks for magnitudes and argmin.

    A unit with NaN or infinity gets nonsense here; `flag_not_finite` finds it and `measure_finite` mends it.
    """
    images, _, length = values.shape
    left_mask, top_mask = masks[0], masks[2]
    across, down = height * (width // 2), (height // 2) * width
    for start in range(first, last, _TOGETHER):
        for b in range(images):
            for c in range(start, min(start + _TOGETHER, last)):
                shift = np.float64(values[b, c, 0])
                total = square = left = top = 0.0
                low, high, zeros = _HIGHEST, _LOWEST, np.int32(0)
                for i in range(length):
                    value = np.float64(values[b, c, i])
                    map_sum[c, i] += value
                    value -= shift
                    total += value
                    square += value * value
                    left += value * left_mask[i]
                    top += value * top_mask[i]
                    word = bits[b, c, i]
                    key = _flip(word)
                    low = min(low, key)
                    high = max(high, key)
                    zeros += np.int32((word & _MAGNITUDE) == 0)
                means[c, b] = shift + total / length
                spreads[c, b] = max(square - total * total / length, 0.0)
                column, row = _middle(values, b, c, height, width, shift)
                halves[0, c, b] = shift + _mean(left, across)
                halves[1, c, b] = shift + _mean(total - left - column, across)
                halves[2, c, b] = shift + _mean(top, down)
                halves[3, c, b] = shift + _mean(total - top - row, down)
                places[0, c, b], places[1, c, b], places[2, c, b] = _flip(low), _flip(high), zeros
                places[3, c, b] = _find(bits, b, c, length, _flip(high))
                if signed:
                    magnitudes[c, b] = _magnitudes(values, b, c, length)
                    places[4, c, b] = _find(bits, b, c, length, _flip(low))


@typing.no_type_check
@njit(nogil=True, cache=True)
def measure_single(first, last, values, bits, signed, means, spreads, magnitudes, halves, places, map_sum):
    """`measure_units` for planes of one value, which have no halves: `halves` is left as it is."""
    for start in range(first, last, _TOGETHER):
        for b in range(values.shape[0]):
            for c in range(start, min(start + _TOGETHER, last)):
                value, word = np.float64(values[b, c, 0]), bits[b, c, 0]
                means[c, b], spreads[c, b] = value, 0.0
                places[0, c, b] = places[1, c, b] = word
                places[2, c, b] = np.int32((word & _MAGNITUDE) == 0)
                places[3, c, b] = 0
                map_sum[c, 0] += value
                if signed:
                    magnitudes[c, b] = abs(value)
                    places[4, c, b] = 0


@typing.no_type_check
@njit(nogil=True, cache=True)
def flag_not_finite(first, last, places, flags):
    """Sets `flags` (C,) bool for every unit whose extremes are not finite."""
    for c in range(first, last):
        for b in range(places.shape[2]):
            if _flip(places[0, c, b]) < _SMALLEST_KEY or _flip(places[1, c, b]) > _LARGEST_KEY:
                flags[c] = True


@typing.no_type_check
@njit(nogil=True, cache=True)
def measure_finite(
    c, values, signed, masks, means, spreads, magnitudes, halves, places, extremes, map_sum, counts, missing
):
    """`measure_units` for the one unit `c`, over its finite values.

    `extremes` is `places` as float32. `counts` (2, C, B) int32 receives how many values of a plane are finite
    and how many are NaN. `missing` (C, L) int32 counts the images whose value at a position is not finite.
    A plane without a finite value has a NaN mean, no spread, and infinite extremes.
    """
    map_sum[c, :] = 0
    for b in range(values.shape[0]):
        total, magnitude, count = 0.0, 0.0, 0
        sides, room = np.zeros(4), np.zeros(4)
        places[2:4, c, b] = 0
        counts[1, c, b] = 0
        low, high, lowest_at = np.inf, -np.inf, 0
        for i in range(values.shape[2]):
            value = np.float64(values[b, c, i])
            if not math.isfinite(value):
                missing[c, i] += 1
                counts[1, c, b] += math.isnan(value)
                continue
            count += 1
            total += value
            magnitude += abs(value)
            sides += value * masks[:, i]
            room += masks[:, i]
            places[2, c, b] += value == 0
            map_sum[c, i] += value
            if value > high:
                high, places[3, c, b] = value, i
            if value < low:
                low, lowest_at = value, i
        counts[0, c, b] = count
        means[c, b] = _mean(total, count)
        spread = 0.0
        for i in range(values.shape[2]):
            if math.isfinite(values[b, c, i]):
                spread += (values[b, c, i] - means[c, b]) ** 2
        spreads[c, b] = spread
        for side in range(4):
            halves[side, c, b] = _mean(sides[side], room[side])
        extremes[0, c, b], extremes[1, c, b] = low, high
        if signed:
            magnitudes[c, b], places[4, c, b] = magnitude, lowest_at


@typing.no_type_check
@njit(nogil=True, cache=True)
def count_units(first, last, bits, positions, order, fine, units, images):
    """Counts of the values at the given positions of every plane, three ways at once.

    `bits` (B, C, L) uint32; `positions` (P,) uint32, unsigned so that no index needs a check of its sign;
    `order` (2^17,) uint16 leads from the top 17 bits to a coarse bin. `fine` (2^17,) counts the top 17 bits
    themselves, `units` (C, coarse) and `images` (B, coarse) the coarse bins, as int32.
    """
    for start in range(first, last, _TOGETHER):
        for b in range(bits.shape[0]):
            for c in range(start, min(start + _TOGETHER, last)):
                for i in range(positions.shape[0]):
                    pattern = bits[b, c, positions[i]] >> np.uint32(15)
                    bin_index = order[pattern]
                    fine[pattern] += np.int32(1)
                    units[c, bin_index] += np.int32(1)
                    images[b, bin_index] += np.int32(1)
