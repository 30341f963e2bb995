"""What pictures look like: colours, texture, edges and gradient, summed picture by picture."""

import math
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from neurolupa.units.appearance.codes import ALPHA, Complexity, Floats, TextureType
from neurolupa.units.appearance.features import COLOURS, SHAPES
from neurolupa.units.appearance.result import Channel, Intensity

_LEVELS: dict[str, Callable[[float], StrEnum]] = {"texture": TextureType.of, "edges": Complexity.of}
_VALUES = np.arange(256) / 255


class Looks:
    """Counts of the 256 values of each colour, and sums of the other features, over pictures of one size."""

    def __init__(self) -> None:
        self._counts = np.zeros((len(COLOURS), 256), np.int64)
        self._means: list[Floats] = []
        self._squares: list[Floats] = []
        self._highest = np.zeros(len(SHAPES))

    def add(self, pixels: NDArray[np.uint8], features: Floats) -> None:
        """One picture: its pixels (H, W, 3) and its feature maps (6, H, W)."""
        for channel in range(len(COLOURS)):
            self._counts[channel] += np.bincount(pixels[..., channel].ravel(), minlength=256)
        shapes = features[: len(SHAPES)]
        self._means.append(shapes.mean((1, 2)))
        self._squares.append((shapes * shapes).mean((1, 2)))
        self._highest = np.maximum(self._highest, shapes.max((1, 2)))

    def channels(self) -> tuple[Channel, ...]:
        """Red, green and blue over all pixels."""
        return tuple(_channel(name, counts) for name, counts in zip(COLOURS, self._counts, strict=True))

    def intensity(self, name: str) -> Intensity:
        """Edges, texture or gradient over all pictures."""
        place = SHAPES.index(name)
        means = np.stack(self._means)[:, place]
        squares = float(np.stack(self._squares)[:, place].mean())
        mean, level = float(means.mean()), _LEVELS.get(name)
        low, high = _interval(means)
        return Intensity(
            name=name,
            mean=mean,
            low=low,
            high=high,
            std=math.sqrt(max(squares - mean * mean, 0.0)),
            mean_square=squares,
            highest=float(self._highest[place]),
            level=None if level is None else level(mean).value,
            pictures={} if level is None else dict(Counter(level(float(each)).value for each in means)),
        )


def dominant_channel(channels: tuple[Channel, ...]) -> str:
    """The channel with the highest mean; "none" where two share it.

    >>> low, high = (_channel("red", np.bincount([value], minlength=256)) for value in (3, 9))
    >>> dominant_channel((low, high, low)), dominant_channel((high, high, low))
    ('red', 'none')
    """
    ranked = sorted(channels, key=lambda each: -each.mean)
    return ranked[0].name if ranked[0].mean - ranked[1].mean > 1e-12 else "none"


def _channel(name: str, counts: NDArray[np.int64]) -> Channel:
    filled, cumulated = np.flatnonzero(counts), np.cumsum(counts)
    total = int(cumulated[-1])
    mean = float(counts @ _VALUES) / total
    middle = [int(np.searchsorted(cumulated, rank, side="right")) for rank in ((total - 1) // 2, total // 2)]
    return Channel(
        name=name,
        mean=mean,
        std=math.sqrt(float(counts @ (_VALUES - mean) ** 2) / total),
        median=float(_VALUES[middle].mean()),
        low=float(_VALUES[filled[0]]),
        high=float(_VALUES[filled[-1]]),
    )


def _interval(means: Floats) -> tuple[float, float]:
    """95 % of a mean over pictures (Student's t), NaN for one."""
    if len(means) < 2:
        return math.nan, math.nan
    half = float(stdtrit(len(means) - 1, 1 - ALPHA / 2) * means.std(ddof=1) / math.sqrt(len(means)))
    return float(means.mean()) - half, float(means.mean()) + half
