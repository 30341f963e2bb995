"""What drove a unit: the parts of the picture at its highest activations, and how its kernel fits there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, overload

import numpy as np

from neurolupa.capture import ReceptiveField
from neurolupa.capture.convolutions import Convolution, Pair
from neurolupa.errors import UsageError
from neurolupa.inspection.matching import Match, Matcher
from neurolupa.inspection.regions import SILENT_AT_MOST, Box, clipped, silence_of

if TYPE_CHECKING:
    import pandas as pd

_NEIGHBOURS = (2, 2)
"""What keeps positions apart at least where receptive fields cannot: a neighbour belongs to the same peak."""


@dataclass(frozen=True, eq=False)
class Patch:
    """One part of the picture that drove a unit.

    Attributes:
        rank: 1 for the strongest.
        position: (row, column) of the map.
        value: The activation there.
        box: What the position sees (x0, y0, x1, y1) in pixels of the seen picture, clipped; None where the
            receptive field is not known.
        whole_box: The same unclipped.
        crop: The pixels in `box` (height, width, 3).
        match: How well the kernel fits there; None where `Patches.match_code` says why.
    """

    rank: int
    position: Pair
    value: float
    box: Box | None
    whole_box: Box | None
    crop: np.ndarray | None = field(repr=False)
    match: Match | None = None

    @property
    def clipped(self) -> bool:
        """Whether the receptive field reaches beyond the picture, into padding."""
        return self.box != self.whole_box


@dataclass(frozen=True, eq=False)
class Patches(Sequence[Patch]):
    """The strongest positions of a unit on one picture, the strongest first.

    Attributes:
        found: The patches; fewer than asked for where the map has no more distinct positions that fire.
        unit: The unit.
        spacing: (rows, columns) that any two positions are apart in at least one direction.
        spaced_by: receptive_field, or kernel where that gives more of the wanted number of positions.
        code: Why there are none: dead, constant, not_finite (see `Regions`).
        match_code: Why there is no match: no_convolution (it or its input is not given), own_forward (the
            layer's class changes weights or padding itself), other_positions (the map has not the
            convolution's rows and columns).
        seed: Of the null.
    """

    found: tuple[Patch, ...]
    unit: int
    spacing: Pair = (1, 1)
    spaced_by: str = "kernel"
    code: str | None = None
    match_code: str | None = None
    seed: int = 0

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Patch]:
        return iter(self.found)

    @overload
    def __getitem__(self, index: int) -> Patch: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Patch, ...]: ...
    def __getitem__(self, index: int | slice) -> Patch | tuple[Patch, ...]:
        return self.found[index]

    def to_frame(self) -> "pd.DataFrame":
        """One row for each patch: unit, rank, row, column, value, x0, y0, x1, y1, cosine, null, p_value,
        positions, computed, difference.
        """
        import pandas as pd

        return pd.DataFrame([_row(self.unit, patch) for patch in self], columns=_COLUMNS)


def detected_patches(
    values: np.ndarray,
    seen: np.ndarray,
    field: ReceptiveField | None,
    *,
    unit: int = 0,
    convolution: Convolution | None = None,
    inputs: np.ndarray | None = None,
    output: np.ndarray | None = None,
    count: int = 3,
    draws: int = 500,
    seed: int = 0,
) -> Patches:
    """The parts of the picture at the highest distinct positions of a unit's map.

    The highest value is taken, then the highest whose receptive field does not overlap the first's, and so
    on; where that gives fewer, the kernel's extent, and at least a neighbour, is what keeps them apart. Equal
    values: the first in reading order. Positions at or below 1e-6 did not fire and are not taken.

    Args:
        values: The unit's map (h, w).
        seen: The picture as the network saw it (H, W, 3).
        field: The receptive field of the site.
        unit: Its number, which is its kernel's.
        convolution: The layer behind the site.
        inputs: What that layer was given, (input channels, height, width).
        output: What that layer gave for this unit, (h, w); at the point `conv` this is the map itself.
        count: How many patches at most.
        draws: Positions of the null, all others where there are no more.
        seed: Of their draw.

    Raises:
        UsageError: Arrays of the wrong shape, or a count below one.

    >>> layer = Convolution(np.array([[[[1.0, -1.0]]]]))
    >>> row = np.array([[[3.0, 0.0, 0.0, 0.0]]])
    >>> picture = np.zeros((1, 4, 3), np.uint8)
    >>> sees = ReceptiveField(size=(1, 2), stride=(1, 1), start=(0, 0))
    >>> (patch,) = detected_patches(np.array([[3.0, 0.0, 0.0]]), picture, sees, convolution=layer, inputs=row)
    >>> patch.position, patch.box, round(patch.match.cosine, 3), patch.match.computed
    ((0, 0), (0, 0, 2, 1), 0.707, 3.0)
    """
    _check(values, seen, count)
    ground = _Ground(seen, field, convolution, _matcher(convolution, inputs, draws, seed), count, seed)
    return ground.patches(values, unit, output)


def patches_of(
    maps: Mapping[int, np.ndarray],
    seen: np.ndarray,
    field: ReceptiveField | None,
    *,
    convolution: Convolution | None = None,
    inputs: np.ndarray | None = None,
    itself: bool = False,
    count: int = 3,
    draws: int = 500,
    seed: int = 0,
) -> dict[int, Patches]:
    """`detected_patches` of several units of one layer, whose null reads the layer's input once for all.

    Args:
        maps: The maps (h, w) by unit.
        seen: As for `detected_patches`, as are all that follow but one.
        field: See there.
        convolution: See there.
        inputs: See there.
        itself: Whether the maps are what the layer gave, as at the point `conv`.
        count: See there.
        draws: See there.
        seed: See there.

    Raises:
        UsageError: As for `detected_patches`.

    >>> found = patches_of({4: np.eye(2), 7: np.zeros((2, 2))}, np.zeros((2, 2, 3), np.uint8), None)
    >>> [(unit, len(patches), patches.code) for unit, patches in found.items()]
    [(4, 1, None), (7, 0, 'dead')]
    """
    for values in maps.values():
        _check(values, seen, count)
    ground = _Ground(seen, field, convolution, _matcher(convolution, inputs, draws, seed), count, seed)
    return {unit: ground.patches(values, unit, values if itself else None) for unit, values in maps.items()}


def _matcher(
    convolution: Convolution | None, inputs: np.ndarray | None, draws: int, seed: int
) -> Matcher | None:
    return None if convolution is None or inputs is None else Matcher(convolution, inputs, draws, seed)


@dataclass(frozen=True, eq=False)
class _Ground:
    """What all units of a layer share on one picture."""

    seen: np.ndarray
    field: ReceptiveField | None
    convolution: Convolution | None
    matcher: Matcher | None
    count: int
    seed: int

    def patches(self, values: np.ndarray, unit: int, output: np.ndarray | None) -> Patches:
        code = silence_of(values)
        if code is not None and code != "one_value":
            return Patches((), unit, code=code, seed=self.seed)
        positions, spacing, by = _spread(values, self.field, self.convolution, self.count)
        places = enumerate(positions, start=1)
        found = [_cut(rank, place, values, self.seen, self.field) for rank, place in places]
        refusal = _refusal(values, self.matcher)
        if refusal is None and self.matcher is not None:
            matches = self.matcher.at(unit, positions, output)
            found = [replace(patch, match=match) for patch, match in zip(found, matches, strict=True)]
        return Patches(tuple(found), unit, spacing, by, match_code=refusal, seed=self.seed)


def _check(values: np.ndarray, seen: np.ndarray, count: int) -> None:
    if values.ndim != 2 or not values.size:
        raise UsageError(f"patches are of a map (rows, columns), not of an array of shape {values.shape}")
    if seen.ndim != 3:
        raise UsageError(f"the seen picture is (H, W, 3), not an array of shape {seen.shape}")
    if count < 1:
        raise UsageError(f"at least one patch is looked for, not {count}")


def _refusal(values: np.ndarray, matcher: Matcher | None) -> str | None:
    if matcher is None:
        return "no_convolution"
    if not matcher.convolution.exact:
        return "own_forward"
    return None if matcher.grid == values.shape else "other_positions"


def _spread(
    values: np.ndarray, field: ReceptiveField | None, convolution: Convolution | None, count: int
) -> tuple[list[Pair], Pair, str]:
    """Positions, how far apart they are, and by what."""
    kernel = _NEIGHBOURS
    if convolution is not None:
        rows, columns = _apart(convolution.extent, convolution.stride)
        kernel = max(rows, _NEIGHBOURS[0]), max(columns, _NEIGHBOURS[1])
    near = _strongest(values, kernel, count)
    if field is None:
        return near, kernel, "kernel"
    wide = _apart(field.size, field.stride)
    far = _strongest(values, wide, count)
    return (far, wide, "receptive_field") if len(far) >= len(near) else (near, kernel, "kernel")


def _apart(extent: tuple[float, float], step: tuple[float, float]) -> Pair:
    """How many positions apart two windows are that do not overlap; one position where all see the same."""
    rows, columns = (
        int(np.ceil(span / jump)) if jump else 1 for span, jump in zip(extent, step, strict=True)
    )
    return rows, columns


def _strongest(values: np.ndarray, apart: Pair, count: int) -> list[Pair]:
    """The highest positions, greedily: what is nearer than `apart` in both directions is passed over."""
    left = np.where(values > SILENT_AT_MOST, values.astype(np.float64), -np.inf)
    found: list[Pair] = []
    while len(found) < count and left.max() > -np.inf:
        row, column = divmod(int(left.argmax()), values.shape[1])
        found.append((row, column))
        top, start = max(row - apart[0] + 1, 0), max(column - apart[1] + 1, 0)
        left[top : row + apart[0], start : column + apart[1]] = -np.inf
    return found


def _cut(
    rank: int, position: Pair, values: np.ndarray, seen: np.ndarray, field: ReceptiveField | None
) -> Patch:
    whole = None if field is None else field.box(*position)
    box = None if whole is None else clipped(whole, (seen.shape[0], seen.shape[1]))
    crop = None if box is None else seen[box[1] : box[3], box[0] : box[2]].copy()
    return Patch(rank, position, float(values[position]), box, whole, crop)


_COLUMNS = [
    *("unit", "rank", "row", "column", "value", "x0", "y0", "x1", "y1"),
    *("cosine", "null", "p_value", "positions", "computed", "difference"),
]


def _row(unit: int, patch: Patch) -> tuple[object, ...]:
    box, match = patch.box or (None,) * 4, patch.match
    fit = (None,) * 6 if match is None else tuple(getattr(match, name) for name in _COLUMNS[-6:])
    return (unit, patch.rank, *patch.position, patch.value, *box, *fit)
