"""Class names of an image set, whatever they come as; a label is always an index into them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from neurolupa.errors import DataError
from neurolupa.images.records import UNLABELLED

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_KNOWN = {"cifar10": CIFAR10_CLASSES}
HIGHEST_LABEL = 1_000_000
"""What is above it is no class index but a fault: every class has a name in memory."""


def placeholder(label: int) -> str:
    """The name of a class that nobody named.

    >>> placeholder(7)
    'class 7'
    """
    return f"class {label}"


def checked_labels(labels: Iterable[object], what: str) -> np.ndarray:
    """Labels as int64 (N,); DataError where one is no class index. `what` begins the message.

    >>> checked_labels([2, -1, None], "pets.npz").tolist()
    [2, -1, -1]
    """
    try:
        found = _as_array(labels)
    except ValueError:  # lists of different lengths
        found = np.empty((0, 0))
    if found.ndim != 1:
        raise DataError(f"{what}: several labels for an image; multi-label sets are not read")
    if not len(found):
        return found.astype(np.int64)
    if found.dtype.kind not in "iu":
        raise DataError(f"{what}: labels of type {found.dtype}, not whole numbers")
    for label in (int(found.min()), int(found.max())):
        if not UNLABELLED <= label <= HIGHEST_LABEL:
            raise DataError(f"{what}: {label} is no class index")
    return found.astype(np.int64)


def _as_array(labels: Iterable[object]) -> np.ndarray:
    if isinstance(labels, np.ndarray):
        return labels
    return np.asarray([UNLABELLED if label is None else label for label in labels])


def complete_classes(labels: np.ndarray, names: Sequence[str] | None, what: str) -> tuple[str, ...]:
    """Class names such that every label is an index into them; () where nothing is labelled.

    Without names, or beyond gaps, a class is called "class 7". DataError where names are too few.

    >>> complete_classes(np.array([0, 2]), None, "pets")
    ('class 0', 'class 1', 'class 2')
    """
    highest = int(labels.max(initial=UNLABELLED))
    if names is None:
        return tuple(placeholder(label) for label in range(highest + 1))
    if highest >= len(names):
        raise DataError(f"{what}: label {highest}, but only {len(names)} class names")
    return tuple(names)


def encode_names(
    values: Sequence[str | None], names: Sequence[str] | None = None, what: str = ""
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels (N,) and class names for labels that come as names; None is unlabelled.

    The classes are the given names, or without them the sorted distinct values. DataError for a value that is
    not among the given names.

    >>> encode_names(["dog", "cat", None])
    (array([ 1,  0, -1]), ('cat', 'dog'))
    """
    found = {value for value in values if value is not None}
    classes = tuple(sorted(found) if names is None else names)
    strange = sorted(found.difference(classes))
    if strange:
        raise DataError(f"{what}: the label {strange[0]!r} is not among the class names given")
    place: dict[str | None, int] = {name: label for label, name in enumerate(classes)}
    place[None] = UNLABELLED
    return np.array([place[value] for value in values], dtype=np.int64), classes


def read_names(value: str | Sequence[str]) -> tuple[str, ...]:
    """Class names from a list, "cat,dog", the known list "cifar10", or a .txt (one a line) or .json file.

    A .json file holds a list of names, or an object from index to name or to [code, name].

    >>> read_names("cat, dog"), read_names("cifar10")[3]
    (('cat', 'dog'), 'cat')
    """
    if not isinstance(value, str):
        return tuple(str(name) for name in value)
    if value in _KNOWN:
        return _KNOWN[value]
    if Path(value).suffix in (".txt", ".json"):
        return _names_file(Path(value).expanduser())
    return tuple(name.strip() for name in value.split(","))


def _names_file(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        names = _json_names(json.loads(text)) if path.suffix == ".json" else text.splitlines()
    except OSError as error:
        raise DataError(f"cannot read class names from {str(path)!r}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise DataError(
            f"no class names in {str(path)!r}: a list, or an object from index to name"
        ) from error
    return tuple(name.strip() for name in names)


def _json_names(found: object) -> list[str]:
    if isinstance(found, dict):
        by_label = {int(label): name for label, name in found.items()}
        found = [by_label.get(label, placeholder(label)) for label in range(max(by_label) + 1)]
    if not isinstance(found, list):
        raise ValueError("neither a list nor an object")
    return [str(name[-1]) if isinstance(name, list) else str(name) for name in found]
