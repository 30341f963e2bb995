"""Compiled folds of one block's (C, B) statistics, unit by unit, images in order."""

import math
import typing

import numpy as np
from numba import njit


@typing.no_type_check
@njit(nogil=True, cache=True)
def fold_units(
    first, last, finite, means, spreads, places, extremes, counted, centres, spread, zeros, low, high
):
    """Over the images, every unit's count, mean, spread, zeros and extremes.

    `finite` (C, B) int64, `means`, `spreads` (C, B) float64, `places` (5, C, B) int32 and `extremes`
    (2, C, B) float32 are a measurement's. Written are `counted`, `zeros` (C,) int64, `centres`, `spread` (C,)
    float64, `low`, `high` (C,) float32.
    """
    for c in range(first, last):
        total, count, nought = 0.0, 0, 0
        least, most = np.float32(np.inf), np.float32(-np.inf)
        for b in range(means.shape[1]):
            nought += places[2, c, b]
            least = min(least, extremes[0, c, b])
            most = max(most, extremes[1, c, b])
            if finite[c, b] > 0:
                count += finite[c, b]
                total += finite[c, b] * means[c, b]
        centre, squares = (total / count if count > 0 else 0.0), 0.0
        for b in range(means.shape[1]):
            if finite[c, b] > 0:
                difference = means[c, b] - centre
                squares += spreads[c, b] + finite[c, b] * difference * difference
        counted[c], zeros[c], centres[c], spread[c] = count, nought, centre, squares
        low[c], high[c] = least, most


@typing.no_type_check
@njit(nogil=True, cache=True)
def fold_halves(first, last, halves, counted, dominance, means, spreads, products):
    """Over the images, the means of the half means, how they vary together, and which half is the greater.

    `halves` (4, C, B) float64 means of left, right, top, bottom, NaN where there is no half. Written are
    `counted` (2, C) and `dominance` (4, C) int64, `means`, `spreads` (4, C) and `products` (2, C) float64.
    """
    for c in range(first, last):
        for axis in range(2):
            one = two = 0.0
            one_wins = two_wins = images = 0
            for b in range(halves.shape[2]):
                p, q = halves[2 * axis, c, b], halves[2 * axis + 1, c, b]
                if math.isnan(p) or math.isnan(q):
                    continue
                one += p
                two += q
                one_wins += p > q
                two_wins += q > p
                images += 1
            counted[axis, c] = images
            dominance[2 * axis, c], dominance[2 * axis + 1, c] = one_wins, two_wins
            if images == 0:
                continue
            one /= images
            two /= images
            means[2 * axis, c], means[2 * axis + 1, c] = one, two
            for b in range(halves.shape[2]):
                p, q = halves[2 * axis, c, b] - one, halves[2 * axis + 1, c, b] - two
                if not (math.isnan(p) or math.isnan(q)):
                    spreads[2 * axis, c] += p * p
                    spreads[2 * axis + 1, c] += q * q
                    products[axis, c] += p * q


@typing.no_type_check
@njit(nogil=True, cache=True)
def fold_groups(first, last, means, order, starts, images, mean, spread, lowest, highest):
    """Counts, means, spreads and extremes of the images' means by group.

    `means` (C, B) float64, NaN where nothing is finite; `order` (B,) int64 sorts the images by group, and
    `starts` (G + 1,) int64 says where each group begins in it. `images` (G, C) int64, `mean`, `spread` (G, C)
    float64, `lowest`, `highest` (G, C) float32 are written.
    """
    for c in range(first, last):
        for group in range(len(starts) - 1):
            total, count, low, high = 0.0, 0, np.inf, -np.inf
            for place in range(starts[group], starts[group + 1]):
                value = means[c, order[place]]
                if not math.isnan(value):
                    total += value
                    count += 1
                    low = min(low, value)
                    high = max(high, value)
            if count == 0:
                continue
            centre, squares = total / count, 0.0
            for place in range(starts[group], starts[group + 1]):
                difference = means[c, order[place]] - centre
                if not math.isnan(difference):
                    squares += difference * difference
            images[group, c], mean[group, c], spread[group, c] = count, centre, squares
            lowest[group, c], highest[group, c] = low, high


@typing.no_type_check
@njit(nogil=True, cache=True)
def count_fewest(first, last, values, fewest, ties):
    """The smallest finite value of every unit, in `fewest` (C,), and how many images share it, in `ties`."""
    for c in range(first, last):
        low, count = np.float32(np.inf), 0
        for b in range(values.shape[1]):
            value = values[c, b]
            if math.isfinite(value):
                if value < low:
                    low, count = value, 1
                elif value == low:
                    count += 1
        fewest[c], ties[c] = low, count


@typing.no_type_check
@njit(nogil=True, cache=True)
def keep_best(
    first, last, sign, values, places, keys, images, best, best_keys, best_images, best_places
):  # fmt: skip
    """Inserts candidates into rankings: greater values first, then smaller keys, then smaller images.

    `values` (C, B) float32 count `sign` times, and an infinite one is no candidate; `places` (C, B) int32,
    `keys` (C, B) uint64 and `images` (C, B) int64 go with them. `best`, `best_keys`, `best_images`,
    `best_places` (C, K) are the rankings, -inf where empty.
    """
    kept = best.shape[1]
    for c in range(first, last):
        for b in range(values.shape[1]):
            value = sign * values[c, b]
            if value < best[c, kept - 1] or not math.isfinite(value):
                continue
            key, image = keys[c, b], images[c, b]
            rank = kept
            while rank > 0:
                other = best[c, rank - 1]
                if value < other:
                    break
                if value == other:
                    other_key = best_keys[c, rank - 1]
                    if key > other_key or (key == other_key and image > best_images[c, rank - 1]):
                        break
                rank -= 1
            for place in range(kept - 1, rank, -1):
                best[c, place] = best[c, place - 1]
                best_keys[c, place] = best_keys[c, place - 1]
                best_images[c, place] = best_images[c, place - 1]
                best_places[c, place] = best_places[c, place - 1]
            if rank < kept:
                best[c, rank], best_keys[c, rank] = value, key
                best_images[c, rank], best_places[c, rank] = image, places[c, b]
