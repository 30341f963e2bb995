"""`conditions`: the dead, dormant, saturated and collapsed units of an atlas."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from neurolupa.atlas import Atlas
from neurolupa.units.conditions.result import CONDITIONS, FEWEST, Conditions, Thresholds

BOUNDS: Mapping[str, tuple[float, float]] = {
    "relu6": (-np.inf, 6.0),
    "hardtanh": (-1.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
}
"""Of the non-linearities with a bound, as they are by default: layers (Tanh) and functions (F.tanh) alike."""


def conditions(atlas: Atlas, thresholds: Thresholds | None = None) -> Conditions:
    """The dead, dormant, saturated and collapsed units of a whole network, with the numbers behind each.

    Args:
        atlas: The scan.
        thresholds: Of the definitions; the usual ones by default.

    Raises:
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> found = conditions(nl.open_atlas("atlas"))
    >>> found.layers().query("site == 'relu'")["condition"].tolist()
    ['dead', 'dormant', 'saturated', 'collapsed']
    """
    limits = thresholds or Thresholds()
    types = dict(zip(atlas.layers["site"], atlas.layers["type"], strict=True))
    table, parts, sampled = atlas.units, [], 0
    for site in atlas.sites:
        held = atlas.samples(site)
        sampled = len(held.images)
        spread = np.fmax(variation(held.mean), variation(held.max))
        parts.append(_of_site(table[table["site"] == site], str(types[site]), spread, limits))
    return Conditions(atlas.source, limits, sampled, pd.concat(parts, ignore_index=True))


def _of_site(units: pd.DataFrame, kind: str, spread: np.ndarray, limits: Thresholds) -> pd.DataFrame:
    frame = units[["site", "unit", "max", "dormancy"]].copy()
    frame["at_bound"] = at_bound(units["q05"], units["q95"], kind)
    frame["variation"] = spread
    frame["dead"] = _answer(frame["max"], limits.dead)
    frame["dormant"] = _answer(frame["dormancy"], limits.dormant)
    frame["saturated"] = _answer(frame["at_bound"], limits.saturated)
    frame["collapsed"] = _answer(frame["variation"], limits.collapsed) & ~frame["dead"]
    return frame[["site", "unit", *CONDITIONS, "max", "dormancy", "at_bound", "variation"]]


def at_bound(low: pd.Series, high: pd.Series, kind: str) -> np.ndarray:
    """How far 95 % of the values lie from the nearest bound, as a share of the range between the bounds.

    Args:
        low: the 5 % quantiles of the units.
        high: the 95 % quantiles.
        kind: type of the non-linearity; NaN for one without bounds.

    >>> at_bound(pd.Series([5.9, 0.0]), pd.Series([6.0, 6.0]), "ReLU6").round(3).tolist()
    [0.017, 1.0]
    """
    bounds = BOUNDS.get(kind.lower().removeprefix("f."))
    if bounds is None:
        return np.full(len(low), np.nan)
    floor, ceiling = bounds
    reach = ceiling - floor if np.isfinite(floor) else ceiling
    above = (ceiling - low.to_numpy()) / reach
    below = (high.to_numpy() - floor) / reach if np.isfinite(floor) else np.full(len(low), np.inf)
    return np.minimum(above, below)


def variation(answers: np.ndarray) -> np.ndarray:
    """(C,): the standard deviation of units' answers (N, C) over the pictures, as a share of their size.

    The size is the root of their mean square. NaN below ten pictures, and for a unit that is zero on all of
    them or not finite.

    >>> variation(np.tile([[2.0, 0.0]], (10, 1))).tolist()
    [0.0, nan]
    """
    values = np.asarray(answers, np.float64)
    size = np.sqrt((values**2).mean(0))
    known = np.isfinite(size) & (size > 0) & (len(values) >= FEWEST)
    found = np.full(values.shape[1], np.nan)
    found[known] = values[:, known].std(0) / size[known]
    return found


def _answer(values: pd.Series, limit: float) -> pd.Series:
    """Whether values are at most a limit; missing where there is no value."""
    return values.le(limit).astype("boolean").mask(values.isna())
