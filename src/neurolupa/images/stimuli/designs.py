"""Which value every factor has in every picture.

Picture i belongs to the cell i mod C of the crossing (shuffled anew in every round of C pictures) and is its
i div C-th replicate. Every other factor of m values runs, in every cell, through all m values in every m
replicates; and within one round its values are equally frequent too, give or take one. All of it is a
function of (seed, i): a longer set begins with the shorter one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.images.stimuli.factors import FACTORS, OF_TEXTURE, PLAIN, Value, spelled
from neurolupa.images.stimuli.hashing import permutations

if TYPE_CHECKING:
    import pandas as pd

_ORDER, _PLACE, _TURN, _NAMES = range(4)


@dataclass(frozen=True, eq=False)
class Design:
    """The values of the factors, `values`, and which of them every picture has, `codes` (N,) into `values`.

    A code of -1 says that the factor does not apply to the picture.
    """

    values: Mapping[str, tuple[Value, ...]]
    codes: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.codes.values())))

    def value(self, factor: str, number: int) -> Value | None:
        """The value of a factor in one picture; None where it does not apply."""
        code = int(self.codes[factor][number])
        return None if code < 0 else self.values[factor][code]

    def classes(self, factor: str) -> tuple[str, ...]:
        """The values of a factor as class names, such that its codes are labels."""
        return tuple(spelled(value) for value in self.values[factor])

    def taken(self, numbers: np.ndarray) -> "Design":
        """The design of these pictures, in this order."""
        return Design(self.values, {name: codes[numbers] for name, codes in self.codes.items()})

    def table(self) -> "pd.DataFrame":
        """`image`, then one column for each factor; names as text, numbers as float; None and NaN where
        the factor does not apply.
        """
        import pandas as pd

        columns = {name: self._column(name) for name in self.values}
        return pd.DataFrame({"image": np.arange(len(self)), **columns})

    def _column(self, factor: str) -> np.ndarray:
        values, codes = self.values[factor], self.codes[factor]
        if isinstance(values[0], str):
            return np.array([*values, None], dtype=object)[codes]
        return np.array([*values, np.nan], dtype=np.float64)[codes]


def crossed(values: Mapping[str, Sequence[Value]], rounds: int = 1) -> Design:
    """Every combination of the values, the last factor fastest, `rounds` times.

    >>> crossed({"a": (1.0, 2.0), "b": (3.0, 4.0)}).table().to_numpy().tolist()
    [[0.0, 1.0, 3.0], [1.0, 1.0, 4.0], [2.0, 2.0, 3.0], [3.0, 2.0, 4.0]]
    """
    sizes = [len(choices) for choices in values.values()]
    codes = np.unravel_index(np.tile(np.arange(prod(sizes)), rounds), sizes)
    return Design({name: tuple(each) for name, each in values.items()}, dict(zip(values, codes, strict=True)))


def balanced(
    values: Mapping[str, tuple[Value, ...]], crossing: Sequence[str], count: int, seed: int
) -> Design:
    """`count` pictures that cross the factors of `crossing` and balance all others over its cells.

    `values` holds every factor of FACTORS. Where texture is solid, orientation and frequency do not apply;
    over all other pictures they are balanced in every cell and texture.

    >>> design = balanced(FACTORS, ("shape",), 16, 0)
    >>> np.bincount(design.codes["shape"]).tolist()
    [2, 2, 2, 2, 2, 2, 2, 2]
    """
    sizes = [len(values[name]) for name in crossing]
    cells = prod(sizes)
    rounds, place = np.divmod(np.arange(count), cells)
    cell = permutations(-(-count // cells), cells, seed, len(FACTORS), _ORDER)[rounds, place]
    codes = dict(zip(crossing, np.unravel_index(cell, sizes), strict=True))
    for factor in values:
        if factor not in codes and factor not in OF_TEXTURE:
            codes[factor] = _spread(seed, factor, cell, rounds, cells, len(values[factor]))
    if "texture" not in crossing:
        textures = len(values["texture"])
        cell, rounds, cells = cell * textures + codes["texture"], rounds // textures, cells * textures
    for factor in OF_TEXTURE:
        if factor not in codes:
            codes[factor] = _spread(seed, factor, cell, rounds, cells, len(values[factor]))
            codes[factor][np.array(values["texture"])[codes["texture"]] == PLAIN] = -1
    return Design(values, {name: codes[name] for name in values})


def _spread(
    seed: int, factor: str, cell: np.ndarray, replicate: np.ndarray, cells: int, choices: int
) -> np.ndarray:
    """Codes below `choices`: all of them in `choices` replicates of a cell, evenly over the cells of one."""
    block, step = np.divmod(replicate, choices)
    blocks, stream = int(block[-1]) + 1, list(FACTORS).index(factor)
    place = permutations(blocks, cells, seed, stream, _PLACE)[block, cell]
    turn = permutations(blocks, choices, seed, stream, _TURN)[block, step]
    return permutations(blocks, choices, seed, stream, _NAMES)[block, (place + turn) % choices]
