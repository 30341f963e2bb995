"""The two halves of the maps along one axis against each other, for all units of a site at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.spatial.nulls import ALPHA, Floats, mean_interval, ratio_interval, sign_flip

STRONG, MODERATE = 1.3, 1.1
"""Ratios above which a side is preferred strongly, moderately; their inverses for the other side."""

DOMINANT, MIXED = 1.5, 0.2
"""How often the other's strength the dominant axis has; the strength above which both count."""

UNDECIDED = ("negative", "not_finite")
"""Codes of contrasts whose strength is not known."""

NO_MAPS = "the units of {site} have no maps with rows and columns, so no place to prefer"
"""What is said of a site without them."""

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Axis:
    """A direction in which maps are cut in half: the halves' names, as the atlas has them."""

    name: str
    first: str
    second: str

    @property
    def covariance(self) -> str:
        """The column of the covariance of the halves.

        >>> VERTICAL.covariance
        'top_bottom_cov'
        """
        return f"{self.first}_{self.second}_cov"


HORIZONTAL = Axis("horizontal", "left", "right")
VERTICAL = Axis("vertical", "top", "bottom")
AXES = (HORIZONTAL, VERTICAL)


def contrast_columns(axis: Axis, rows: Mapping[str, Any], height: int, width: int) -> Columns:
    """Everything about one axis, an array (U,) a column: what `Contrast` has, under the atlas' half names.

    Args:
        axis: along which the maps are cut.
        rows: columns of `units.parquet` for U units.
        height: rows of the maps.
        width: their columns.
    """
    one, two = (np.asarray(rows[half], np.float64) for half in (axis.first, axis.second))
    spreads = [np.asarray(rows[f"{half}_std"], np.float64) for half in (axis.first, axis.second)]
    wins = [np.asarray(rows[f"{half}_dominates"]) for half in (axis.first, axis.second)]
    sides = height // 2 * width if axis is VERTICAL else width // 2 * height
    images = _counted(rows, one, wins[0] + wins[1], height * width, sides)
    covariance = np.asarray(rows[axis.covariance], np.float64)
    variance = np.maximum(spreads[0] ** 2 + spreads[1] ** 2 - 2 * covariance, 0)
    halves = zip((axis.first, axis.second), (one, two), spreads, wins, strict=True)
    return {
        **{key: value for half in halves for key, value in _half(*half, images).items()},
        **_tested(one - two, variance, images, wins[0] + wins[1]),
        **_ratios(axis, (one, two), (spreads[0] ** 2, spreads[1] ** 2), covariance, images, sides),
    }


def dominance(horizontal: Mapping[str, Any], vertical: Mapping[str, Any]) -> NDArray[np.str_]:
    """(U,) codes: horizontal, vertical, mixed, none, or undecided where an axis has no strength.

    An axis dominates when it has a bias of its own (a ratio beyond `MODERATE`) and more than `DOMINANT` times
    the other's strength; both are mixed when the greater strength is above `MIXED`.

    >>> flat, wide = {"strength": [0.0, 0.05]}, {"strength": [0.5, 0.01]}
    >>> codes = {"code": np.array(["none", "none"])}
    >>> dominance(wide | codes, flat | codes).tolist()
    ['horizontal', 'none']
    """
    across, down = (
        np.nan_to_num(np.asarray(each["strength"]), posinf=np.inf) for each in (horizontal, vertical)
    )
    least = MODERATE - 1
    undecided = np.isin(horizontal["code"], UNDECIDED) | np.isin(vertical["code"], UNDECIDED)
    conditions = [
        undecided,
        (across > least) & (across > DOMINANT * down),
        (down > least) & (down > DOMINANT * across),
        np.maximum(across, down) > MIXED,
    ]
    return np.select(conditions, ["undecided", "horizontal", "vertical", "mixed"], "none")


def _counted(
    rows: Mapping[str, Any], mean: Floats, untied: NDArray, positions: int, half: int
) -> NDArray[np.int64]:
    """How many images have both halves; where values are missing, as few as there can be."""
    images = np.asarray(rows["images"], np.int64)
    missing = images * positions - np.asarray(rows["n"], np.int64)
    least = np.maximum(images - missing // max(half, 1), untied)
    return np.where(np.isfinite(mean), least, 0)


def _half(name: str, mean: Floats, std: Floats, wins: NDArray, images: NDArray) -> Columns:
    share = np.where(images > 0, wins / np.maximum(images, 1), np.nan)
    return {name: mean, f"{name}_std": std, f"{name}_dominates": wins, f"{name}_share": share}


def _tested(difference: Floats, variance: Floats, images: NDArray, untied: NDArray) -> Columns:
    flipped = sign_flip(difference, variance, images, untied)
    low, high = mean_interval(difference, variance, images)
    return {
        "images": images, "ties": images - untied, "difference": difference,
        "difference_low": low, "difference_high": high,
        "effect": flipped.z / np.sqrt(np.maximum(images, 1)), "z": flipped.z, "p": flipped.p,
        "p_bound": flipped.p_bound, "supported": flipped.p_bound <= ALPHA,
    }  # fmt: skip


def _ratios(
    axis: Axis,
    means: tuple[Floats, Floats],
    variances: tuple[Floats, Floats],
    covariance: Floats,
    images: NDArray,
    half: int,
) -> Columns:
    one, two = means
    defined = (one >= 0) & (two >= 0) & (one + two > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(defined, one / two, np.nan)
        strength = np.maximum(ratio, 1 / ratio) - 1
    low, high = ratio_interval(means, variances, covariance, images)
    silent = (one == 0) & (two == 0)
    return {
        "ratio": ratio,
        "ratio_low": np.where(defined, low, np.nan),
        "ratio_high": np.where(defined, high, np.nan),
        "strength": np.where(silent, 0.0, strength),
        "code": _codes(axis, ratio, silent, np.isfinite(one + two), half),
    }


def _codes(axis: Axis, ratio: Floats, silent: NDArray, finite: NDArray, half: int) -> NDArray[np.str_]:
    conditions = [
        ~finite, silent, np.isnan(ratio), ratio > STRONG, ratio > MODERATE,
        ratio < 1 / STRONG, ratio < 1 / MODERATE,
    ]  # fmt: skip
    codes = [
        "not_finite" if half else "no_halves", "silent", "negative", f"strong_{axis.first}",
        f"moderate_{axis.first}", f"strong_{axis.second}", f"moderate_{axis.second}",
    ]  # fmt: skip
    return np.select(conditions, codes, "none")
