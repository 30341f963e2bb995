"""`spatial_bias` and `spatial_biases`: from the rows and mean maps of an atlas to where units answer."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurolupa.atlas import Atlas
from neurolupa.atlas.schema import UNITS
from neurolupa.atlas.tables import read_rows
from neurolupa.errors import UsageError
from neurolupa.units.spatial.border import border_columns, padded_share
from neurolupa.units.spatial.contrasts import (
    AXES,
    HORIZONTAL,
    NO_MAPS,
    VERTICAL,
    Columns,
    contrast_columns,
    dominance,
)
from neurolupa.units.spatial.nulls import ALPHA, Floats
from neurolupa.units.spatial.result import Border, Contrast, SpatialBias


def spatial_bias(atlas: Atlas, site: str, unit: int) -> SpatialBias:
    """Where in the picture a unit answers: left or right, top or bottom, the border.

    Reads the unit's row and the site's mean maps, no picture and no network. See docs/units-spatial.md for
    what the numbers mean.

    Raises:
        UsageError: An unknown site or unit, or a site without rows and columns.
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> found = spatial_bias(nl.open_atlas("atlas"), "layer4.1.relu", 3)
    >>> found.images, found.mean_map.shape, found.horizontal.first.name
    (64, (4, 4), 'left')
    """
    layer = _layer(atlas, site)
    name = layer["site"]
    rows, maps = atlas.unit(name, unit).to_frame(), atlas.mean_map(name)
    row = _first(_table(atlas, layer, rows, maps))
    return SpatialBias(
        atlas.source, name, row["unit"], row["images"], Contrast.of(HORIZONTAL, row),
        Contrast.of(VERTICAL, row), row["dominant"], row["p"], row["supported"],
        (row["centre_row"], row["centre_column"]), Border.of(row), maps[row["unit"]],
    )  # fmt: skip


def spatial_biases(atlas: Atlas, site: str) -> pd.DataFrame:
    """What `spatial_bias` gives, for every unit of a site: one row each, in columns.

    The halves have the columns of the atlas and a share (`left`, `left_std`, `left_dominates`, `left_share`);
    the contrasts are `horizontal_...` and `vertical_...`, with the names of the fields of `Contrast`; the
    border is `border_...`, the centre of mass `centre_row` and `centre_column`.

    Raises:
        UsageError: An unknown site, or one without rows and columns.
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> found = spatial_biases(nl.open_atlas("atlas"), "layer4.1.relu")
    >>> found.loc[:1, ["unit", "images"]].values.tolist()
    [[0, 64], [1, 64]]
    """
    layer = _layer(atlas, site)
    name = layer["site"]
    return _table(atlas, layer, read_rows(atlas.folder, UNITS, name), atlas.mean_map(name))


def centres(maps: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Row and column (U,) of the centre of mass of the positive parts of maps (U, H, W), as fractions.

    The centre of the first of four rows is at 1/8. Missing values count as zero.

    >>> centres(np.array([[[0.0, 3.0], [-5.0, 1.0]]], np.float32))
    (array([0.375]), array([0.75]))
    """
    positive = np.maximum(np.nan_to_num(maps.astype(np.float64)), 0)
    total = positive.sum((1, 2))
    height, width = maps.shape[1:]
    with np.errstate(invalid="ignore"):
        row = (positive.sum(2) * ((np.arange(height) + 0.5) / height)).sum(1) / total
        column = (positive.sum(1) * ((np.arange(width) + 0.5) / width)).sum(1) / total
    return row, column


def _table(
    atlas: Atlas, layer: dict[str, Any], rows: pd.DataFrame, maps: NDArray[np.float32]
) -> pd.DataFrame:
    held = {str(key): rows[key].to_numpy() for key in rows}
    units = held["unit"]
    across, down = (contrast_columns(axis, held, *maps.shape[1:]) for axis in AXES)
    border = border_columns(maps, held, units) | {"padded": np.full(len(units), _padded(atlas, layer))}
    p = _joint(across["p_bound"], down["p_bound"])
    row, column = centres(maps[units])
    return pd.DataFrame(
        {
            "unit": units,
            **_named(HORIZONTAL.name, across),
            **_named(VERTICAL.name, down),
            "dominant": dominance(across, down),
            "p": p,
            "supported": p <= ALPHA,
            "centre_row": row,
            "centre_column": column,
            **{f"border_{key}": value for key, value in border.items()},
        }
    ).assign(images=held["images"])


def _named(axis: str, columns: Columns) -> Columns:
    halves = ("left", "right", "top", "bottom")
    return {key if key.startswith(halves) else f"{axis}_{key}": value for key, value in columns.items()}


def _joint(one: Floats, two: Floats) -> Floats:
    """(U,): that neither axis is biased, by Bonferroni over the axes that have halves."""
    both = np.stack([one, two])
    tested = np.isfinite(both).sum(0)
    least = np.where(np.isfinite(both), both, 1.0).min(0)
    return np.where(tested > 0, np.minimum(tested * least, 1), np.nan)


def _layer(atlas: Atlas, site: str) -> dict[str, Any]:
    """The site's row of `layers.parquet`; UsageError where its units have no rows and columns."""
    name = atlas.site(site)
    layers = atlas.layers
    layer = _first(layers[layers["site"] == name])
    if layer["shape"].count(",") != 3 or layer["height"] * layer["width"] == 1:
        raise UsageError(NO_MAPS.format(site=name))
    return layer


def _padded(atlas: Atlas, layer: dict[str, Any]) -> float:
    steps = atlas.manifest["model"].get("preprocessing")
    return padded_share(layer, None if steps is None else tuple(steps["input_size"]))


def _first(frame: pd.DataFrame) -> dict[str, Any]:
    """The first row, each value as Python's own."""
    return {str(key): frame[key].tolist()[0] for key in frame}
