"""Synthetic pictures as a gallery shows them: each with its numbers, in the order that is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

from neurolupa.app.gallery_work import Natural
from neurolupa.figures.synthesis_words import drives_mean, natural_ratio
from neurolupa.synthesis import Synthesis

Preferences = Mapping[int, tuple[str, float]]


@dataclass(frozen=True)
class Row:
    """One picture of a synthesis.

    Attributes:
        index: Its place in the synthesis.
        unit: What it drives; -1 for what is no unit of one site.
        state: One of `synthesis.result.STATES`.
        activation: That was reached.
        ratio: To the best natural picture; NaN where that is unknown.
        stability: Likeness of the copies; NaN where there is one only.
        preferred: The class that the unit prefers on natural pictures; None where that is unknown.
        selectivity: The index of that; NaN likewise.
    """

    index: int
    unit: int
    state: str
    activation: float
    ratio: float
    stability: float
    preferred: str | None
    selectivity: float


def rows_of(made: Synthesis, natural: Natural | None, preferred: Preferences) -> list[Row]:
    """A row for each picture, in the order in which they were asked for."""
    return [_row(made, index, natural, preferred) for index in range(len(made))]


def ordered(rows: list[Row], order: str) -> list[Row]:
    """The rows in one of `ORDERS`: unit and class from the first on, numbers from the highest; unknown last.

    >>> high, low, none = (Row(0, 0, "GOOD", each, each, nan, None, nan) for each in (2.0, 1.0, nan))
    >>> [row.ratio for row in ordered([none, low, high], "ratio")]
    [2.0, 1.0, nan]
    """
    return sorted(rows, key=lambda row: (*_KEYS[order](row), row.unit, row.index))


def _row(made: Synthesis, index: int, natural: Natural | None, preferred: Preferences) -> Row:
    unit, quality = made.units[index], made.quality[index]
    name, selectivity = preferred.get(unit, (None, nan))
    return Row(
        index, unit, made.states[index], float(made.activations[index]), _ratio(made, index, natural),
        quality.stability, name, selectivity,
    )  # fmt: skip


def _ratio(made: Synthesis, index: int, natural: Natural | None) -> float:
    """As it was measured; where no atlas was there then, by the one that is open now."""
    known, unit = natural_ratio(made, index), made.units[index]
    if isfinite(known) or natural is None or unit < 0 or not drives_mean(made, index):
        return known
    reached, best = made.quality[index].mean, float(natural.best[unit])
    return reached / best if reached > 0 and 0 < best < inf else nan


def _highest(value: float) -> tuple[bool, float]:
    return not isfinite(value), -value if isfinite(value) else 0.0


_KEYS: dict[str, Callable[[Row], tuple[Any, ...]]] = {
    "unit": lambda row: (row.unit < 0,),
    "activation": lambda row: _highest(row.activation),
    "ratio": lambda row: _highest(row.ratio),
    "stability": lambda row: _highest(row.stability),
    "class": lambda row: (row.preferred is None, row.preferred or "", *_highest(row.selectivity)),
}
