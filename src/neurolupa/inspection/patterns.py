"""A unit's colour pattern on a picture: which change of the pixels would raise it most at its peak."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from neurolupa.capture import Place, input_gradients
from neurolupa.errors import UsageError
from neurolupa.inspection.again import input_of
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.models import Model


@dataclass(frozen=True, eq=False)
class ColourPattern:
    """The gradient of a unit's highest value with respect to the picture.

    Attributes:
        unit: Its number.
        row: Of the peak on the map.
        column: Of the peak on the map.
        value: At the peak.
        gradient: (channels, H, W) of the picture that the network saw: how much the value rises for one full
            step of a colour (0 to 1), to first order.
        box: What the peak sees, (x0, y0, x1, y1) in pixels of that picture; None where unknown.
        code: "no_gradient" where no small change of the picture moves the value (a silent unit, say).
    """

    unit: int
    row: int
    column: int
    value: float
    gradient: np.ndarray = field(repr=False)
    box: tuple[int, int, int, int] | None
    code: str | None = None

    @property
    def window(self) -> np.ndarray:
        """The gradient inside the box, the whole of it where the box is unknown."""
        if self.box is None:
            return self.gradient
        x0, y0, x1, y1 = self.box
        return self.gradient[:, y0:y1, x0:x1]

    def to_frame(self) -> pd.DataFrame:
        """One row for each colour: its share of the gradient's squared length, and its sum."""
        squares = np.square(self.gradient, dtype=np.float64).sum(axis=(1, 2))
        total = squares.sum()
        share = squares / total if total else squares
        names = ("red", "green", "blue") if len(squares) == 3 else ("grey",)
        sums = self.gradient.sum(axis=(1, 2), dtype=np.float64)
        return pd.DataFrame({"unit": self.unit, "colour": names, "share": share, "sum": sums})


def colour_patterns(model: Model, analysis: ImageAnalysis, units: Sequence[int]) -> tuple[ColourPattern, ...]:
    """The colour patterns of some units of an analysis, each at the unit's peak on this picture.

    A gradient holds for this picture and this position: another picture gives another pattern. See Simonyan,
    Vedaldi and Zisserman (2014), Deep inside convolutional networks, arXiv:1312.6034.

    Raises:
        UsageError: No such unit, or the analysis is of another network.
        DataError: The network cuts the gradient off.

    >>> from PIL import Image
    >>> from torch import nn
    >>> from neurolupa.inspection import inspect
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 2, 3)), input_size=8)
    >>> [pattern] = colour_patterns(model, inspect(model, Image.new("RGB", (8, 8)), "0"), [1])
    >>> pattern.gradient.shape, pattern.window.shape
    ((3, 8, 8), (3, 3, 3))
    """
    places = [Place(int(unit), *analysis.peak(unit)) for unit in units]
    if not all(np.isfinite(_value(analysis, place)) for place in places):
        raise UsageError("a unit without a finite value has no pattern")
    slopes = input_gradients(model, input_of(model, analysis), analysis.site, places, analysis.maps)
    steps = np.asarray(model.preprocessing.std, np.float32)[:, None, None]
    gradients = slopes.to("cpu").float().numpy() / steps
    return tuple(
        ColourPattern(
            **vars(place),
            value=_value(analysis, place),
            gradient=gradient,
            box=analysis.field_of(place.row, place.column),
            code=None if gradient.any() else "no_gradient",
        )
        for place, gradient in zip(places, gradients, strict=True)
    )


def _value(analysis: ImageAnalysis, place: Place) -> float:
    return float(analysis.maps[place.unit, place.row, place.column])
