"""`activation_profile`: how the values of one unit are distributed, and where they are highest."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurolupa.atlas import Atlas, Source, UnitRecord
from neurolupa.atlas.arrays import Samples, Sketch
from neurolupa.atlas.checks import whole_number
from neurolupa.core.sketch import COARSE, histogram
from neurolupa.units.activity.codes import SILENT, Floats, Interval, share_interval
from neurolupa.units.activity.sampled import class_names


@dataclass(frozen=True)
class StrongPicture:
    """One of the pictures on which the unit reaches its highest values.

    Attributes:
        rank: from 1.
        image: its index in the image set.
        id: its path or name there.
        label: its class; -1 where it has none.
        class_name: that class's name; None where it has none.
        value: the unit's highest value on it.
        of_all: whether the rank is among all pictures; else among the sampled ones that are left.
    """

    rank: int
    image: int
    id: str
    label: int
    class_name: str | None
    value: float
    of_all: bool


@dataclass(frozen=True, eq=False)
class ActivationProfile:
    """How active a unit is over the pictures of an atlas.

    Attributes:
        source: which network and images.
        site: name of the site.
        unit: its number.
        record: mean, std, extremes and quantiles over all values.
        edges: (B + 1,) of the histogram, from the smallest value to the largest.
        counts: (B,) values in each; of a bin of the sketch that an edge cuts each side has its share.
        counted: how many values the histogram is of.
        thinning: one value in so many was counted.
        nonzero: how many values are not exactly zero, of all.
        share_nonzero: their share, 0 to 1; NaN off a rectified site, where a zero is no silence.
        answered: on how many sampled pictures the unit is anywhere above 1e-6.
        share_answered: their share of the sampled pictures, 0 to 1.
        answered_interval: its 95 % interval (Wilson).
        sampled: N of the sampled pictures.
        strongest: pictures with the highest values, the highest first; ties to the lower index.
    """

    source: Source
    site: str
    unit: int
    record: UnitRecord
    edges: Floats
    counts: Floats
    counted: int
    thinning: int
    nonzero: int
    share_nonzero: float
    answered: int
    share_answered: float
    answered_interval: Interval
    sampled: int
    strongest: tuple[StrongPicture, ...]

    @property
    def images(self) -> int:
        """N, the pictures that were read."""
        return self.record.images

    def __repr__(self) -> str:
        where = f"{self.source.model} {self.site} unit {self.unit}"
        return f"<ActivationProfile {where}: mean {self.record.mean:.3g}; N = {self.images}>"

    def to_frame(self) -> pd.DataFrame:
        """The histogram: low and high edge and count of each bin."""
        return pd.DataFrame({"low": self.edges[:-1], "high": self.edges[1:], "count": self.counts})

    def strongest_frame(self) -> pd.DataFrame:
        """One row for each of the strongest pictures."""
        columns = list(StrongPicture.__dataclass_fields__)
        return pd.DataFrame([asdict(each) for each in self.strongest], columns=columns)


def activation_profile(
    atlas: Atlas, site: str, unit: int, *, bins: int = 40, strongest: int = 10
) -> ActivationProfile:
    """The histogram of a unit's values, how often it is on, and the pictures on which it is highest.

    Only this unit's rows and the sampled values of its column are read. An atlas keeps a few exemplars of all
    pictures (nine by default); what is wanted beyond them comes from the sampled pictures, and says so.

    Args:
        atlas: What `open_atlas` gives.
        site: A name or address of a site.
        unit: Its number.
        bins: Of the histogram.
        strongest: How many pictures.

    Raises:
        UsageError: The atlas has no such site or unit, or a count below 1.
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> found = activation_profile(nl.open_atlas("atlas"), "relu", 3)
    >>> found.images, len(found.strongest), round(found.counts.sum()) == found.counted
    (64, 10, True)
    """
    bins, wanted = whole_number("bins", bins, 1), whole_number("strongest", strongest, 1)
    name, record = atlas.site(site), atlas.unit(site, unit)
    sketch, samples = _sketch(atlas, name), atlas.samples(name)
    counts = sketch.unit_counts(record.unit)
    edges = _edges(record, bins)
    column = np.asarray(samples.max[:, record.unit])
    answered = int((column > SILENT).sum())
    nonzero = record.n - record.zeros
    return ActivationProfile(
        source=atlas.source,
        site=name,
        unit=record.unit,
        record=record,
        edges=edges,
        counts=histogram(counts, COARSE, edges),
        counted=int(counts.sum()),
        thinning=sketch.thinning,
        nonzero=nonzero,
        share_nonzero=float("nan") if np.isnan(record.sparsity) or not record.n else nonzero / record.n,
        answered=answered,
        share_answered=answered / len(column) if len(column) else float("nan"),
        answered_interval=share_interval(answered, len(column)),
        sampled=len(column),
        strongest=_strongest(atlas, name, record, samples, column, wanted),
    )


def _sketch(atlas: Atlas, name: str) -> Sketch:
    """The site's sketch without its rows in the units' table: of a large network those are long to read."""
    layers = atlas.layers
    layer = layers[layers["site"] == name].iloc[0]
    units = pd.DataFrame(index=range(int(layer["total_neurons"])))
    return Sketch(name, int(layer["sketch_thinning"]), atlas.folder, layer, units)


def _edges(record: UnitRecord, bins: int) -> Floats:
    """Even edges over all values; around a single value half a unit either way."""
    low, high = record.min, record.max
    if not np.isfinite([low, high]).all():
        low = high = 0.0
    if high - low <= np.spacing(max(abs(low), abs(high))) * bins:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1)


def _strongest(
    atlas: Atlas, name: str, record: UnitRecord, samples: Samples, column: np.ndarray, wanted: int
) -> tuple[StrongPicture, ...]:
    rows = atlas.exemplars(name, record.unit)
    top = rows[rows["band"] == "top"].sort_values("rank", kind="stable").head(wanted)
    found: list[tuple[int, float, bool]] = [
        (int(image), float(value), True) for image, value in zip(top["image"], top["value"], strict=True)
    ]
    all_sampled = len(column) == record.images
    kept, numbers = {image for image, _, _ in found}, np.asarray(samples.images)
    for place in np.lexsort([numbers, -column]):
        if len(found) >= wanted:
            break
        if int(numbers[place]) not in kept and np.isfinite(column[place]):
            found.append((int(numbers[place]), float(column[place]), all_sampled))
    return _named(atlas, found)


def _named(atlas: Atlas, found: list[tuple[int, float, bool]]) -> tuple[StrongPicture, ...]:
    table = atlas.image_rows([image for image, _, _ in found])
    rows: dict[Any, Any] = table.set_index("image").to_dict("index")
    names = class_names(atlas)
    return tuple(
        StrongPicture(
            rank, image, str(rows[image]["id"]), int(rows[image]["label"]),
            names.get(int(rows[image]["label"])), value, of_all,
        )
        for rank, (image, value, of_all) in enumerate(found, start=1)
    )  # fmt: skip
