"""The classes that are compared, and what an atlas has of them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import shown
from neurolupa.comparison.classes.codes import Floats
from neurolupa.errors import DataError, UsageError
from neurolupa.units.classes.grouping import Grouping, group
from neurolupa.units.classes.table import ClassMeans, class_means


@dataclass(frozen=True, eq=False)
class Chosen:
    """K classes and the C units of a site.

    Attributes:
        names: of the classes, in the order asked for.
        ids: their numbers in the image set.
        images: how many images of each were read.
        means: (C, K) over all images.
        sampled: (N,) indices of the sampled images of these classes.
        labels: (N,) which of the K classes each is of.
        values: (N, C) the units' means on them.
        kept: of how many classes of a unit the atlas has means; None where it has all.
    """

    names: tuple[str, ...]
    ids: tuple[int, ...]
    images: tuple[int, ...]
    means: ClassMeans
    sampled: NDArray[np.int64]
    labels: NDArray[np.int64]
    values: Floats
    kept: int | None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def units(self) -> int:
        """C."""
        return len(self.means.count)

    def means_of(self, places: Sequence[int]) -> ClassMeans:
        """(C, k) those of some of the classes."""
        return _columns(self.means, places)


def chosen_classes(atlas: Atlas, site: str, classes: Sequence[str | int]) -> Chosen:
    """What an atlas has of some classes at a site.

    Raises:
        UsageError: A class that the images do not have, fewer than two, or one of them twice.
        DataError: The images have no labels, none of a class was read, or a file is damaged.
    """
    grouping = group(atlas)
    places = _places(atlas, grouping, classes)
    samples = atlas.samples(site)
    means = class_means(atlas.unit_classes(site), samples.mean.shape[1], grouping)
    rows = [grouping.rows[grouping.labels == place] for place in places]
    together = np.concatenate(rows)
    return Chosen(
        names=tuple(grouping.names[place] for place in places),
        ids=tuple(int(grouping.ids[place]) for place in places),
        images=tuple(int(grouping.counts[place]) for place in places),
        means=_columns(means, places),
        sampled=np.asarray(samples.images)[together],
        labels=np.repeat(np.arange(len(places)), [len(each) for each in rows]),
        values=np.asarray(samples.mean[together], np.float64),
        kept=grouping.kept if grouping.cut else None,
    )


def _places(atlas: Atlas, grouping: Grouping, classes: Sequence[str | int]) -> list[int]:
    if isinstance(classes, str) or not isinstance(classes, Sequence):
        raise UsageError(f"classes are two or more names, not {shown(classes)}")
    places = [_place(atlas, grouping, each) for each in classes]
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        raise UsageError(f"the class {grouping.names[twice]!r} is named twice")
    if len(places) < 2:
        named = f"one: {grouping.names[places[0]]}" if places else "none"
        raise UsageError(f"two or more classes are compared, not {named}")
    return places


def _place(atlas: Atlas, grouping: Grouping, name: str | int) -> int:
    known = atlas.manifest["images"].get("classes") or ()
    if isinstance(name, str) and name in known and name not in grouping.names:
        raise DataError(f"no image of the class {name!r} was read")
    return grouping.place(name)


def _columns(means: ClassMeans, places: Sequence[int]) -> ClassMeans:
    """Those of some classes."""
    return ClassMeans(*(getattr(means, each.name)[:, list(places)] for each in fields(ClassMeans)))
