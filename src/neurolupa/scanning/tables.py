"""From accumulated states to the tables of an atlas."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.atlas.schema import CLASSES
from neurolupa.capture import Site
from neurolupa.core.planes import SIDES
from neurolupa.core.sketch import COARSE, FINE, quantiles
from neurolupa.scanning.accumulators.units import Moments, mean_of, pool_units
from neurolupa.scanning.progress import SiteState
from neurolupa.scanning.settings import ScanSettings

CLASS_CELLS = 20_000_000
"""Above so many cells of class by unit, only the classes that a unit likes best are written."""

BEST_CLASSES = 20
"""How many classes of a unit are written then."""

_UNIT_QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "q99": 0.99}


def layer_row(state: SiteState, images: int, link: str | None, settings: ScanSettings) -> dict[str, Any]:
    """The row of one site in `layers.parquet`."""
    site, moments = state.site, state.moments
    total, mean, spread = pool_units(moments.finite, moments.mean, moments.spread)
    low, high = moments.lowest.min(), moments.highest.max()
    q25, median, q75 = quantiles(state.sketches.fine_counts(), FINE, [0.25, 0.5, 0.75], low, high)
    dormancy = _dormancy(state)
    return {
        **_identity(site, images, link),
        "total_elements": images * site.units * site.height * site.width,
        "mean": mean if total else np.nan,
        "std": std_of(spread, total),
        "min": _finite(low), "max": _finite(high), "median": median, "q25": q25, "q75": q75,
        "sparsity_%": _sparsity(site, moments.zeros.sum(), total),
        "zeros": moments.zeros.sum(),
        "active_neurons": (moments.finite > moments.zeros).sum(),
        "total_neurons": site.units,
        "dead": _dead(moments, settings).sum(),
        "dormant": (dormancy <= settings.dormant_tau).sum(),
        "nan_count": moments.not_a_number.sum(),
        "inf_count": moments.infinite.sum(),
        **_field(site),
        "sketch_thinning": state.thinning,
    }  # fmt: skip


def _identity(site: Site, images: int, link: str | None) -> dict[str, Any]:
    return {
        **site.facts(),
        "link": link,
        "shape": str([images, *site.shape]),
        "channel_axis": site.channel_axis,
        "height": site.height,
        "width": site.width,
    }


def _field(site: Site) -> dict[str, int | None]:
    """The receptive field, in whole pixels that hold it."""
    field = site.receptive_field
    names = ("rf_height", "rf_width", "rf_stride_y", "rf_stride_x", "rf_start_y", "rf_start_x")
    if field is None:
        return dict.fromkeys(names)
    values = [*np.ceil(field.size), *np.round(field.stride), *np.floor(field.start)]
    return {name: int(value) for name, value in zip(names, values, strict=True)}


def unit_frame(state: SiteState, images: int, settings: ScanSettings) -> pd.DataFrame:
    """The rows of one site in `units.parquet`."""
    site, moments = state.site, state.moments
    levels = list(_UNIT_QUANTILES.values())
    found = quantiles(state.sketches.unit_counts(), COARSE, levels, moments.lowest, moments.highest)
    dormancy = _dormancy(state)
    return pd.DataFrame(
        {
            "site": site.name, "unit": np.arange(site.units), "n": moments.finite, "images": images,
            "mean": known(moments.mean, moments.finite), "std": std_of(moments.spread, moments.finite),
            "min": _finite(moments.lowest), "max": _finite(moments.highest),
            **dict(zip(_UNIT_QUANTILES, found.T, strict=True)),
            "sparsity_%": _sparsity(site, moments.zeros, moments.finite),
            "zeros": moments.zeros,
            "active": moments.finite > moments.zeros,
            "dead": _dead(moments, settings),
            "dormancy": dormancy,
            "dormant": dormancy <= settings.dormant_tau,
            **_halves(state),
            "silent_ties": state.bottom.ties,
        }
    )  # fmt: skip


def _halves(state: SiteState) -> dict[str, NDArray]:
    halves = state.halves
    images = halves.counted.repeat(2, axis=0)
    covariance = mean_of(halves.products, halves.counted)
    return {
        **dict(zip(SIDES, known(halves.mean, images), strict=True)),
        **dict(zip([f"{side}_std" for side in SIDES], std_of(halves.spread, images), strict=True)),
        **dict(zip(["left_right_cov", "top_bottom_cov"], covariance, strict=True)),
        **{f"{side}_dominates": count for side, count in zip(SIDES, halves.dominance, strict=True)},
    }


def class_frame(state: SiteState, names: Sequence[str]) -> pd.DataFrame:
    """The rows of one site in `classes.parquet`: the classes that have images."""
    moments = state.class_moments
    seen = np.flatnonzero(moments.images)
    if not len(seen):
        return pd.DataFrame(columns=list(CLASSES.columns))
    median = quantiles(
        moments.counts[seen, : COARSE.size], COARSE, 0.5, moments.lowest[seen], moments.highest[seen]
    )
    return pd.DataFrame(
        {
            "site": state.site.name,
            "class_id": seen,
            "class_name": [names[label] for label in seen.tolist()],
            "num_samples": moments.images[seen],
            "mean": known(moments.mean, moments.finite)[seen],
            "std": std_of(moments.spread, moments.finite)[seen],
            "median": median,
            "sparsity_%": _sparsity(state.site, moments.zeros, moments.finite)[seen],
        }
    )


def unit_class_frames(states: Sequence[SiteState]) -> Iterator[pd.DataFrame]:
    """The rows of each site in `unit_classes.parquet`; of every unit the best classes when there are many."""
    kept = None if class_cells(states) <= CLASS_CELLS else BEST_CLASSES
    return (_unit_class_frame(state, kept) for state in states)


def class_cells(states: Sequence[SiteState]) -> int:
    """How many cells of class by unit there are.

    >>> class_cells([])
    0
    """
    return sum(state.class_units.images.size for state in states)


def _unit_class_frame(state: SiteState, kept: int | None) -> pd.DataFrame:
    cells = state.class_units
    shown = cells.images > 0
    if kept is not None:
        order = np.argsort(-np.where(shown, cells.mean, -np.inf), axis=0, kind="stable")
        best = np.zeros_like(shown)
        np.put_along_axis(best, order[:kept], True, axis=0)
        shown &= best
    units, labels = np.nonzero(shown.T)
    return pd.DataFrame(
        {
            "site": state.site.name,
            "unit": units,
            "class_id": labels,
            "num_samples": cells.images[labels, units],
            "mean": cells.mean[labels, units],
            "std": std_of(cells.spread, cells.images)[labels, units],
            "min": cells.lowest[labels, units],
            "max": cells.highest[labels, units],
        }
    )


def _dormancy(state: SiteState) -> NDArray[np.float64]:
    """(C,): the mean magnitude of each unit over the layer's (Sokar et al. 2023)."""
    magnitude = mean_of(state.moments.magnitude, state.moments.finite)
    with np.errstate(invalid="ignore"):
        layer = np.nanmean(magnitude) if np.isfinite(magnitude).any() else np.nan
        return magnitude / layer


