"""Which images of an atlas belong to which class, and which of them are sampled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import DataError, UsageError, unknown

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas


@dataclass(frozen=True, eq=False)
class Grouping:
    """The labelled images of an atlas by class.

    Attributes:
        ids: (K,), the classes that have images, ascending.
        names: of these classes.
        counts: (K,), how many images of each were read.
        unlabelled: how many images were read that have no label.
        rows: (N,), the rows of `samples/` whose images have a label, those of a class one after the other.
        labels: (N,), which of the K classes each of these rows is of, ascending.
        sampled_unlabelled: how many sampled images have no label.
        kept: of how many classes of a unit the atlas has the means; None where it has all.
    """

    ids: NDArray[np.int64]
    names: tuple[str, ...]
    counts: NDArray[np.int64]
    unlabelled: int
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    sampled_unlabelled: int
    kept: int | None

    @property
    def cut(self) -> bool:
        """Whether the atlas has the means of some classes of a unit only."""
        return self.kept is not None and self.kept < len(self.ids)

    def place(self, name: str | int) -> int:
        """Which of the K classes a name or a number of the image set is.

        Raises:
            UsageError: There is no such class (with the nearest names), several have the name, or it has no
                images.
        """
        if not isinstance(name, str):
            number = whole_number("class", name)
            found = np.flatnonzero(self.ids == number)
            if not len(found):
                raise unknown("class", str(number), map(str, self.ids))
            return int(found[0])
        places = [place for place, known in enumerate(self.names) if known == name]
        if not places:
            raise unknown("class", name, self.names)
        if len(places) > 1:
            numbers = ", ".join(str(self.ids[place]) for place in places)
            raise UsageError(f"several classes are called {name!r}; give the number: {numbers}")
        return places[0]


def group(atlas: "Atlas") -> Grouping:
    """The images of an atlas by class, as its tables name them.

    Raises:
        DataError: No image has a label, or the tables do not fit together.
    """
    images = atlas.images
    read = images[~images["skipped"]]
    labels = read["label"].to_numpy()
    ids, counts = np.unique(labels[labels >= 0], return_counts=True)
    if not len(ids):
        raise DataError(
            f"the atlas {atlas.folder} has no labels, and class analyses need them: scan a labelled set, "
            "for example a folder with one sub-folder for each class or with a labels.csv"
        )
    sampled = _sampled_labels(atlas, read["image"].to_numpy(), labels)
    order = np.argsort(sampled, kind="stable")
    rows = order[np.searchsorted(sampled[order], 0) :]
    return Grouping(
        ids=ids,
        names=_names(atlas, ids.tolist()),
        counts=counts,
        unlabelled=int((labels < 0).sum()),
        rows=rows,
        labels=np.searchsorted(ids, sampled[rows]),
        sampled_unlabelled=len(sampled) - len(rows),
        kept=_kept(atlas),
    )


def _sampled_labels(
    atlas: "Atlas", images: NDArray[np.int64], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(S,): the labels of the sampled images, whose indices every site's samples share."""
    sampled = np.asarray(atlas.samples(atlas.sites[0]).images)
    place = np.searchsorted(images, sampled).clip(0, len(images) - 1)
    if not np.array_equal(images[place], sampled):
        raise DataError(f"the atlas {atlas.folder} is damaged: its samples are of images that were not read")
    return labels[place]


def _names(atlas: "Atlas", ids: Sequence[int]) -> tuple[str, ...]:
    names = atlas.manifest["images"].get("classes") or ()
    if ids[-1] >= len(names):
        raise DataError(f"the atlas {atlas.folder} is damaged: class {ids[-1]} has no name in atlas.json")
    return tuple(str(names[index]) for index in ids)


def _kept(atlas: "Atlas") -> int | None:
    notes = atlas.manifest.get("notes") or ()
    return next((int(note["kept"]) for note in notes if note.get("code") == "CLASSES_CUT"), None)
