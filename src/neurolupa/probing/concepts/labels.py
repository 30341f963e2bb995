"""Labels of an image set, and groups of them."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images import ImageSet
from neurolupa.images.classes import read_names
from neurolupa.images.records import UNLABELLED
from neurolupa.probing.concepts.coding import coded
from neurolupa.probing.concepts.registry import CONCEPTS
from neurolupa.probing.targets import Targets

Groups = Mapping[str, str | Iterable[str]]


class Labels:
    """The labels of a set, as a concept; its classes are those that occur."""

    def has(self, images: ImageSet) -> bool:
        """Whether any picture has a label."""
        return bool((images.labels != UNLABELLED).any())

    def targets(self, name: str, images: ImageSet) -> Targets:
        """The labels; DataError where there are none.

        Of a name that several labels share, each is followed by its label, as "crane (134)".

        >>> from neurolupa.images import load_images
        >>> pets = load_images([np.zeros((1, 1, 3), np.uint8)] * 3, labels=["dog", None, "cat"])
        >>> found = Labels().targets("label", pets)
        >>> found.classes, found.values.tolist()
        (('cat', 'dog'), [1, -1, 0])
        """
        _require_labels(self, name, images)
        shared = Counter(images.classes)
        names = [
            each if shared[each] == 1 else f"{each} ({label})" for label, each in enumerate(images.classes)
        ]
        return coded(name, names, images.labels)


CONCEPTS.register("label")(Labels())


def grouped(name: str, images: ImageSet, groups: Groups) -> Targets:
    """Groups of the classes of a set, such as {"animal": ["cat", "dog"], "vehicle": "ship,truck"}.

    The concept applies to the pictures of these classes. A class may be in the set's list without a picture.

    Raises:
        UsageError: no group, a group without a class, an unknown class, or one that is in two groups.
        DataError: the set has no labels.

    >>> from neurolupa.images import load_images
    >>> seen = load_images([np.zeros((1, 1, 3), np.uint8)] * 3, labels=["dog", "ship", "tree"])
    >>> grouped("group", seen, {"animal": ["dog"], "vehicle": ["ship"]}).values.tolist()
    [0, 1, -1]
    """
    _require_labels(Labels(), name, images)
    members = {group: read_names(names if isinstance(names, str) else list(names))
               for group, names in groups.items()}  # fmt: skip
    group_of = _group_of(members, images.classes)
    places = np.array([*(group_of.get(each, -1) for each in images.classes), -1])  # the label -1 has the last
    return coded(name, tuple(members), places[images.labels])


def parse_groups(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Groups as they are typed, one text each.

    Raises:
        UsageError: a text of another form, or two groups of one name.

    >>> parse_groups(["animal=cat,dog", "vehicle=ship, truck"])
    {'animal': ('cat', 'dog'), 'vehicle': ('ship', 'truck')}
    >>> parse_groups(["cat,dog"])
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: group 'cat,dog' is not of the form name=class,class
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, mark, classes = text.partition("=")
        name, members = name.strip(), read_names(classes)
        if not (mark and name and all(members)):
            raise UsageError(f"group {text!r} is not of the form name=class,class")
        if name in found:
            raise UsageError(f"group {name!r} is given twice")
        found[name] = members
    return found


def _require_labels(labels: Labels, name: str, images: ImageSet) -> None:
    if not labels.has(images):
        raise DataError(f"{images.spec} has no labels for {name}; brightness and the like need none")


def _group_of(members: Mapping[str, tuple[str, ...]], classes: tuple[str, ...]) -> dict[str, int]:
    """The place of the group that each class is in."""
    if not members:
        raise UsageError("groups need at least one, such as animal=cat,dog")
    found: dict[str, int] = {}
    for place, (group, names) in enumerate(members.items()):
        if not names:
            raise UsageError(f"group {group!r} has no class")
        for each in names:
            if each not in classes:
                raise unknown(f"class in group {group!r}:", each, classes)
            if found.setdefault(each, place) != place:
                raise UsageError(f"class {each!r} is in two groups, {list(members)[found[each]]} and {group}")
    return found
