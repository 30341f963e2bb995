"""How four measures of a layer change from the first layer of an atlas to the last."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from neurolupa.atlas.codes import Code
from neurolupa.atlas.manifest import Source

STABLE_WITHIN = 0.05
"""A measure is STABLE while its last value differs from its first by less than this share of the first."""

STRONGER_STD = 1.5
STRONGER_SPARSITY = 10.0
SILENT_SPARSITY = 50.0
WIDER_RANGE = 1.2
MUCH_WIDER_RANGE = 2.0
EXTREME_RANGE = 10.0


@dataclass(frozen=True)
class Trend:
    """One measure over the layers in forward order.

    Attributes:
        measure: `mean`, `std`, `sparsity` (percent) or `range` (maximum minus minimum).
        layers: the sites that have the measure; only rectified ones have a sparsity.
        values: one for each of `layers`.
        codes: what the change amounts to; NOT_APPLICABLE alone where no site has the measure.
    """

    measure: str
    layers: tuple[str, ...]
    values: tuple[float, ...]
    codes: tuple[Code, ...]

    @property
    def first(self) -> float | None:
        """The value of the first layer."""
        return self.values[0] if self.values else None

    @property
    def last(self) -> float | None:
        """The value of the last layer."""
        return self.values[-1] if self.values else None

    @property
    def change(self) -> float | None:
        """Last minus first, in the measure's own unit."""
        return self.values[-1] - self.values[0] if self.values else None

    @property
    def percent(self) -> float | None:
        """The change over the size of the first value, times 100; None where the first value is 0.

        >>> Trend("mean", ("a", "b"), (-2.0, -1.0), ()).percent
        50.0
        """
        if not self.values or self.values[0] == 0:
            return None
        return 100 * (self.values[-1] - self.values[0]) / abs(self.values[0])

    @property
    def peak(self) -> str | None:
        """The layer of the highest value, the first of equals."""
        return self.layers[self.values.index(max(self.values))] if self.values else None

    @property
    def valley(self) -> str | None:
        """The layer of the lowest value, the first of equals."""
        return self.layers[self.values.index(min(self.values))] if self.values else None

    def to_dict(self) -> dict[str, Any]:
        """The numbers and codes, ready for JSON.

        >>> Trend("mean", ("a", "b"), (1.0, 3.0), (Code.RISES,)).to_dict()["codes"]
        ['RISES']
        """
        return {
            "measure": self.measure,
            "first": self.first,
            "last": self.last,
            "change": self.change,
            "change_%": self.percent,
            "peak": self.peak,
            "peak_value": max(self.values, default=None),
            "valley": self.valley,
            "valley_value": min(self.values, default=None),
            "codes": [str(code) for code in self.codes],
            "layers": len(self.layers),
        }


@dataclass(frozen=True)
class Evolution:
    """The four trends of an atlas and where they come from."""

    mean: Trend
    std: Trend
    sparsity: Trend
    range: Trend
    source: Source

    @property
    def trends(self) -> tuple[Trend, ...]:
        """Mean, std, sparsity and range, in this order."""
        return (self.mean, self.std, self.sparsity, self.range)

    def to_dict(self) -> dict[str, Any]:
        """Every trend under its measure, and the source, ready for JSON."""
        trends = {trend.measure: trend.to_dict() for trend in self.trends}
        return {**trends, "source": self.source.to_dict()}

    def to_frame(self) -> pd.DataFrame:
        """One row for each measure; several codes are joined by spaces."""
        rows = [trend.to_dict() | {"codes": " ".join(trend.codes)} for trend in self.trends]
        return pd.DataFrame(rows)


def evolution(layers: pd.DataFrame, source: Source) -> Evolution:
    """The trends over a layers table (rows in forward order), values that are not numbers left out.

    >>> layers = pd.DataFrame({"site": ["a", "b"], "mean": [1.0, 2.0], "std": [1.0, 2.0], "min": 0.0,
    ...                        "max": [4.0, 12.0], "sparsity_%": [20.0, 60.0]})
    >>> found = evolution(layers, Source("net", "", "photos", "", 3, 0, "0"))
    >>> [" ".join(trend.codes) for trend in found.trends]
    ['RISES', 'RISES_STRONGLY', 'RISES_STRONGLY MOSTLY_SILENT', 'EXPLODES EXTREME']
    """
    columns = {
        "mean": layers["mean"],
        "std": layers["std"],
        "sparsity": layers["sparsity_%"],
        "range": layers["max"] - layers["min"],
    }
    trends = {name: _trend(name, layers["site"], column) for name, column in columns.items()}
    return Evolution(**trends, source=source)


def _trend(measure: str, sites: pd.Series, column: pd.Series) -> Trend:
    known = [(site, float(value)) for site, value in zip(sites, column, strict=True) if math.isfinite(value)]
    names, values = tuple(site for site, _ in known), tuple(value for _, value in known)
    codes = _CODES[measure](values) if values else (Code.NOT_APPLICABLE,)
    return Trend(measure, names, values, codes)


def _direction(values: tuple[float, ...]) -> Code:
    change = values[-1] - values[0]
    if change == 0 or abs(change) < STABLE_WITHIN * abs(values[0]):
        return Code.STABLE
    return Code.RISES if change > 0 else Code.FALLS


def _mean_codes(values: tuple[float, ...]) -> tuple[Code, ...]:
    return (_direction(values),)


def _std_codes(values: tuple[float, ...]) -> tuple[Code, ...]:
    return (Code.RISES_STRONGLY,) if values[-1] > STRONGER_STD * values[0] else (_direction(values),)


def _sparsity_codes(values: tuple[float, ...]) -> tuple[Code, ...]:
    strong = values[-1] > values[0] + STRONGER_SPARSITY
    silent = (Code.MOSTLY_SILENT,) if max(values) > SILENT_SPARSITY else ()
    return (Code.RISES_STRONGLY if strong else _direction(values), *silent)


def _range_codes(values: tuple[float, ...]) -> tuple[Code, ...]:
    first, last = values[0], values[-1]
    extreme = (Code.EXTREME,) if last > EXTREME_RANGE else ()
    if last > MUCH_WIDER_RANGE * first:
        return (Code.EXPLODES, *extreme)
    if last > WIDER_RANGE * first:
        return (Code.EXPANDS, *extreme)
    shrinks = _direction(values) is Code.FALLS
    return (Code.SHRINKS if shrinks else Code.STABLE, *extreme)


_CODES: Mapping[str, Callable[[tuple[float, ...]], tuple[Code, ...]]] = {
    "mean": _mean_codes,
    "std": _std_codes,
    "sparsity": _sparsity_codes,
    "range": _range_codes,
}
