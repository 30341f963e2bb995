"""The outlines of the shapes: closed polygons of equal area about their centre of mass."""

from functools import cache

import numpy as np

from neurolupa.errors import unknown

_CORNERS_OF_A_CIRCLE = 360
_STAR_WAIST = 0.45
_RING_HOLE = 0.55
_ARM = 1.0 / 3.0
_BITE, _BITE_AT = 0.8, 0.45


@cache
def outline(shape: str) -> np.ndarray:
    """Edges (E, 4), from x0, y0 to x1, y1, y pointing down; area pi, so that the circle has radius 1.

    The centre of mass is the origin. Holes run the other way round. Curves are polygons, scaled to the exact
    area: at radius r they leave the true curve by at most r (pi / 360)^2 / 2, which is 0.001 pixel at r = 25.

    >>> outline("square").shape
    (4, 4)
    """
    if shape not in _LOOPS:
        raise unknown("shape", shape, _LOOPS)
    edges = np.concatenate([np.hstack([loop, np.roll(loop, -1, axis=0)]) for loop in _LOOPS[shape]()])
    area, x, y = _moments(edges)
    found = (edges - [x, y, x, y]) * np.sqrt(np.pi / abs(area))
    found.flags.writeable = False
    return found


def _moments(edges: np.ndarray) -> tuple[float, float, float]:
    """Signed area and centre of mass, by Green's theorem."""
    x0, y0, x1, y1 = edges.T
    cross = x0 * y1 - x1 * y0
    area = cross.sum() / 2
    return area, ((x0 + x1) * cross).sum() / (6 * area), ((y0 + y1) * cross).sum() / (6 * area)


def _regular(corners: int, radius: float | np.ndarray = 1.0, first: float = -90.0) -> np.ndarray:
    """Corners (corners, 2) on a circle, the first at the top."""
    turn = np.radians(first) + 2 * np.pi * np.arange(corners) / corners
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def _cross() -> np.ndarray:
    quarter = np.array([[_ARM, -_ARM], [1.0, -_ARM], [1.0, _ARM]])
    turns = [np.array([[c, -s], [s, c]]) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    return np.concatenate([quarter @ turn.T for turn in turns])


def _crescent() -> np.ndarray:
    """A unit disc without the part that a smaller disc to its right covers."""
    x = (1 - _BITE**2 + _BITE_AT**2) / (2 * _BITE_AT)
    outer, inner = np.arccos(x), np.arctan2(np.sqrt(1 - x**2), x - _BITE_AT)
    away = np.linspace(outer, 2 * np.pi - outer, _CORNERS_OF_A_CIRCLE)
    back = np.linspace(2 * np.pi - inner, inner, _CORNERS_OF_A_CIRCLE)[1:-1]
    bite = np.stack([_BITE_AT + _BITE * np.cos(back), _BITE * np.sin(back)], axis=1)
    return np.concatenate([np.stack([np.cos(away), np.sin(away)], axis=1), bite])


def _circle() -> np.ndarray:
    return _regular(_CORNERS_OF_A_CIRCLE)


_LOOPS = {
    "circle": lambda: [_circle()],
    "square": lambda: [_regular(4, first=-45.0)],
    "triangle": lambda: [_regular(3)],
    "star": lambda: [_regular(10, np.tile([1.0, _STAR_WAIST], 5))],
    "cross": lambda: [_cross()],
    "ring": lambda: [_circle(), _RING_HOLE * _circle()[::-1]],
    "hexagon": lambda: [_regular(6)],
    "crescent": lambda: [_crescent()],
}
