"""Compiled loops over the pixels of one stimulus.

Pixel (row, column) covers [column, column + 1) x [row, row + 1). Loops average over the area of a pixel
instead of sampling its middle, so that a picture at 32 pixels is the same scene as at 128.
"""

import math
import typing

import numpy as np
from numba import njit

STRIPES, CHECKS, DOTS = range(3)
_THIN = 1e-4
_NOTHING = 1e-9
_HALF_WIDTH = 1.0 / math.sqrt(2.0 * math.pi)


@typing.no_type_check
@njit(nogil=True, cache=True)
def _add_edge(cells, x0, y0, x1, y1):
    """Follows an edge from cell to cell: its rise in each, split by the area to the right of it."""
    dx, dy = x1 - x0, y1 - y0
    column = math.floor(x0) if dx >= 0.0 else math.ceil(x0) - 1
    row = math.floor(y0) if dy >= 0.0 else math.ceil(y0) - 1
    start = 0.0
    while start < 1.0:
        side = (column + (dx > 0.0) - x0) / dx if dx != 0.0 else 2.0
        level = (row + (dy > 0.0) - y0) / dy if dy != 0.0 else 2.0
        end = min(side, level, 1.0)
        rise = (end - start) * dy
        left = x0 + dx * (start + end) / 2.0 - column
        cells[row, column] += rise * (1.0 - left)
        cells[row, column + 1] += rise * left
        if end == side:
            column += 1 if dx > 0.0 else -1
        if end == level:
            row += 1 if dy > 0.0 else -1
        start = end


@typing.no_type_check
@njit(nogil=True, cache=True)
def cover(coverage, edges, scale, x, y):
    """Fills `coverage` (H, W) float32 with the share of each pixel inside of the polygon `edges` (E, 4).

    The polygon is scaled and moved to (x, y), all in pixels, and must lie inside of the picture. The share is
    exact: by Green's theorem the area to the right of every edge, summed along the row.
    """
    height, width = coverage.shape
    cells = np.zeros((height, width + 1))
    for e in range(len(edges)):
        _add_edge(
            cells,
            x + scale * edges[e, 0], y + scale * edges[e, 1],
            x + scale * edges[e, 2], y + scale * edges[e, 3],
        )  # fmt: skip
    for r in range(height):
        total = 0.0
        for c in range(width):
            total += cells[r, c]
            coverage[r, c] = min(abs(total), 1.0) if abs(total) > _NOTHING else 0.0


@typing.no_type_check
@njit(nogil=True, cache=True, inline="always")
def _second_integral(p):
    """A periodic function whose second derivative is the square wave of period 1, +1 then -1."""
    p -= math.floor(p)
    r = p if p < 0.5 else p - 0.5
    bow = r * (0.5 - r) / 2.0
    return -bow if p < 0.5 else bow


@typing.no_type_check
@njit(nogil=True, cache=True, inline="always")
def _square_wave(p, a, b):
    """The square wave at p, averaged over a pixel whose sides span `a` and `b` periods: exact."""
    a, b = max(a, _THIN), max(b, _THIN)
    far, near = (a + b) / 2.0, (a - b) / 2.0
    outer = _second_integral(p + far) + _second_integral(p - far)
    return (outer - _second_integral(p + near) - _second_integral(p - near)) / (a * b)


@typing.no_type_check
@njit(nogil=True, cache=True, inline="always")
def _dot(p, q, pixel):
    """1 inside of the ellipse about the middle of the cell, 0 outside; `pixel` in periods."""
    line = math.floor(p)
    p -= line + 0.5
    q += 0.5 * (line % 2)
    q = 2.0 * (q - math.floor(q) - 0.5)
    u, v = p / _HALF_WIDTH, q / (2.0 * _HALF_WIDTH)
    radius = max(math.sqrt(u * u + v * v), 1e-9)
    slope = math.sqrt(u * u + v * v / 4.0) / (radius * _HALF_WIDTH)
    return min(max(0.5 + (1.0 - radius) / (slope * pixel), 0.0), 1.0)


@typing.no_type_check
@njit(nogil=True, cache=True)
def weave(field, coverage, kind, x, y, angle, pixel, across, along):
    """Fills `field` (H, W) float32 with a texture in 0..1 wherever `coverage` is above 0.

    The bars run at `angle` (radians, counter-clockwise from the horizontal) through (x, y) in pixels; `pixel`
    is the side of a pixel in periods across the bars; along them a period is twice as long. `across` and
    `along` are phases in periods.
    """
    cos, sin = math.cos(angle), math.sin(angle)
    a, b = pixel * abs(sin), pixel * abs(cos)
    for r in range(field.shape[0]):
        for c in range(field.shape[1]):
            if coverage[r, c] == 0.0:
                continue
            right, down = c + 0.5 - x, r + 0.5 - y
            p = pixel * (right * sin + down * cos) + across
            q = 0.5 * pixel * (right * cos - down * sin) + along
            if kind == STRIPES:
                field[r, c] = 0.5 + 0.5 * _square_wave(p, a, b)
            elif kind == CHECKS:
                field[r, c] = 0.5 + 0.5 * _square_wave(p, a, b) * _square_wave(q, 0.5 * b, 0.5 * a)
            else:
                field[r, c] = _dot(p, q, pixel)


@typing.no_type_check
@njit(nogil=True, cache=True)
def blend(picture, ground, coverage, field, ink, dark):
    """Fills `picture` (H, W, 3) uint8: `ink` (3,), from `dark` to full strength by `field`, over `ground`."""
    for r in range(picture.shape[0]):
        for c in range(picture.shape[1]):
            if coverage[r, c] == 0.0:
                grey = np.uint8(min(max(ground[r, c], np.float32(0.0)), np.float32(255.0)) + np.float32(0.5))
                picture[r, c, 0] = picture[r, c, 1] = picture[r, c, 2] = grey
                continue
            strength = dark + (np.float32(1.0) - dark) * field[r, c]
            for k in range(3):
                value = ground[r, c] + coverage[r, c] * (strength * ink[k] - ground[r, c])
                picture[r, c, k] = np.uint8(
                    min(max(value, np.float32(0.0)), np.float32(255.0)) + np.float32(0.5)
                )
