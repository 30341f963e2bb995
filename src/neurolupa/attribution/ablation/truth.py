"""Which network class is right for a picture: its label, or what the whole network says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import DataError, unknown
from neurolupa.images import ImageSet
from neurolupa.images.classes import placeholder
from neurolupa.models import Model

TRUTHS = ("label", "prediction")


@dataclass(frozen=True, eq=False)
class Truth:
    """The classes that pictures are counted under.

    Attributes:
        kind: "label", or "prediction": then a picture is right while the answer is that of the whole network.
        names: (C,) of the classes.
        of_label: (labels,) network class of each label of the image set, -1 where it has none; empty for
            "prediction".
    """

    kind: str
    names: tuple[str, ...]
    of_label: NDArray[np.int64]

    def right(self, labels: NDArray[np.int64], strongest: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N,) the right network class of each picture, -1 for those that are not counted."""
        if self.kind == "prediction":
            return strongest
        found = np.full(len(labels), -1, np.int64)
        found[labels >= 0] = self.of_label[labels[labels >= 0]]
        return found

    def row(self, labels: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N,) under which class each picture is counted."""
        return right if self.kind == "prediction" else labels


def truth_of(kind: str, model: Model, images: ImageSet, outputs: int) -> Truth:
    """The classes of a set for a network of so many outputs.

    Labels that are the network's own indices (those of file names, without names, or with the network's names
    one by one) are taken as they are; others are found by name, without regard to capitals and underscores.

    Raises:
        UsageError: An unknown kind.
        DataError: No class of the set is one of the network's.
    """
    if kind not in TRUTHS:
        raise unknown("truth", kind, TRUTHS)
    names = model.classes or tuple(f"class {number}" for number in range(outputs))
    if kind == "prediction":
        return Truth(kind, names, np.zeros(0, np.int64))
    own = names if model.classes and _are_nameless(images.classes) else images.classes
    return Truth(kind, own, _network_classes(images, model.classes, outputs))


def _network_classes(images: ImageSet, names: tuple[str, ...] | None, outputs: int) -> NDArray[np.int64]:
    own = [_plain(name) for name in images.classes]
    theirs = [_plain(name) for name in names or ()]
    indices = images.labelled_by == "file names" or _are_nameless(images.classes)
    if own and len(own) <= outputs and (indices or own == theirs or not theirs):
        return np.arange(len(own), dtype=np.int64)
    once = {name: place for place, name in enumerate(theirs) if theirs.count(name) == 1}
    found = np.array([once.get(name, -1) for name in own], np.int64)
    if not (found >= 0).any():
        reason = "is unlabelled" if not own else "has no class of the network's"
        raise DataError(f"{images.spec} {reason}; truth='prediction' asks whether the answer changes")
    return found


def _are_nameless(classes: tuple[str, ...]) -> bool:
    return classes == tuple(placeholder(label) for label in range(len(classes)))


def _plain(name: str) -> str:
    return name.casefold().replace("_", " ").strip()
