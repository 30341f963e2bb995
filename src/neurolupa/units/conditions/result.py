"""The conditions of all units of an atlas, and how they are defined."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from neurolupa.atlas import Source
from neurolupa.atlas.checks import real_number
from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.errors import UsageError

FEWEST = 10
"""Pictures; a mean over fewer may be steady by chance."""

CONDITIONS = ("dead", "dormant", "saturated", "collapsed")


@dataclass(frozen=True)
class Thresholds:
    """What the conditions are defined by.

    Attributes:
        dead: dead is a unit that is never above this, at any position of any picture.
        dormant: dormant is a unit whose mean magnitude is at most this share of its layer's mean magnitude
            over units (Sokar et al., *The Dormant Neuron Phenomenon in Deep Reinforcement Learning*, 2023).
        saturated: saturated is a unit of a bounded non-linearity (ReLU6, Hardtanh, Sigmoid, Tanh, ...) with
            95 % of its values within this share of the range from one bound (for ReLU6 the upper one: at the
            lower one it is silent, not saturated). A sixteenth is what an atlas can tell: quantiles of units
            are counted in bins, and that of the values just below 1 begins at 15/16.
        collapsed: collapsed is a unit that is not dead and answers every picture alike: over the sampled
            pictures neither the mean nor the maximum of its map has a standard deviation above this share of
            its size (a norm over each picture makes all means equal, and no unit a constant).
    """

    dead: float = DEAD_THRESHOLD
    dormant: float = 0.025
    saturated: float = 0.0625
    collapsed: float = 0.01

    @classmethod
    def of_scan(cls, settings: Mapping[str, Any]) -> "Thresholds":
        """Those that a scan used for dead and dormant units, the usual ones for the rest.

        Args:
            settings: `settings` of an atlas's manifest.

        >>> Thresholds.of_scan({"dead_threshold": 0.01}).dead
        0.01
        """
        names = {"dead": "dead_threshold", "dormant": "dormant_tau"}
        return cls(**{name: settings[key] for name, key in names.items() if key in settings})

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if real_number(name, value) < 0:
                raise UsageError(f"the threshold for {name} is 0 or more, not {value:g}")


@dataclass(frozen=True, eq=False)
class Conditions:
    """Every unit of an atlas with its conditions.

    Attributes:
        source: which network and images.
        thresholds: what the conditions are defined by.
        sampled: N, the sampled pictures behind `collapsed`; the other conditions are over all pictures.
        units: a row for each unit: site, unit, a column for each of `CONDITIONS` (boolean; missing where the
            condition has no meaning), and the numbers behind them: max, dormancy, `at_bound` (distance of the
            nearest bound from 95 % of the values, as a share of the range), `variation` (standard deviation
            over the pictures as a share of the size, of mean or maximum, whichever varies more).
    """

    source: Source
    thresholds: Thresholds
    sampled: int
    units: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """The units that have at least one condition."""
        some = self.units[list(CONDITIONS)].eq(True).any(axis=1)
        return self.units[some].reset_index(drop=True)

    def layers(self) -> pd.DataFrame:
        """A row for each site and condition: how many units, of how many, the share and its 95 % interval.

        The interval (Wilson) is for units like these, were there more of them; it is missing where the
        condition has no meaning, and `code` says why: UNBOUNDED (the non-linearity has no bound), FEW_IMAGES
        (fewer than ten sampled pictures), NO_VALUES (the layer is silent or not finite); else it is OK.
        `images` is N.
        """
        rows = [
            {"site": site, "condition": name, **_share(units[name]), **self._about(name, units[name])}
            for site, units in self.units.groupby("site", sort=False)
            for name in CONDITIONS
        ]
        return pd.DataFrame(rows)

    def _about(self, name: str, held: pd.Series) -> dict[str, Any]:
        collapse = name == "collapsed"
        images = self.sampled if collapse else self.source.read
        if held.notna().any():
            return {"images": images, "code": "OK"}
        few = "FEW_IMAGES" if collapse and self.sampled < FEWEST else "NO_VALUES"
        return {"images": images, "code": "UNBOUNDED" if name == "saturated" else few}


def _share(held: pd.Series) -> dict[str, Any]:
    known = held.dropna()
    if known.empty:
        return {"count": None, "units": 0, "share": None, "low": None, "high": None}
    count = int(known.sum())
    span = binomtest(count, len(known)).proportion_ci(method="wilson")
    return {
        "count": count,
        "units": len(known),
        "share": count / len(known),
        "low": float(span.low),
        "high": float(span.high),
    }
