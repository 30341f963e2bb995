"""Correlations pooled over pictures, each picture's map shifted by its own draw for the null."""

import math

import numpy as np
from scipy.special import stdtrit

from neurolupa.units.appearance.codes import ALPHA, LEAST_SHIFTS, CorrelationCode, Floats, Strength
from neurolupa.units.appearance.features import FEATURES
from neurolupa.units.appearance.result import Content, Correlation
from neurolupa.units.appearance.shifting import NEAREST, Shifted

_EQUAL = 1e-9
"""A shift that gives the same up to rounding is as large as the observed."""

Interval = tuple[float, float]

_NORMAL = 1.959963984540054


class Pool:
    """Sums over the pictures seen so far: what was observed, and the same under each of the null's draws.

    Of a single picture every shift is a draw; of more, each draw shifts every picture's map by a shift of its
    own, all being equally likely. Draw 0 shifts nothing: what was observed is one of the values that count.
    """

    def __init__(self, alone: bool, draws: int, seed: int) -> None:
        self._alone, self._draws, self._seed = alone, draws, seed
        self._null: Floats | None = None
        self._ways: list[float] = []
        self._layout: list[Floats] = []
        self.observed: list[Floats] = []
        self.indices: list[int] = []
        self.codes: list[tuple[CorrelationCode, ...]] = []

    def add(self, index: int, found: Shifted, layout: Floats) -> None:
        """One picture of the set, by its index there, and z (F,) of its map with other pictures' features."""
        z = found.z
        part = np.nan_to_num(z[:, self._shifts(index, z.shape[1])])
        self._null = part if self._null is None else self._null + part
        self._ways.append(math.log(z.shape[1]))
        self.observed.append(found.r[:, 0])
        self._layout.append(layout)
        self.indices.append(index)
        self.codes.append(found.codes)

    def correlations(self) -> tuple[tuple[Correlation, ...], float]:
        """All of them, the largest first, and the p-value of the largest among the largest of each draw."""
        r = np.stack(self.observed)
        counts = np.isfinite(r).sum(0)
        assert self._null is not None
        null = np.tanh(self._null / np.maximum(counts, 1)[:, None])
        layout = np.stack(self._layout)
        found = [
            self._correlation(place, r[:, place], layout[:, place], null[place])
            for place in range(len(FEATURES))
        ]
        ranked = sorted(found, key=lambda each: -abs(np.nan_to_num(each.r)))
        tested = [place for place, each in enumerate(found) if np.isfinite(each.p)]
        if not tested:
            return tuple(ranked), math.nan
        highest = np.abs(null[tested]).max(0)
        return tuple(ranked), float((highest >= highest[0] - _EQUAL).mean())

    @property
    def shifts(self) -> int:
        """How many values the null has, the observed one among them; 0 before the first picture."""
        return 0 if self._null is None else self._null.shape[1]

    def _shifts(self, index: int, count: int) -> np.ndarray:
        if self._alone:
            return np.arange(count)
        rng = np.random.default_rng([self._seed, index])
        return np.append(0, rng.integers(count, size=self._draws))

    def _correlation(self, place: int, r: Floats, layout: Floats, null: Floats) -> Correlation:
        known = r[np.isfinite(r)]
        code = self._code(place, np.isfinite(r))
        value = float(known[0]) if len(known) == 1 else float(null[0]) if len(known) else math.nan
        tested = code is CorrelationCode.OK
        sizes = np.abs(null)
        low, high = _interval(known, null) if tested or len(known) > 1 else (math.nan, math.nan)
        both = np.isfinite(r) & np.isfinite(layout)
        return Correlation(
            feature=FEATURES[place],
            r=value,
            low=low,
            high=high,
            strength=Strength.of(value),
            p=float((sizes >= sizes[0] - _EQUAL).mean()) if tested else math.nan,
            quantile=float((sizes < sizes[0] - _EQUAL).mean()) if tested else math.nan,
            null_high=float(np.quantile(sizes, 1 - ALPHA, method="inverted_cdf")) if tested else math.nan,
            shifts=len(null) if tested else 0,
            layout=float(np.tanh(layout[both].mean())) if both.any() else math.nan,
            content=_content(_z(r[both]) - layout[both]),
            images=len(known),
            code=code,
        )

    def _code(self, place: int, counted: np.ndarray) -> CorrelationCode:
        """Whether the maps can be shifted in enough ways; where none counts, the commonest reason."""
        if counted.any():
            enough = float(np.array(self._ways)[counted].sum()) >= math.log(LEAST_SHIFTS) - _EQUAL
            return CorrelationCode.OK if enough else CorrelationCode.TOO_SMALL
        reasons = [codes[place] for codes in self.codes]
        return max(CorrelationCode, key=reasons.count)


def _interval(r: Floats, null: Floats) -> Interval:
    """95 % of the mean z over pictures (Student's t); of one picture by the spread of z under shifts."""
    z = _z(r)
    half = _half(z) if len(z) > 1 else _NORMAL * float(_z(null).std())
    return float(np.tanh(z.mean() - half)), float(np.tanh(z.mean() + half))


def _content(difference: Floats) -> Content:
    """Of z with the map's own picture less z with others (Student's t over pictures); NaN below two."""
    if len(difference) < 2:
        return Content(math.nan, math.nan, math.nan)
    mean, half = float(difference.mean()), _half(difference)
    return Content(math.tanh(mean), math.tanh(mean - half), math.tanh(mean + half))


def _z(r: Floats) -> Floats:
    return np.arctanh(np.clip(r, -NEAREST, NEAREST))


def _half(values: Floats) -> float:
    """How far a 95 % interval of a mean reaches either way."""
    reach = stdtrit(len(values) - 1, 1 - ALPHA / 2)
    return float(reach * values.std(ddof=1) / math.sqrt(len(values)))
