"""The concepts of a set of generated pictures: which value of each factor every picture shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images import ImageSet, StimulusSet, load_images
from neurolupa.images.stimuli.factors import spelled

GROUND = "background"
"""The factor that is about what the mask leaves out."""

LEFT_OUT = ("scale", "position", "phase", GROUND)
"""Factors that are not taken unless they are asked for.

Position and phase say where something is, the background what lies behind it. The larger a mask the higher
every measure, so that large objects win whatever a unit does: dealing the scales out anew is no null for it.
"""


@dataclass(frozen=True, eq=False)
class Labelling:
    """One category: the concepts that a factor can show, and which of them every picture does.

    Attributes:
        category: the factor's name.
        concepts: V names of its values, of those that occur.
        codes: (N,) places in `concepts`; -1 where the factor has no effect on the picture.
    """

    category: str
    concepts: tuple[str, ...]
    codes: NDArray[np.int64] = field(repr=False)

    @property
    def applies(self) -> NDArray[np.int64]:
        """(n,) the pictures that show one of the concepts."""
        return np.flatnonzero(self.codes >= 0)

    @property
    def counts(self) -> NDArray[np.int64]:
        """(V,) how many pictures show each."""
        return np.bincount(self.codes[self.applies], minlength=len(self.concepts))


def stimuli_of(images: StimulusSet | str) -> StimulusSet:
    """A set of generated pictures, opened where its text was given; UsageError for one without masks.

    >>> len(stimuli_of("stimuli?size=32&count=16"))
    16
    """
    found: ImageSet = load_images(images) if isinstance(images, str) else images
    if not isinstance(found, StimulusSet):
        raise UsageError(
            f"{found.name} has no masks to dissect a network with; take stimuli, gratings or hues"
        )
    return found


def labellings(images: StimulusSet, factors: str | Iterable[str] | None = None) -> tuple[Labelling, ...]:
    """The categories of a set, in the order of its factors.

    None takes every factor that varies but those of `LEFT_OUT`; all but `background` can be asked for.

    Raises:
        UsageError: An unknown factor, none, or `background`, which no mask of the object shows.
        DataError: A factor that was asked for does not vary, or none does.

    >>> [each.category for each in labellings(stimuli_of("stimuli?size=32&count=72"))]
    ['shape', 'hue', 'texture', 'orientation', 'frequency']
    """
    table = images.table()
    found = [_labelling(name, images, list(table[name])) for name in _chosen(images, factors)]
    for each in found:
        if factors is not None and len(each.concepts) < 2:
            raise DataError(f"{each.category} does not vary in {images.spec}")
    varied = tuple(each for each in found if len(each.concepts) > 1)
    if not varied:
        raise DataError(f"nothing varies in {images.spec} that an object can show")
    return varied


def _chosen(images: StimulusSet, factors: str | Iterable[str] | None) -> list[str]:
    if factors is None:
        return [name for name in images.factors if name not in LEFT_OUT]
    names = factors.split(",") if isinstance(factors, str) else factors
    asked = [str(name).strip() for name in names]
    for name in asked:
        if name not in images.factors:
            raise unknown("factor", name, images.factors)
        if name == GROUND:
            raise UsageError(f"{GROUND} is what the masks leave out; choose a factor of the object")
    if not asked:
        raise UsageError(f"no factor was named; choose from: {', '.join(images.factors)}")
    return [name for name in images.factors if name in asked]


def _labelling(name: str, images: StimulusSet, column: list) -> Labelling:
    present = set(column)
    shown = [value for value in images.values(name) if value in present]
    place = {value: code for code, value in enumerate(shown)}
    codes = np.array([place.get(value, -1) for value in column], np.int64)
    return Labelling(name, tuple(map(spelled, shown)), codes)