def _dead(moments: Moments, settings: ScanSettings) -> NDArray[np.bool_]:
    """(C,): never above the threshold; a unit without a finite value is broken, not dead."""
    return (moments.highest <= settings.dead_threshold) & (moments.finite > 0)


def known(mean: NDArray, count: NDArray) -> NDArray[np.float64]:
    """Means, NaN where they are of nothing.

    >>> known(np.array([2.0, 0.0]), np.array([3, 0]))
    array([ 2., nan])
    """
    return np.where(count > 0, mean, np.nan)


def std_of(spread: NDArray, count: NDArray) -> NDArray[np.float64]:
    """Population standard deviations from sums of squared differences and counts.

    >>> std_of(np.array([8.0, 0.0]), np.array([2, 0]))
    array([ 2., nan])
    """
    return np.sqrt(mean_of(spread, count))


def _sparsity(site: Site, zeros: NDArray, finite: NDArray) -> NDArray[np.float64]:
    """Percent of exact zeros; NaN where zeros mean nothing."""
    return mean_of(100.0 * zeros, finite if site.rectified else 0 * finite)


def _finite(values: Any) -> Any:
    """Extremes as float64, NaN where no finite value was met."""
    wide = np.asarray(values, np.float64)
    return np.where(np.isfinite(wide), wide, np.nan)[()]
