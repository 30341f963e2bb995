"""Which units of a site to look at first: pure functions over the table of units."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from neurolupa.errors import UsageError, unknown

NO_SPARSITY_NEEDED = ("mean", "max", "std", "mixed", "interesting")
"""The criteria that do not need exact zeros."""


@dataclass(frozen=True)
class RankingNote:
    """Why a ranking holds fewer units than were asked for.

    Attributes:
        code: "nothing_passes" or "fewer_pass" (the filter left none, or fewer than asked for), or
            "no_sparsity" (the values at this point have no exact zeros to count), or "others_silent" (every
            unit that fires is there, and they are fewer than asked for).
        nearest: By setting, the nearest values that keep as many units as were asked for.
        choices: The criteria to choose instead.
    """

    code: str
    nearest: Mapping[str, float] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Ranking:
    """Units in the order in which to look at them.

    Attributes:
        units: The best first.
        scores: (C,) one for each unit of the site; NaN where it was filtered out. For `mixed`, what each
            chosen unit was chosen by: its mean in the first half, its max in the second.
        by: The criterion.
        settings: The settings that it used.
        note: Why there are fewer units than asked for; None where all is well.
    """

    units: tuple[int, ...]
    scores: np.ndarray
    by: str
    settings: Mapping[str, Any]
    note: RankingNote | None = None

    def __len__(self) -> int:
        return len(self.units)

    def to_frame(self) -> pd.DataFrame:
        """One row for each ranked unit: rank (from 1), unit, score."""
        places = list(self.units)
        return pd.DataFrame({"rank": range(1, len(places) + 1), "unit": places, "score": self.scores[places]})


@dataclass(frozen=True)
class _Asked:
    k: int
    min_sparsity: float
    weight: float
    mean_above: float
    max_above: float
    units: tuple[int, ...]


def rank_units(
    table: pd.DataFrame,
    by: str = "balanced",
    k: int = 6,
    *,
    min_sparsity: float = 0.15,
    weight: float = 0.5,
    mean_above: float = 0.3,
    max_above: float = 2.0,
    units: Sequence[int] = (),
) -> Ranking:
    """The `k` first units of a table with columns mean, max, std, sparsity; equal scores by number.

    Args:
        table: One row for each unit, in order.
        by: `mean`, `max`, `std`; `balanced`: weight x mean (stretched to 0..1 over the units that pass) +
            (1 - weight) x sparsity, over the units with at least `min_sparsity` that fire at all (a silent
            unit is all zeros, and no picture of it says anything); `mixed`: the first k // 2 by
            mean, then the first by max without repeats; `interesting`: by mean, the units with mean >
            `mean_above` and max > `max_above`; `manual`: `units` as they are, all of them.
        k: How many; a site with fewer units gives all.
        min_sparsity: For `balanced`.
        weight: For `balanced`.
        mean_above: For `interesting`.
        max_above: For `interesting`.
        units: For `manual`.

    Raises:
        UsageError: An unknown criterion, or a value that it cannot use.

    >>> table = pd.DataFrame({"mean": [1.0, 3.0, 2.0], "max": [9.0, 3.0, 5.0], "std": 0.0, "sparsity": 0.5})
    >>> rank_units(table, "mean", 2).units, rank_units(table, "mixed", 2).units
    ((1, 2), (1, 0))
    """
    if by not in CRITERIA:
        raise unknown("criterion", by, CRITERIA)
    asked = _Asked(k, min_sparsity, weight, mean_above, max_above, tuple(units))
    _check(asked)
    return CRITERIA[by](table, asked)


def _by_column(column: str) -> Callable[[pd.DataFrame, _Asked], Ranking]:
    def rank(table: pd.DataFrame, asked: _Asked) -> Ranking:
        scores = table[column].to_numpy(float)
        return Ranking(_first(scores, asked.k), scores, column, {"k": asked.k})

    return rank


def _balanced(table: pd.DataFrame, asked: _Asked) -> Ranking:
    mean, sparsity = (table[column].to_numpy(float) for column in ("mean", "sparsity"))
    settings = {"k": asked.k, "min_sparsity": asked.min_sparsity, "weight": asked.weight}
    if np.isnan(sparsity).all():
        advice = RankingNote("no_sparsity", choices=NO_SPARSITY_NEEDED)
        return Ranking((), np.full(len(mean), np.nan), "balanced", settings, advice)
    firing = np.isfinite(mean) & (sparsity < 1)
    passed = firing & (sparsity >= asked.min_sparsity)
    scores = np.full(len(mean), np.nan)
    scores[passed] = asked.weight * _stretched(mean[passed]) + (1 - asked.weight) * sparsity[passed]
    return Ranking(
        _first(scores, asked.k), scores, "balanced", settings, _balance_note(sparsity, firing, passed, asked)
    )


def _balance_note(
    sparsity: np.ndarray, firing: np.ndarray, passed: np.ndarray, asked: _Asked
) -> RankingNote | None:
    """No threshold lets a silent unit in: where only they are left out, there is nothing to choose."""
    most = min(asked.k, int(firing.sum()))
    if passed.sum() == firing.sum() and most < min(asked.k, len(firing)):
        return RankingNote("others_silent")
    nearest = _kth(np.where(firing, sparsity, np.nan), asked.k)
    return _note(passed, most, {"min_sparsity": _rounded_down(nearest)})


def _mixed(table: pd.DataFrame, asked: _Asked) -> Ranking:
    mean, high = (table[column].to_numpy(float) for column in ("mean", "max"))
    means = _first(mean, asked.k // 2)
    highs = tuple(unit for unit in _first(high, len(high)) if unit not in means)[: asked.k - len(means)]
    scores = np.full(len(mean), np.nan)
    scores[list(means)], scores[list(highs)] = mean[list(means)], high[list(highs)]
    return Ranking(means + highs, scores, "mixed", {"k": asked.k})


def _interesting(table: pd.DataFrame, asked: _Asked) -> Ranking:
    mean, high = (table[column].to_numpy(float) for column in ("mean", "max"))
    passed = (mean > asked.mean_above) & (high > asked.max_above)
    scores = np.where(passed, mean, np.nan)
    settings = {"k": asked.k, "mean_above": asked.mean_above, "max_above": asked.max_above}
    note = _note(passed, asked.k, _loosened(mean, high, asked))
    return Ranking(_first(scores, asked.k), scores, "interesting", settings, note)


def _manual(table: pd.DataFrame, asked: _Asked) -> Ranking:
    wrong = [unit for unit in asked.units if unit not in range(len(table))]
    if wrong:
        raise UsageError(f"no unit {wrong[0]}; units are 0 to {len(table) - 1}")
    if not asked.units:
        raise UsageError("the criterion manual needs units=, a list of unit numbers")
    chosen = tuple(dict.fromkeys(int(unit) for unit in asked.units))
    scores = np.full(len(table), np.nan)
    scores[list(chosen)] = table["mean"].to_numpy(float)[list(chosen)]
    return Ranking(chosen, scores, "manual", {"units": list(chosen)})


CRITERIA: dict[str, Callable[[pd.DataFrame, _Asked], Ranking]] = {
    "balanced": _balanced,
    "mean": _by_column("mean"),
    "max": _by_column("max"),
    "std": _by_column("std"),
    "mixed": _mixed,
    "interesting": _interesting,
    "manual": _manual,
}
"""By name; the order is that of a menu."""


def _check(asked: _Asked) -> None:
    if isinstance(asked.k, bool) or not isinstance(asked.k, int | np.integer) or asked.k < 1:
        raise UsageError(f"k is a whole number, at least 1, not {asked.k!r}")
    for name in ("min_sparsity", "weight"):
        value = getattr(asked, name)
        if not 0 <= value <= 1:
            raise UsageError(f"{name} is a share from 0 to 1, not {value!r}")
    for name in ("mean_above", "max_above"):
        value = getattr(asked, name)
        if not math.isfinite(value):
            raise UsageError(f"{name} is a finite number, not {value!r}")


def _first(scores: np.ndarray, k: int) -> tuple[int, ...]:
    """The k highest scores, NaN left out, equal ones by number."""
    order = np.argsort(-scores, kind="stable")
    return tuple(int(unit) for unit in order[: min(k, len(scores))] if not np.isnan(scores[unit]))


def _stretched(values: np.ndarray) -> np.ndarray:
    """The values moved and scaled to 0..1; zeros where all are equal."""
    if not len(values):
        return values
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _kth(values: np.ndarray, k: int) -> float:
    """The k-th highest value, or the last one where there are fewer; NaN where there is none."""
    ordered = np.sort(values[~np.isnan(values)])[::-1]
    return float(ordered[min(k, len(ordered)) - 1]) if len(ordered) else math.nan


def _note(passed: np.ndarray, k: int, nearest: Mapping[str, float]) -> RankingNote | None:
    count = int(passed.sum())
    if count >= min(k, len(passed)):
        return None
    usable = {name: value for name, value in nearest.items() if not math.isnan(value)}
    return RankingNote("fewer_pass" if count else "nothing_passes", usable)


def _rounded_down(share: float) -> float:
    """A share cut to four digits, so that what reaches the share reaches this too."""
    return math.floor(share * 10_000) / 10_000 if math.isfinite(share) else share


def _loosened(mean: np.ndarray, high: np.ndarray, asked: _Asked) -> dict[str, float]:
    """Both thresholds of `interesting` lowered alike, by a factor where that is defined, else by a step."""
    if min(asked.mean_above, asked.max_above) > 0:
        factor = _kth(np.minimum(mean / asked.mean_above, high / asked.max_above), asked.k)
        lowered = (asked.mean_above * factor, asked.max_above * factor)
    else:
        step = _kth(np.minimum(mean - asked.mean_above, high - asked.max_above), asked.k)
        lowered = (asked.mean_above + step, asked.max_above + step)
    return dict(zip(("mean_above", "max_above"), map(_just_below, lowered), strict=True))


def _just_below(value: float) -> float:
    """A number of four digits or so below the value, so that the value is above it."""
    if not math.isfinite(value):
        return value
    scale = 10.0 ** (3 - math.floor(math.log10(abs(value)))) if value else 1e6
    return (math.floor(value * scale) - 1) / scale
