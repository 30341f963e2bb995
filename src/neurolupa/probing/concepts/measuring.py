"""Properties of every picture of a set, all from one decoding."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from neurolupa.core.threads import ranges
from neurolupa.images import ImageSet, UnreadableImage
from neurolupa.probing.concepts.coding import coded
from neurolupa.probing.concepts.views import View, view_of
from neurolupa.probing.targets import Targets

Value = str | float | None
OnPicture = Callable[[int, int], None]

_BLOCK = 256
"""Pictures that wait for a thread at a time."""


def unseen(done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Property:
    """A concept that is computed from each picture alone.

    Attributes:
        measure: from a picture to the name of its class, or to its number; None where it does not apply.
            Called from several threads.
        classes: names of the classes; () where it is a number.

    >>> from neurolupa.images import load_images
    >>> wide = Property(lambda view: "wide" if view.pixels.shape[1] > view.pixels.shape[0] else "tall",
    ...                 ("tall", "wide"))
    >>> pictures = load_images([np.zeros((2, 3, 3), np.uint8), np.zeros((5, 3, 3), np.uint8)])
    >>> wide.targets("format", pictures).values.tolist()
    [1, 0]
    """

    measure: Callable[[View], Value]
    classes: tuple[str, ...] = ()

    def has(self, images: ImageSet) -> bool:
        """True: every picture can be measured."""
        return True

    def targets(self, name: str, images: ImageSet) -> Targets:
        """Its value in every picture."""
        return measured(images, {name: self})[0]

    def collected(self, name: str, values: Sequence[Value]) -> Targets:
        """Targets of the values (N,) that were measured."""
        if not self.classes:
            return Targets(name, (), np.array([np.nan if value is None else value for value in values]))
        places: dict[Value, int] = {each: place for place, each in enumerate(self.classes)}
        return coded(name, self.classes, [-1 if value is None else places[value] for value in values])


def measured(
    images: ImageSet, properties: Mapping[str, Property], on_picture: OnPicture = unseen
) -> tuple[Targets, ...]:
    """The properties of every picture, in their order; each picture is decoded once, by as many threads as
    there are cores, and one per thread is in memory.

    To a picture that cannot be decoded no property applies. `on_picture(done, total)` follows each picture.
    """
    wanted = tuple(properties.values())
    rows: list[tuple[Value, ...]] = []
    for row in _rows(partial(_row, images, wanted), len(images)):
        rows.append(row)
        on_picture(len(rows), len(images))
    columns = zip(*rows, strict=True)
    return tuple(
        each.collected(name, column) for (name, each), column in zip(properties.items(), columns, strict=True)
    )


def _rows(work: Callable[[int], tuple[Value, ...]], count: int) -> Iterator[tuple[Value, ...]]:
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="neurolupa-concept") as pool:
        for first, last in ranges(count, -(-count // _BLOCK)):
            yield from pool.map(work, range(first, last))


def _row(images: ImageSet, wanted: tuple[Property, ...], index: int) -> tuple[Value, ...]:
    try:
        view = view_of(images[index].image)
    except UnreadableImage:
        return (None,) * len(wanted)
    return tuple(each.measure(view) for each in wanted)
