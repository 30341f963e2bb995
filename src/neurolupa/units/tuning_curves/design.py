"""Which picture shows which value of a factor."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.errors import UsageError
from neurolupa.units.tuning_curves.factors import Factor

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Design:
    """The pictures of one factor, in the same order at every level of the factor that it is crossed with.

    Attributes:
        values: the V values of the factor.
        levels: the B values of the crossed factor; one empty level where there is none.
        pictures: (B, n), indices of the pictures at each level.
        labels: (n,), which of `values` they show, the same at every level.
    """

    values: tuple[str | float, ...]
    levels: tuple[str | float | None, ...]
    pictures: NDArray[np.int64]
    labels: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """(V,): the pictures of each value at one level."""
        return np.bincount(self.labels, minlength=len(self.values))


def arrange(table: "pd.DataFrame", factor: Factor, order: Sequence[str | float] = ()) -> Design:
    """The design of a factor in the table of an image set (one row for each picture, in their order).

    Pictures to which the factor does not apply (None or NaN) are left out. Numbers are sorted; names follow
    `order`, then their first appearance.

    Raises:
        UsageError: The set does not vary the factor, or does not cross it with the factor it should.

    >>> import pandas as pd
    >>> from neurolupa.units.tuning_curves.factors import FACTORS
    >>> arrange(pd.DataFrame({"shape": ["star", "ring", "star"]}), FACTORS["shape"]).labels
    array([0, 1, 0])
    """
    for name in filter(None, (factor.name, factor.crossed)):
        if name not in table:
            raise UsageError(f"these stimuli have no {name}, over which {factor.name} is measured")
    applies = np.flatnonzero(table[factor.name].notna())
    column = [_plain(value) for value in table[factor.name].iloc[applies]]
    values = _ordered(column, order)
    if len(values) < 2:
        raise UsageError(f"tuning to {factor.name} needs stimuli with two values of it, not {len(values)}")
    labels = np.array([values.index(value) for value in column])
    if not factor.crossed:
        return Design(values, (None,), applies[None], labels)
    return _crossed(factor, values, labels, applies, list(table[factor.crossed].iloc[applies]))


def _crossed(
    factor: Factor, values: tuple, labels: NDArray[np.int64], pictures: NDArray[np.int64], other: list
) -> Design:
    levels = _ordered([_plain(value) for value in other], ())
    parts = [np.flatnonzero([value == level for value in other]) for level in levels]
    parts = [part[np.argsort(labels[part], kind="stable")] for part in parts]
    sequences = [labels[part].tolist() for part in parts]
    if any(sequence != sequences[0] for sequence in sequences):
        raise UsageError(
            f"tuning to {factor.name} needs every {factor.name} at every {factor.crossed}, equally often"
        )
    return Design(values, levels, pictures[np.stack(parts)], np.array(sequences[0]))


def _ordered(column: Sequence[str | float], order: Sequence[str | float]) -> tuple[str | float, ...]:
    present = dict.fromkeys(column)
    if all(isinstance(value, float) for value in present):
        return tuple(sorted(value for value in present if isinstance(value, float) and not math.isnan(value)))
    return tuple(dict.fromkeys([*(value for value in order if value in present), *present]))


def _plain(value: object) -> str | float:
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
