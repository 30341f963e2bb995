"""What a network loses over a set of pictures as groups of its units are switched off."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.attribution.ablation.tallying import (
    Counts,
    Floats,
    adjusted,
    mcnemar,
    mean_interval,
    paired_interval,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AblationSource:
    """What one must know to get the same numbers again.

    Attributes:
        model: The network's name.
        weights_digest: SHA-256 of its tensors.
        site: Address of the site.
        images: Name of the image set.
        spec: What was asked for to open it.
        images_digest: Of the set.
        pictures: N, pictures that are counted.
        left_out: Pictures that are not: unreadable, unlabelled, or of a class that the network does not have.
        truth: "label" or "prediction".
        value: What units were set to: a number, "mean" (each one's mean over these pictures) or "given".
        versions: Of neurolupa, torch and NumPy.
    """

    model: str
    weights_digest: str
    site: str
    images: str
    spec: str
    images_digest: str
    pictures: int
    left_out: int
    truth: str
    value: float | str
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False, repr=False)
class Ablation:
    """Right answers before and after, for G groups of units, over C classes.

    Attributes:
        groups: (G,) the units that were switched off together.
        classes: (C,) names of the classes with pictures.
        class_ids: (C,) their numbers in the image set, or in the network where its answer is the truth.
        n: (C,) pictures.
        right: (C,) right answers of the whole network.
        broken: (G, C) right answers that became wrong.
        mended: (G, C) wrong answers that became right.
        sums: (4, G, C) of the change of the right class's logit, of its probability, and of their squares.
        source: Where it comes from.
    """

    groups: tuple[tuple[int, ...], ...]
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]
    n: Counts
    right: Counts
    broken: Counts
    mended: Counts
    sums: Floats = field(repr=False)
    source: AblationSource

    def __repr__(self) -> str:
        told = f"{len(self.groups)} groups at {self.source.site} of {self.source.model}"
        return f"<Ablation of {told}: {self.source.pictures} pictures, {len(self.classes)} classes>"

    @property
    def accuracy(self) -> float:
        """Of the whole network on these pictures."""
        return float(self.right.sum() / self.n.sum())

    def to_frame(self) -> "pd.DataFrame":
        """One row for each group, over all classes, in the order that was asked for.

        Columns: group, units, size, n, before, after (accuracies), change, low, high (95 %), broken, mended,
        p (McNemar's exact), p_adjusted (Benjamini and Hochberg over the rows), logit_change, logit_low,
        logit_high, probability_change, probability_low, probability_high (of the right class).
        """
        table = self._rows(
            self.n.sum()[None],
            self.right.sum()[None],
            self.broken.sum(1, keepdims=True),
            self.mended.sum(1, keepdims=True),
            self.sums.sum(2, keepdims=True),
        )
        return table.drop(columns="place")

    def class_frame(self) -> "pd.DataFrame":
        """One row for each group and class: the columns of `to_frame`, and class_id, class_name.

        Adjusted over all rows.
        """
        table = self._rows(self.n, self.right, self.broken, self.mended, self.sums)
        places = table.pop("place")
        table.insert(3, "class_id", [self.class_ids[place] for place in places])
        table.insert(4, "class_name", [self.classes[place] for place in places])
        return table

    def to_dict(self) -> dict[str, Any]:
        """Where it comes from, and every count, ready for JSON."""
        return {
            "source": self.source.to_dict(),
            "groups": [list(group) for group in self.groups],
            "classes": list(self.classes),
            "class_ids": list(self.class_ids),
            **{name: getattr(self, name).tolist() for name in ("n", "right", "broken", "mended")},
        }

    def save(self, folder: str | os.PathLike) -> None:
        """Write it into a folder that `load` reads; see `storing.save`."""
        from neurolupa.attribution.ablation.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Ablation":
        """What `save` wrote; see `storing.load`."""
        from neurolupa.attribution.ablation.storing import load

        return load(folder)

    def _rows(self, n: Counts, right: Counts, broken: Counts, mended: Counts, sums: Floats) -> "pd.DataFrame":
        import pandas as pd

        groups, classes = broken.shape
        count = np.broadcast_to(n, broken.shape)
        low, high = paired_interval(broken, mended, count)
        p = mcnemar(broken, mended)
        numbers = {
            "n": count, "before": right / count, "after": (right - broken + mended) / count,
            "change": (mended - broken) / count, "low": low, "high": high, "broken": broken, "mended": mended,
            "p": p, "p_adjusted": adjusted(p),
        }  # fmt: skip
        for place, name in enumerate(("logit", "probability")):
            ends = mean_interval(sums[place], sums[place + 2], count)
            numbers |= dict(zip((f"{name}_change", f"{name}_low", f"{name}_high"), ends, strict=True))
        named = {
            "group": np.repeat(np.arange(groups), classes),
            "units": np.repeat([shown_units(group) for group in self.groups], classes),
            "size": np.repeat([len(group) for group in self.groups], classes),
            "place": np.tile(np.arange(classes), groups),
        }
        return pd.DataFrame(named | {name: np.ravel(values) for name, values in numbers.items()})


def shown_units(group: tuple[int, ...]) -> str:
    """The units of a group as they are typed: runs with a dash, commas between.

    >>> shown_units((3, 5, 6, 7)), shown_units(())
    ('3,5-7', 'none')
    """
    runs: list[list[int]] = []
    for unit in group:
        if runs and unit == runs[-1][-1] + 1:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs) or "none"
