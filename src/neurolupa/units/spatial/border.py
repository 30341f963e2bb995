"""Whether the outermost rows and columns of the mean maps stand out, as padding makes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.core.planes import SIDES
from neurolupa.units.spatial.nulls import Floats, reach_of

LEAST_SIDE = 5
"""Sides of maps below this have no three lines in a row that are clear of the border."""

BORDER_ALPHA = 0.025
"""A p up to this is called a border: lines of a map hang together, so that p is up to 1.3 times too small."""

_ROUNDING = 1e-6
_EQUAL = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Lines:
    """How much the rows and columns of mean maps are bent: each line's mean against the two beside it.

    The bend of a line is a_{k-1} - 2 a_k + a_{k+1}; that of the line next to the border is how far the
    outermost line lies from the straight continuation of the two inside it, a_0 - (2 a_1 - a_2).

    Attributes:
        jumps: (U, 4) left, right, top, bottom: the bends at the border.
        scale: (U,) the root mean square of the bends inside, at least the rounding; NaN where a value is
            missing.
        null: (L,) sorted, of all units together: the size of each bend inside over the root mean square of
            the others of the same unit.
    """

    jumps: Floats
    scale: Floats
    null: Floats


def border_columns(maps: NDArray[np.float32], rows: Mapping[str, Any], units: NDArray) -> dict[str, NDArray]:
    """What `Border` has, an array a column, for some units of a site.

    Args:
        maps: (C, H, W) mean maps of all units of the site.
        rows: columns std and images of `units.parquet`, of the chosen units.
        units: (U,) which of the C they are.
    """
    wide = maps.astype(np.float64)
    ring = ring_mask(*maps.shape[1:])
    chosen = wide[units]
    edge = chosen[:, ring].mean(1)
    inner = chosen[:, ~ring].mean(1) if (~ring).any() else np.full(len(units), np.nan)
    size = np.abs(edge) + np.abs(inner)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(size > 0, (edge - inner) / size, np.nan)
        half = _half_width(chosen, rows, ring) / size
    found: dict[str, NDArray[Any]] = {
        "ring": edge, "interior": inner, "index": index,
        "index_low": np.maximum(index - half, -1), "index_high": np.minimum(index + half, 1),
    }  # fmt: skip
    if min(maps.shape[1:]) < LEAST_SIDE:
        return found | _nothing(len(units))
    return found | _compared(_lines(wide), units)


def ring_mask(height: int, width: int) -> NDArray[np.bool_]:
    """(H, W): true on the outermost rows and columns.

    >>> ring_mask(3, 4).sum()
    np.int64(10)
    """
    mask = np.ones((height, width), bool)
    mask[1:-1, 1:-1] = False
    return mask


def padded_share(layer: Mapping[str, Any], input_size: tuple[int, int] | None) -> float:
    """The share of a site's positions whose receptive field reaches beyond the picture.

    NaN where the field or the size of the network's input is unknown. At 1 every position sees the padding
    and the border is not special; at 0 padding cannot be what the border shows.

    >>> field = {"rf_height": 3, "rf_stride_y": 1, "rf_start_y": -1, "height": 4}
    >>> padded_share(field | {"rf_width": 3, "rf_stride_x": 1, "rf_start_x": -1, "width": 4}, (4, 4))
    0.75
    """
    if input_size is None or pd.isna(layer["rf_height"]):
        return float("nan")
    inside = 1.0
    for side, axis, pixels in zip(("height", "width"), "yx", input_size, strict=True):
        starts = layer[f"rf_start_{axis}"] + layer[f"rf_stride_{axis}"] * np.arange(int(layer[side]))
        inside *= float(np.mean((starts >= 0) & (starts + layer[f"rf_{side}"] <= pixels)))
    return 1.0 - inside


def _half_width(maps: Floats, rows: Mapping[str, Any], ring: NDArray[np.bool_]) -> Floats:
    """(U,): half a 95 % interval of ring minus interior, as wide as any dependence of the positions allows.

    The total variance is that of the mean map plus the positions' mean variance v over the images; weights
    w_p and standard deviations s_p give at most sum |w_p| s_p <= sqrt(sum w_p^2) sqrt(P v).
    """
    images = np.asarray(rows["images"], np.int64)
    between = maps.var((1, 2))
    within = np.maximum(np.asarray(rows["std"], np.float64) ** 2 - between, 0)
    weights = ring.size * (1 / ring.sum() + 1 / max((~ring).sum(), 1))
    return reach_of(images) * np.sqrt(weights * within / np.maximum(images - 1, 1))


def _lines(maps: Floats) -> Lines:
    """Of all units; a line leaves out its ends, which belong to the other two sides."""
    across, down = _bends(maps[:, 1:-1].mean(1)), _bends(maps[:, :, 1:-1].mean(2))
    inside = np.concatenate([across[:, 1:-1], down[:, 1:-1]], 1)
    least = _ROUNDING * np.abs(maps).max((1, 2))
    least = np.where(least == 0, 1.0, least)
    squares = inside * inside
    total, count = squares.sum(1), inside.shape[1]
    scale = np.maximum(np.sqrt(total / count), least)
    others = np.sqrt(np.maximum(total[:, None] - squares, 0) / (count - 1))
    relative = np.abs(inside) / np.maximum(others, least[:, None])
    jumps = np.stack([across[:, 0], across[:, -1], down[:, 0], down[:, -1]], 1)
    return Lines(jumps, scale, np.sort(relative[np.isfinite(scale)].ravel()))


def _bends(lines: Floats) -> Floats:
    return lines[:, :-2] - 2 * lines[:, 1:-1] + lines[:, 2:]


def _compared(lines: Lines, units: NDArray) -> dict[str, NDArray]:
    jumps, known = lines.jumps[units], np.isfinite(lines.scale[units])
    relative = np.where(known[:, None], jumps / lines.scale[units, None], 0.0)
    strongest = np.abs(relative).argmax(1)
    jump = np.take_along_axis(relative, strongest[:, None], 1)[:, 0]
    count = len(lines.null)
    as_large = count - np.searchsorted(lines.null, np.abs(jump) * _EQUAL)
    p = np.where(known, np.minimum(len(SIDES) * (1 + as_large) / (1 + count), 1), np.nan)
    high = np.quantile(lines.null, 1 - BORDER_ALPHA / len(SIDES)) if count else np.nan
    codes = np.select([~known, p > BORDER_ALPHA, jump > 0], ["not_finite", "none", "raised"], "lowered")
    return {
        **{f"jump_{side}": jumps[:, place] for place, side in enumerate(SIDES)},
        "side": np.where(p <= BORDER_ALPHA, np.array(SIDES)[strongest], ""),
        "jump": np.where(known, jump, np.nan), "p": p,
        "null_high": np.full(len(units), high), "null_n": np.full(len(units), count), "code": codes,
    }  # fmt: skip


def _nothing(count: int) -> dict[str, NDArray]:
    missing = np.full(count, np.nan)
    return {
        **{f"jump_{side}": missing for side in SIDES}, "side": np.full(count, ""), "jump": missing,
        "p": missing, "null_high": missing, "null_n": np.zeros(count, np.int64),
        "code": np.full(count, "too_small"),
    }  # fmt: skip
