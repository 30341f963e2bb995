"""Which images of a set are wanted: a value, and the rule that turns it into indices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote

import numpy as np

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images.records import UNLABELLED


@dataclass(frozen=True)
class Selection:
    """A subset of an image set, applied in the order of the fields; the set's own order is always kept.

    `classes`: only these, by name or by label number. `per_class`: at most so many of each class, the first
    ones; unlabelled images are left out. `sample`: so many, those whose hash of (seed, id) is smallest, hence
    the same on every machine, and a smaller sample is part of a larger one. `limit`: the first so many.
    """

    classes: tuple[str, ...] = ()
    per_class: int | None = None
    sample: int | None = None
    seed: int = 0
    limit: int | None = None

    def __bool__(self) -> bool:
        return bool(self.classes) or any(
            count is not None for count in (self.per_class, self.sample, self.limit)
        )

    def indices(self, labels: np.ndarray, classes: Sequence[str], id_of: Callable[[int], str]) -> np.ndarray:
        """Ascending indices of the chosen images, int64 (n,).

        UsageError for an unknown class, DataError where classes are asked of an unlabelled set.

        >>> Selection(per_class=1).indices(np.array([0, 0, 1]), ("cat", "dog"), str).tolist()
        [0, 2]
        """
        if (self.classes or self.per_class) and not classes:
            raise DataError("classes and per_class need labels, and the set is unlabelled")
        chosen = np.arange(len(labels))
        if self.classes:
            chosen = chosen[np.isin(labels, self._labels(labels, classes))]
        if self.per_class is not None:
            chosen = chosen[_rank_in_class(labels[chosen]) < self.per_class]
            chosen = chosen[labels[chosen] != UNLABELLED]
        if self.sample is not None and self.sample < len(chosen):
            chosen = np.array(sorted(self._smallest_hashes(chosen, id_of)), dtype=np.int64)
        return chosen[: self.limit]

    def _labels(self, labels: np.ndarray, classes: Sequence[str]) -> list[int]:
        present = [int(label) for label in np.unique(labels) if label != UNLABELLED]
        wanted: list[int] = []
        for text in self.classes:
            found = [label for label in present if classes[label] == text]
            found = found or [label for label in present if str(label) == text]
            if not found:
                raise unknown("class", text, [classes[label] for label in present])
            wanted += found
        return wanted

    def _smallest_hashes(self, chosen: np.ndarray, id_of: Callable[[int], str]) -> list[int]:
        def rank(index: int) -> tuple[bytes, int]:
            return blake2b(f"{self.seed}:{id_of(index)}".encode(), digest_size=16).digest(), index

        return sorted((int(index) for index in chosen), key=rank)[: self.sample]

    def options(self) -> dict[str, str]:
        """The fields that are set, as text for a spec, percent-escaped.

        >>> Selection(classes=("cat", "dog"), limit=3).options()
        {'classes': 'cat,dog', 'limit': '3'}
        """
        numbers = {"per_class": self.per_class, "sample": self.sample, "limit": self.limit}
        shown = {"classes": ",".join(quote(name, safe=" ") for name in self.classes)} if self.classes else {}
        shown |= {name: str(number) for name, number in numbers.items() if number is not None}
        return shown | ({"seed": str(self.seed)} if self.sample is not None else {})


SELECTION_OPTIONS = ("classes", "limit", "per_class", "sample", "seed")


def parse_selection(options: Mapping[str, object]) -> Selection:
    """The selection that text or Python values ask for; UsageError for a value that makes no sense.

    >>> parse_selection({"classes": "cat,dog", "per_class": "50"})
    Selection(classes=('cat', 'dog'), per_class=50, sample=None, seed=0, limit=None)
    """
    for name in options:
        if name not in SELECTION_OPTIONS:
            raise unknown("option of a subset", name, SELECTION_OPTIONS)
    if "seed" in options and "sample" not in options:
        raise UsageError("seed goes with sample=N")
    counts = {
        name: whole_number(name, options[name], 1)
        for name in ("per_class", "sample", "limit")
        if name in options
    }
    return Selection(
        classes=_class_list(options["classes"]) if "classes" in options else (),
        seed=whole_number("seed", options.get("seed", 0), 0),
        **counts,
    )


def whole_number(name: str, value: object, minimum: int) -> int:
    """`value`, text or number, as a whole number of at least `minimum`, else UsageError.

    >>> whole_number("limit", "3", 1)
    3
    """
    try:
        number = int(value) if isinstance(value, str) else value.__index__()  # type: ignore[attr-defined]
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{name}={value} is not a whole number") from error
    if number < minimum or isinstance(value, bool):
        raise UsageError(f"{name}={value} is not a whole number of at least {minimum}")
    return number


def _class_list(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple | set | frozenset) else str(value).split(",")
    names = tuple(str(part).strip() for part in parts)
    if not names or not all(names):
        raise UsageError("classes has an empty name; write classes=cat,dog")
    return names


def _rank_in_class(labels: np.ndarray) -> np.ndarray:
    """How many images of the same class come before each one."""
    order = np.argsort(labels, kind="stable")
    in_order = labels[order]
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[order] = np.arange(len(labels)) - np.searchsorted(in_order, in_order)
    return ranks
