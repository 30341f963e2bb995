"""The filter behind one unit as a value: its kernel, its bias, and what the norm behind it makes of both."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

NEVER = 3.0
"""Standard deviations below zero at which a norm's shift puts all but 0.13 % of normal values below zero."""

VANISHED = 0.01
"""A kernel no longer than this share of its layer's median is hardly there."""


class FilterCode(StrEnum):
    """What in a filter explains that its unit is never above zero.

    LIVE, the unit is not dead; VANISHED_KERNEL, kernel times scale is at most 1 % of the median
    of the layer's live units, as weight decay leaves the kernels of units that get no gradient;
    NO_POSITIVE_WEIGHT, no weight is above zero after the scale, nor is the shift: no input without negative
    values can drive it; NEGATIVE_SHIFT, the shift puts the unit below zero unless its input is far above the
    usual: three standard deviations where a norm makes them known, or lower than that of every live unit;
    UNEXPLAINED, nothing in the filter: the pictures do not hold what it looks for, or it never finds it.
    """

    LIVE = "LIVE"
    VANISHED_KERNEL = "VANISHED_KERNEL"
    NO_POSITIVE_WEIGHT = "NO_POSITIVE_WEIGHT"
    NEGATIVE_SHIFT = "NEGATIVE_SHIFT"
    UNEXPLAINED = "UNEXPLAINED"


@dataclass(frozen=True)
class Norm:
    r"""What the norm behind a layer does to one unit.

    With running statistics (batch norm in eval mode) it is $y = s x + t$ with
    $s = \gamma / \sqrt{\sigma^2 + \varepsilon}$ and $t = \beta - s \mu$: S. Ioffe and C. Szegedy, *Batch
    Normalization*, ICML 2015. Others (layer, group, instance norm) divide by what the picture holds: `scale`
    and `shift` are None.

    Attributes:
        layer: its name.
        gamma: the learnt scale; 1 where it has none.
        beta: the learnt shift; 0 where it has none.
        mean: the running mean; None without.
        variance: the running variance; None without.
        scale: s.
        shift: t.
    """

    layer: str
    gamma: float
    beta: float
    mean: float | None
    variance: float | None
    scale: float | None
    shift: float | None


@dataclass(frozen=True, eq=False)
class Filter:
    """The kernel that leads to one unit, and the norm behind it.

    Attributes:
        unit: its number.
        layer: the convolution or linear layer.
        weights: (input channels that it reads, kernel height, kernel width).
        channels: their numbers.
        bias: of the layer; None where it adds none.
        norm: behind it; None where there is none.
    """

    unit: int
    layer: str
    weights: np.ndarray = field(repr=False)
    channels: range
    bias: float | None
    norm: Norm | None

    @property
    def length(self) -> float:
        """L2 norm of the kernel."""
        return float(np.sqrt((self.weights.astype(np.float64) ** 2).sum()))

    @property
    def lengths(self) -> np.ndarray:
        """L2 norm of the kernel upon each input channel that it reads."""
        return np.sqrt((self.weights.astype(np.float64) ** 2).sum(axis=(1, 2)))

    @property
    def scale(self) -> float:
        """What the kernel is multiplied by: the folded norm's scale, else its gamma, 1 without a norm."""
        if self.norm is None:
            return 1.0
        return self.norm.gamma if self.norm.scale is None else self.norm.scale

    @property
    def folded_length(self) -> float:
        """L2 norm of the kernel times `scale`."""
        return abs(self.scale) * self.length

    @property
    def folded_shift(self) -> float:
        """The value before the non-linearity where the input is zero; beta behind a norm without `shift`."""
        bias = self.bias or 0.0
        if self.norm is None:
            return bias
        return self.norm.beta if self.norm.shift is None else self.norm.scale * bias + self.norm.shift  # type: ignore[operator]

    @property
    def positive_share(self) -> float:
        """The part of all weight, in magnitude, that is above zero after the scale; NaN for a zero kernel."""
        weights = np.sign(self.scale) * self.weights.astype(np.float64)
        total = np.abs(weights).sum()
        return float(weights.clip(0).sum() / total) if total > 0 else np.nan

    @property
    def height(self) -> float:
        r"""How high the unit's values lie, in standard deviations: $\beta / |\gamma|$ behind a norm.

        A norm gives the values of its training set the mean beta and the deviation gamma. Without a norm it
        is bias over `length`. Infinite where the divisor is zero; 0 where both are.
        """
        above, below = (self.bias or 0.0, self.length)
        if self.norm is not None:
            above, below = self.norm.beta, abs(self.norm.gamma)
        if below > 0:
            return float(above / below)
        return float(np.sign(above) * np.inf) if above else 0.0

    def to_frame(self) -> "pd.DataFrame":
        """One row for each input channel that it reads: channel, length, share of the kernel's square."""
        import pandas as pd

        squares = self.lengths**2
        share = squares / squares.sum() if squares.any() else squares
        return pd.DataFrame({"channel": list(self.channels), "length": self.lengths, "share": share})


def reason(dead: Filter, live: list[Filter]) -> FilterCode:
    """What in a dead unit's filter explains that it is dead, beside the filters of the layer's live units.

    >>> def one(weight, bias):
    ...     return Filter(0, "conv", np.full((1, 1, 1), weight), range(1), bias, None)
    >>> others = [one(1.0, 0.1), one(2.0, -0.1)]
    >>> [reason(one(*case), others).value for case in ((0.0, -1.0), (-1.0, 0.0), (1.0, -2.0), (1.0, 0.0))]
    ['VANISHED_KERNEL', 'NO_POSITIVE_WEIGHT', 'NEGATIVE_SHIFT', 'UNEXPLAINED']
    """
    lengths = [each.folded_length for each in live]
    if dead.folded_length <= VANISHED * (float(np.median(lengths)) if lengths else 1.0):
        return FilterCode.VANISHED_KERNEL
    if dead.positive_share == 0 and dead.folded_shift <= 0:
        return FilterCode.NO_POSITIVE_WEIGHT
    lowest = min((each.height for each in live), default=-np.inf)
    far = dead.norm is not None and dead.height <= -NEVER
    if dead.height < 0 and (far or dead.height < lowest):
        return FilterCode.NEGATIVE_SHIFT
    return FilterCode.UNEXPLAINED
