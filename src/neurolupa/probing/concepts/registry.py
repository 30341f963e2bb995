"""The kinds of concepts; other packages add theirs by the entry-point group `neurolupa.concepts`."""

from typing import Protocol

from neurolupa.images import ImageSet
from neurolupa.probing.targets import Targets
from neurolupa.registry import Registry


class Concept(Protocol):
    """Something that every picture of a set has a value of, or has not.

    What is computed from single pictures is a `Property`, which shares their decoding with other properties.
    """

    def has(self, images: ImageSet) -> bool:
        """Whether a set has this concept at all; no picture is decoded for it."""

    def targets(self, name: str, images: ImageSet) -> Targets:
        """Its value in every picture, under the name that it is registered by.

        Raises:
            DataError: the set does not have it.
        """


CONCEPTS: Registry[Concept] = Registry("concept", "concepts")
