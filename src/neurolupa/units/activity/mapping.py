"""`activity_map`: units by pictures, in an order in which likes stand together, with its reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.arrays import Samples, unit_index
from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError, unknown
from neurolupa.units.activity.codes import LEAST_SHUFFLES
from neurolupa.units.activity.reading import Reading, Table, read_activity
from neurolupa.units.activity.sampled import SampledImage, class_names, find_sampled

ORDERS = ("similar", "index")

_CELLS = 20_000_000
"""So many cells at most are read; of a wider site fewer of the sampled pictures, spread evenly."""

_LINKED = 2048
"""Among more units likes are not looked for: their number grows with the square."""


@dataclass(frozen=True, eq=False)
class ActivityMap:
    """Mean activations of units on sampled pictures.

    Attributes:
        source: which network and images.
        site: name of the site.
        units: (U,) numbers of the rows.
        images: (P,) the pictures of the columns.
        values: (U, P) float32, means over the maps.
        order: similar or index.
        rectified: whether zero means silence.
        reading: what all sampled pictures show of these units, not only those in the columns.
        sampled: N of the sampled pictures.
    """

    source: Source
    site: str
    units: NDArray[np.int64]
    images: tuple[SampledImage, ...]
    values: Table
    order: str
    rectified: bool
    reading: Reading
    sampled: int

    def __repr__(self) -> str:
        shape = f"{len(self.units)} units x {len(self.images)} images"
        codes = ", ".join(self.reading.codes)
        return f"<ActivityMap {self.source.model} {self.site}: {shape}; {codes}>"

    def to_frame(self) -> pd.DataFrame:
        """A row for each unit and a column for each picture, by its index, in the map's order."""
        columns = pd.Index([each.image for each in self.images], name="image")
        return pd.DataFrame(self.values, pd.Index(self.units, name="unit"), columns)


def activity_map(
    atlas: Atlas,
    site: str,
    *,
    images: int | Sequence[int | str] = 50,
    units: Iterable[int] | None = None,
    order: str = "similar",
    shuffles: int = 19,
    seed: int = 0,
) -> ActivityMap:
    """Mean activations of units by pictures, from the sampled pictures, and what they show.

    Args:
        atlas: What `open_atlas` gives.
        site: A name or address of a site.
        images: How many of the sampled pictures, spread evenly over classes and indices, class by class; or
            which, by index or id, in the order given.
        units: Which; all by default.
        order: `similar`: units that do alike beside each other (average linkage of 1 - r over the pictures
            shown), those that do not vary last; `index`: by their numbers.
        shuffles: For the null of redundancy.
        seed: Of the shuffling.

    Raises:
        UsageError: An unknown site, unit or order, or nothing to show.
        DataError: A picture that the set does not have or that is not sampled.

    >>> import neurolupa as nl
    >>> found = activity_map(nl.open_atlas("atlas"), "layer4.1.relu", images=20)
    >>> found.values.shape[1], found.reading.images, sorted(found.units)[:3] == [0, 1, 2]
    (20, 64, True)
    """
    if order not in ORDERS:
        raise unknown("order", str(order), ORDERS)
    name = atlas.site(site)
    samples = atlas.samples(name)
    chosen = _units(units, name, samples.mean.shape[1])
    shown = _images(atlas, samples, images)
    values = np.asarray(samples.mean[[each.row for each in shown]])[:, chosen].T
    rows = _similar(values) if order == "similar" else np.arange(len(chosen))
    layer = atlas.layers.set_index("site").loc[name]
    rectified = bool(np.isfinite(layer["sparsity_%"]))
    shuffles, seed = whole_number("shuffles", shuffles, LEAST_SHUFFLES), whole_number("seed", seed, 0)
    return ActivityMap(
        source=atlas.source,
        site=name,
        units=chosen[rows],
        images=shown,
        values=np.ascontiguousarray(values[rows]),
        order=order,
        rectified=rectified,
        reading=_reading(samples, chosen, rectified, shuffles, seed),
        sampled=len(samples.images),
    )


def _units(units: Iterable[int] | None, name: str, count: int) -> NDArray[np.int64]:
    if units is None:
        return np.arange(count)
    found = list(dict.fromkeys(unit_index(name, unit, count) for unit in units))
    if not found:
        raise UsageError(f"no unit was named; {name} has units 0 to {count - 1}")
    return np.array(sorted(found))


def _images(atlas: Atlas, samples: Samples, images: int | Sequence[int | str]) -> tuple[SampledImage, ...]:
    held = np.asarray(samples.images)
    if isinstance(images, Sequence | np.ndarray) and not isinstance(images, str):
        if not len(images):
            raise UsageError("no image was named")
        return tuple(find_sampled(atlas, held, image) for image in images)
    count = whole_number("images", images, 1)
    table = atlas.images.set_index("image").loc[held]
    labels = table["label"].to_numpy()
    places = np.lexsort([held, labels])
    spread = places[np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).round().astype(int))]
    names, ids = class_names(atlas), table["id"].to_numpy()
    return tuple(
        SampledImage(int(held[row]), str(ids[row]), int(labels[row]), names.get(int(labels[row])), int(row))
        for row in spread
    )


def _similar(values: Table) -> NDArray[np.int64]:
    """Rows (U, P) so that likes stand together; those that do not vary come last."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    finite = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    varies = np.ptp(finite, axis=1) > 1e-9
    moving, still = np.flatnonzero(varies), np.flatnonzero(~varies)
    if len(moving) > _LINKED:
        return np.concatenate([moving[np.argsort(finite[moving].argmax(1), kind="stable")], still])
    if len(moving) > 2:
        moving = moving[leaves_list(linkage(finite[moving], "average", metric="correlation"))]
    return np.concatenate([moving, still])


def _reading(
    samples: Samples, units: NDArray[np.int64], rectified: bool, shuffles: int, seed: int
) -> Reading:
    total = len(samples.images)
    most = min(total, max(1, _CELLS // len(units)))
    rows = np.unique(np.linspace(0, max(total - 1, 0), most).round().astype(int))
    table = np.asarray(samples.mean)[rows][:, units]
    numbers = np.asarray(samples.images)[rows]
    return read_activity(
        table, rectified=rectified, units=units, images=numbers, shuffles=shuffles, seed=seed
    )
