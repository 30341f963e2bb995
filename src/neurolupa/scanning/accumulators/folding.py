"""Compiled folds of one block's (C, B) statistics, unit by unit, images in order."""

import math
import typing

import numpy as np
from numba import njit


@typing.no_type_check
@njit(nogil=True, cache=True)
def fold_halves(first, last, halves, means, squares, products, dominance, counted):
    """Sums over the images of half means, their squares and products, and which half is the greater.

    `halves` (4, C, B) float64 means of left, right, top, bottom, NaN where there is no half. `means`,
    `squares` (4, C) and `products` (2, C) float64, `dominance` (4, C) and `counted` (2, C) int64 are written.
    """
    for c in range(first, last):
        for axis in range(2):
            one = two = one_one = two_two = one_two = 0.0
            one_wins = two_wins = images = 0
            for b in range(halves.shape[2]):
                p, q = halves[2 * axis, c, b], halves[2 * axis + 1, c, b]
                if math.isnan(p) or math.isnan(q):
                    continue
                one += p
                two += q
                one_one += p * p
                two_two += q * q
                one_two += p * q
                one_wins += p > q
                two_wins += q > p
                images += 1
            means[2 * axis, c], means[2 * axis + 1, c] = one, two
            squares[2 * axis, c], squares[2 * axis + 1, c] = one_one, two_two
            products[axis, c] = one_two
            dominance[2 * axis, c], dominance[2 * axis + 1, c] = one_wins, two_wins
            counted[axis, c] = images


@typing.no_type_check
@njit(nogil=True, cache=True)
def fold_classes(first, last, means, groups, images, total, square, lowest, highest):
    """Sums and extremes of the images' means by group.

    `means` (C, B) float64, NaN where nothing is finite; `groups` (B,) int64, negative for images of no group.
    `images` (C, G) int64, `total`, `square` (C, G) float64, `lowest`, `highest` (C, G) float32 are added to.
    """
    for c in range(first, last):
        for b in range(means.shape[1]):
            group, mean = groups[b], means[c, b]
            if group < 0 or math.isnan(mean):
                continue
            images[c, group] += 1
            total[c, group] += mean
            square[c, group] += mean * mean
            lowest[c, group] = min(lowest[c, group], np.float32(mean))
            highest[c, group] = max(highest[c, group], np.float32(mean))


@typing.no_type_check
@njit(nogil=True, cache=True)
def keep_best(first, last, values, places, keys, images, best, best_keys, best_images, best_places):
    """Inserts candidates into rankings: greater values first, then smaller keys, then smaller images.

    `values` (C, B) float32 (an infinite one is no candidate), `places` (C, B) int32, `keys` (C, B) uint64 and
    `images` (C, B) int64 are the candidates; `best`, `best_keys`, `best_images`, `best_places` (C, K) are the
    rankings, -inf where empty.
    """
    kept = best.shape[1]
    for c in range(first, last):
        for b in range(values.shape[1]):
            value = values[c, b]
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
