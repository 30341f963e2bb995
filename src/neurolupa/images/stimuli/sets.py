"""An image set of generated pictures."""

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

from neurolupa.images.selection import Selection
from neurolupa.images.sets import ImageSet
from neurolupa.images.stimuli.designs import Design
from neurolupa.images.stimuli.factors import Value

if TYPE_CHECKING:
    import pandas as pd

VERSION = 1
"""Counts up when the same text begins to mean other pixels; it is part of every digest."""


class Painter(Protocol):
    """Draws a picture from its number alone, whatever was drawn before, in any thread."""

    @property
    def size(self) -> int:
        """The side in pixels."""

    def picture(self, number: int) -> np.ndarray:
        """uint8 (size, size, 3)."""

    def mask(self, number: int) -> np.ndarray:
        """float32 (size, size) in 0..1: which share of every pixel the object covers."""


class StimulusSet(ImageSet):
    """Generated pictures, each with all its factors and an exact mask; the labels are one of the factors.

    The id is "<kind>/000012". A subset is again a StimulusSet, and its table is numbered from 0.
    """

    def __init__(
        self,
        spec: str,
        design: Design,
        target: str,
        painter: Painter,
        *,
        settings: str = "",
        sample_seed: int = 0,
        numbers: np.ndarray | None = None,
    ) -> None:
        """`settings` is all that a picture depends on besides its number; `sample_seed` that of `sample`."""
        name = spec.partition("?")[0]
        labels = design.codes[target].astype(np.int64)
        super().__init__(name, spec, labels, design.classes(target), labelled_by="given")
        self.target = target
        self._design = design
        self._painter = painter
        self._settings = settings or spec
        self._sample_seed = sample_seed
        self._numbers = np.arange(len(design)) if numbers is None else numbers

    @property
    def factors(self) -> tuple[str, ...]:
        """The names of the factors, in the order of the table."""
        return tuple(self._design.values)

    def values(self, factor: str) -> tuple[Value, ...]:
        """The values that a factor can have in this set, names or numbers."""
        return self._design.values[factor]

    def table(self) -> "pd.DataFrame":
        """One row for each picture: `image`, its index, then a column for each factor.

        Names are text, numbers float; None and NaN where a factor has no visible effect on the picture.
        """
        return self._design.table()

    def mask(self, index: int) -> np.ndarray:
        """float32 (H, W) in 0..1: the share of every pixel that the object covers.

        For gratings how open the aperture is, for patches 1.
        """
        return self._painter.mask(int(self._numbers[self._checked(index)]))

    def id_of(self, index: int) -> str:
        """The kind and the picture's number."""
        return f"{self.name}/{self._numbers[index]:06d}"

    def source_of(self, index: int) -> np.ndarray:
        """The picture, uint8 (H, W, 3), drawn anew."""
        return self._painter.picture(int(self._numbers[index]))

    def size_of(self, index: int) -> int:
        """Bytes of the array."""
        return 3 * self._painter.size**2

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """All that the pixels depend on besides the number, and the version of the drawing."""
        return ((self._settings, VERSION),)

    def _decoded(self, index: int) -> Image.Image:
        # Drawn a moment ago: the care that foreign pixels need would cost as much as the drawing.
        return Image.fromarray(self.source_of(index))

    def _header_size(self, index: int) -> tuple[int, int]:
        return self._painter.size, self._painter.size

    def select(self, selection: Selection) -> "StimulusSet":
        """The chosen pictures, as a StimulusSet; the set itself where nothing is asked for."""
        if not selection:
            return self
        selection = replace(selection, seed=selection.seed or self._sample_seed)
        kept = selection.indices(self.labels, self.classes, self.id_of)
        found = StimulusSet(
            self.spec + ("&" if "?" in self.spec else "?") + self._selecting(selection),
            self._design.taken(kept),
            self.target,
            self._painter,
            settings=self._settings,
            sample_seed=self._sample_seed,
            numbers=self._numbers[kept],
        )
        found.max_pixels = self.max_pixels
        return found

    def _selecting(self, selection: Selection) -> str:
        # In the text of a stimulus set `seed` is the pictures' own, so the sample's has another name.
        options = selection.options()
        seed = options.pop("seed", "0")
        if seed not in ("0", str(self._sample_seed)):
            options["sample_seed"] = seed
        return "&".join(f"{name}={value}" for name, value in options.items())
