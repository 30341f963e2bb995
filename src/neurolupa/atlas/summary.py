"""The few facts about an atlas that one asks for first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from neurolupa.atlas.codes import Code
from neurolupa.atlas.manifest import Source


@dataclass(frozen=True)
class Finding:
    """One fact: what (a code), where (a site, or None for the whole atlas), and the number.

    The number is a percentage, or a mean in the activations' own unit.
    """

    code: Code
    site: str | None
    value: float


@dataclass(frozen=True)
class Summary:
    """The extremes over the layers of an atlas; of equals the first in forward order.

    Attributes:
        most_sparse: highest percentage of exact zeros; None where no site is rectified.
        least_sparse: the lowest.
        most_dead: highest percentage of dead units.
        lowest_mean: over the elements of a layer; None where no layer has a finite value.
        highest_mean: the same.
        dead: dead units of all sites together.
        units: all units of all sites.
        source: where the numbers come from.
    """

    most_sparse: Finding | None
    least_sparse: Finding | None
    most_dead: Finding | None
    lowest_mean: Finding | None
    highest_mean: Finding | None
    dead: int
    units: int
    source: Source

    @property
    def dead_percent(self) -> float:
        """Dead units in percent of all units."""
        return 100 * self.dead / self.units if self.units else 0.0

    def findings(self) -> Iterator[Finding]:
        """Every fact that is known, the total of dead units (in percent) included."""
        total = Finding(Code.TOTAL_DEAD, None, self.dead_percent)
        layers = (
            self.most_sparse,
            self.least_sparse,
            self.most_dead,
            total,
            self.lowest_mean,
            self.highest_mean,
        )
        return (finding for finding in layers if finding is not None)

    def to_frame(self) -> pd.DataFrame:
        """One row for each fact: code, site, value."""
        rows = [(str(finding.code), finding.site, finding.value) for finding in self.findings()]
        return pd.DataFrame(rows, columns=["code", "site", "value"])

    def to_dict(self) -> dict[str, Any]:
        """The facts under their codes, the totals and the source, ready for JSON."""
        facts = {str(fact.code): {"site": fact.site, "value": fact.value} for fact in self.findings()}
        return {**facts, "dead": self.dead, "units": self.units, "source": self.source.to_dict()}


def summarise(layers: pd.DataFrame, source: Source) -> Summary:
    """The summary of a layers table (rows in forward order).

    >>> layers = pd.DataFrame({"site": ["a", "b"], "sparsity_%": [20.0, 60.0], "mean": [1.0, 0.5],
    ...                        "dead": [0, 2], "total_neurons": [4, 8]})
    >>> found = summarise(layers, Source("net", "", "photos", "", 3, 0, "0"))
    >>> found.most_dead, found.dead, found.units
    (Finding(code=<Code.MOST_DEAD: 'MOST_DEAD'>, site='b', value=25.0), 2, 12)
    """
    sparsity, mean = layers["sparsity_%"], layers["mean"]
    dead = 100 * layers["dead"] / layers["total_neurons"]
    return Summary(
        most_sparse=_highest(Code.MOST_SPARSE, layers["site"], sparsity),
        least_sparse=_lowest(Code.LEAST_SPARSE, layers["site"], sparsity),
        most_dead=_highest(Code.MOST_DEAD, layers["site"], dead),
        lowest_mean=_lowest(Code.LOWEST_MEAN, layers["site"], mean),
        highest_mean=_highest(Code.HIGHEST_MEAN, layers["site"], mean),
        dead=int(layers["dead"].sum()),
        units=int(layers["total_neurons"].sum()),
        source=source,
    )


def _highest(code: Code, sites: pd.Series, values: pd.Series) -> Finding | None:
    if not values.notna().any():
        return None
    place = int(values.fillna(-math.inf).argmax())
    return Finding(code, str(sites.iloc[place]), float(values.iloc[place]))


def _lowest(code: Code, sites: pd.Series, values: pd.Series) -> Finding | None:
    found = _highest(code, sites, -values)
    return None if found is None else Finding(code, found.site, -found.value)
