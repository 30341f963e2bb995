"""What is to be read from a network, for every picture of a set: a class, or a number."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import UsageError


@dataclass(frozen=True, eq=False)
class Targets:
    """A concept's value in every picture of a set.

    Attributes:
        concept: The concept's name, as it is typed.
        classes: Names of the classes; () where the concept is a number.
        values: (N,) int64 places in `classes`, -1 where the concept does not apply to a picture; of a number
            float64, NaN where it does not apply.

    >>> hue = Targets("hue", ("red", "green"), np.array([0, 1, -1]))
    >>> hue.numeric, hue.applies.tolist(), len(hue)
    (False, [True, True, False], 3)
    """

    concept: str
    classes: tuple[str, ...]
    values: NDArray = field(repr=False)

    def __post_init__(self) -> None:
        kind = np.float64 if self.numeric else np.int64
        values = np.asarray(self.values, kind).view()
        if values.ndim != 1:
            raise UsageError(f"{self.concept} has one value for each picture, not an array of {values.shape}")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def numeric(self) -> bool:
        """Whether the concept is a number."""
        return not self.classes

    @property
    def applies(self) -> NDArray[np.bool_]:
        """(N,) whether a picture has a value."""
        return np.isfinite(self.values) if self.numeric else self.values >= 0
