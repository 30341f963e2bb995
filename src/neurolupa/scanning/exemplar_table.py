"""The exemplars of a site: images by band and rank, and the patch of each that the unit saw."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.atlas.schema import EXEMPLARS
from neurolupa.capture import Site
from neurolupa.models import Preprocessing
from neurolupa.scanning.progress import SiteState
from neurolupa.scanning.sampling import sample_file

_UNITS_AT_ONCE = 256


def exemplar_frame(
    state: SiteState,
    sampled: NDArray[np.int64],
    samples: Path,
    preprocessing: Preprocessing,
    sizes: NDArray[np.int32],
) -> pd.DataFrame:
    """The rows of one site in `exemplars.parquet`.

    Args:
        state: of the site.
        sampled: (S,) the images whose values lie in the folder `samples`.
        samples: that folder.
        preprocessing: leads from pixels of the input to those of the original.
        sizes: (N, 2) width and height of every image of the set.
    """
    bands = [
        _ranked(state, "top", state.top.images, state.top.values(), state.top.places),
        _ranked(state, "bottom", state.bottom.images, state.bottom.values(), state.bottom.places),
    ]
    if len(sampled):
        bands.append(_ranked(state, "middle", *middle_band(state, sampled, samples)))
    frame = pd.concat(bands, ignore_index=True)
    return pd.concat([frame, _boxes(frame, state.site, preprocessing, sizes)], axis=1)[[*EXEMPLARS.columns]]


def middle_band(
    state: SiteState, sampled: NDArray[np.int64], samples: Path
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int32]]:
    """Of every unit the sampled images whose maxima are nearest to their median, nearest first.

    Returns:
        (C, K) images, maxima and places; -1 where there are fewer images. Ties go to the smaller index.
    """
    maxima, places = (
        np.load(sample_file(samples, state.site.name, kind), mmap_mode="r") for kind in ("max", "argmax")
    )
    kept = min(state.extent.kept, len(sampled))
    parts = []
    for first in range(0, state.extent.units, _UNITS_AT_ONCE):
        units = slice(first, first + _UNITS_AT_ONCE)
        values = np.where(np.isfinite(maxima[:, units]), maxima[:, units], np.nan).astype(np.float64)
        rows = np.argsort(np.abs(values - _median(values)), axis=0, kind="stable")[:kept].T
        found = np.take_along_axis(values.T, rows, 1)
        missing = np.isnan(found)
        parts.append(
            (
                np.where(missing, -1, sampled[rows]),
                found.astype(np.float32),
                np.take_along_axis(places[:, units].T, rows, 1),
            )
        )
    images, values, flat = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(values), np.concatenate(flat)


def _median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(C,) medians of (S, C) over what is finite."""
    out = np.full(values.shape[1], np.nan)
    some = np.isfinite(values).any(0)
    out[some] = np.nanmedian(values[:, some], axis=0)
    return out


def _ranked(state: SiteState, band: str, images: NDArray, values: NDArray, places: NDArray) -> pd.DataFrame:
    units, ranks = np.nonzero(images >= 0)
    flat = places[units, ranks]
    return pd.DataFrame(
        {
            "site": state.site.name,
            "unit": units,
            "band": band,
            "rank": ranks,
            "image": images[units, ranks],
            "value": values[units, ranks].astype(np.float64),
            "row": flat // state.site.width,
            "column": flat % state.site.width,
        }
    )


def _boxes(
    frame: pd.DataFrame, site: Site, preprocessing: Preprocessing, sizes: NDArray[np.int32]
) -> pd.DataFrame:
    """The receptive fields of the rows, in pixels of the original and of the network's input."""
    names = [f"{what}_{corner}" for what in ("box", "input") for corner in ("x0", "y0", "x1", "y1")]
    find = _box_finder(site, preprocessing)
    if site.receptive_field is None:
        return pd.DataFrame(np.nan, index=frame.index, columns=names)
    keys = zip(frame["row"], frame["column"], *sizes[frame["image"]].T, strict=True)
    rows = [find(int(row), int(column), int(width), int(height)) for row, column, width, height in keys]
    return pd.DataFrame(rows, index=frame.index, columns=names, dtype=np.float64)


def _box_finder(site: Site, preprocessing: Preprocessing) -> Callable[..., tuple[float, ...]]:
    height, width = preprocessing.input_size

    @cache
    def find(row: int, column: int, image_width: int, image_height: int) -> tuple[float, ...]:
        x0, y0, x1, y1 = site.box(row, column) or (0, 0, width, height)
        seen = (max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
        return (*preprocessing.to_original(seen, (image_width, image_height)), *seen)

    return find
