"""What the interactive charts show, as tables: chosen from an atlas, drawn by `charts_*`, saved as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from neurolupa.atlas.checks import whole_number

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas, Source

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
BINS = 100
MOST_CLASSES = 30
MOST_UNITS = 24


@dataclass(frozen=True, eq=False)
class Shown:
    """A table that knows where its numbers come from.

    Attributes:
        frame: The table.
        source: Where the numbers come from.
    """

    frame: pd.DataFrame
    source: Source

    def to_frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.frame.copy()


@dataclass(frozen=True, eq=False)
class LayerTable(Shown):
    """Every layer of an atlas in forward order.

    `frame` is the layers table with `depth` (from 1), `range` (max minus min), `dead_%` and `dormant_%`.
    """


@dataclass(frozen=True, eq=False)
class Distribution:
    """How the values of one layer are distributed.

    Attributes:
        site: The layer.
        edges: (B + 1,) of equally wide bins from the smallest to the largest value.
        counts: (B,) values in each bin; empty where no value is finite.
        quantiles: The value at each of `QUANTILES`.
        zeros: Exact zeros in percent; NaN where the layer is not rectified.
        thinning: One value in so many was counted.
        source: Where the numbers come from.
    """

    site: str
    edges: np.ndarray
    counts: np.ndarray
    quantiles: dict[float, float]
    zeros: float
    thinning: int
    source: Source

    def to_frame(self) -> pd.DataFrame:
        """One row for each bin: low, high, count."""
        return pd.DataFrame({"low": self.edges[:-1], "high": self.edges[1:], "count": self.counts})


@dataclass(frozen=True, eq=False)
class ClassMeans(Shown):
    """One layer class by class, of many classes the two ends by mean.

    `frame` has one row for each class that is shown: class_id, class_name, num_samples, mean, std, median,
    sparsity_%.

    Attributes:
        site: The layer.
        total: How many classes there are.
        mean: Of the whole layer.
    """

    site: str
    total: int
    mean: float


@dataclass(frozen=True, eq=False)
class ClassUnits:
    """The units of a layer whose mean differs most from class to class.

    Attributes:
        site: The layer.
        means: Units down, class ids across: mean over a class's images of the unit's spatial mean; NaN where
            the atlas keeps no number.
        names: Of the classes, in the order of the columns.
        units: How many units the layer has.
        classes: How many classes there are.
        source: Where the numbers come from.
    """

    site: str
    means: pd.DataFrame
    names: tuple[str, ...]
    units: int
    classes: int
    source: Source

    def to_frame(self) -> pd.DataFrame:
        """One row for each unit, one column for each class, by its id and name."""
        columns = [f"{number} {name}" for number, name in zip(self.means.columns, self.names, strict=True)]
        return self.means.set_axis(columns, axis=1).reset_index(names="unit")


def layer_table(atlas: Atlas) -> LayerTable:
    """Every layer with its depth, its range and its shares of dead and dormant units."""
    layers = atlas.layers
    units = layers["total_neurons"]
    shares = {f"{kind}_%": 100 * layers[kind] / units for kind in ("dead", "dormant")}
    frame = layers.assign(depth=np.arange(1, len(layers) + 1), range=layers["max"] - layers["min"], **shares)
    return LayerTable(frame, atlas.source)


def distribution(atlas: Atlas, site: str) -> Distribution:
    """The histogram and the quantiles of a layer, from its sketch.

    Raises:
        UsageError: An unknown site.
    """
    sketch = atlas.sketch(site)
    low, high = float(sketch.layer["min"]), float(sketch.layer["max"])
    if np.isfinite([low, high]).all():
        edges = np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
        counts = sketch.histogram(edges)
        marks = dict(zip(QUANTILES, sketch.quantile(QUANTILES).tolist(), strict=True))
    else:
        edges, counts, marks = np.zeros(1), np.zeros(0), {}
    zeros = float(sketch.layer["sparsity_%"])
    return Distribution(sketch.site, edges, counts, marks, zeros, sketch.thinning, atlas.source)


def class_means(atlas: Atlas, site: str, most: int = MOST_CLASSES) -> ClassMeans | None:
    """A layer class by class, of more than `most` classes the two ends by mean; None without classes.

    Raises:
        UsageError: An unknown site.
    """
    name, half = atlas.site(site), whole_number("most", most, 2) // 2
    rows = atlas.classes(name)
    if rows.empty:
        return None
    frame = rows.drop(columns="site").sort_values("mean", ascending=False, kind="stable", ignore_index=True)
    if len(frame) > most:
        frame = pd.concat([frame.head(half), frame.tail(half)], ignore_index=True)
    layers = atlas.layers
    mean = float(layers.loc[layers["site"] == name, "mean"].iloc[0])
    return ClassMeans(frame, atlas.source, name, len(rows), mean)


def class_units(
    atlas: Atlas, site: str, units: int = MOST_UNITS, classes: int = MOST_CLASSES
) -> ClassUnits | None:
    """The units of the widest span of class means, in the classes that set them apart; None without classes.

    A unit's span is its highest class mean less its lowest, in the activations' own unit; the highest span is
    first. Of more than `classes` classes those are kept in which one of the units is farthest from its own
    mean over the classes; they stay in the order of their ids.

    Raises:
        UsageError: An unknown site.
    """
    name = atlas.site(site)
    rows, named = atlas.unit_classes(name), atlas.classes(name)
    if rows.empty:
        return None
    means = rows.pivot(index="unit", columns="class_id", values="mean")
    span = means.max(axis=1) - means.min(axis=1)
    chosen = means.loc[span.sort_values(ascending=False, kind="stable").index[:units]]
    away = chosen.sub(chosen.mean(axis=1), axis=0).abs().max()
    kept = away.sort_values(ascending=False, kind="stable").index[:classes].sort_values()
    names = named.set_index("class_id")["class_name"].reindex(kept)
    return ClassUnits(name, chosen[kept], tuple(names.astype(str)), len(means), len(named), atlas.source)
