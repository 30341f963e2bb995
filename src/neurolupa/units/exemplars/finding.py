"""The exemplars of a unit, read from an atlas."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurolupa.atlas import Atlas
from neurolupa.units.exemplars.result import Box, Exemplar, Exemplars


def unit_exemplars(atlas: Atlas, site: str, unit: int) -> Exemplars:
    """The pictures that drive a unit high, in the middle and low, with the patch that it sees in each.

    Top are the pictures with the highest values, bottom those with the lowest (at ReLU sites: whose highest
    value is lowest), middle those nearest to the median of the sampled pictures. `atlas.patch` and
    `atlas.thumb` give the pictures themselves. Only the rows of this unit and of these pictures are read.

    Raises:
        UsageError: The atlas has no such site or unit.
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> atlas = nl.open_atlas("atlas")
    >>> found = unit_exemplars(atlas, "relu", 0)
    >>> [each.rank for each in found.band("top")][:3]
    [0, 1, 2]
    """
    rows = atlas.exemplars(site, unit)
    images: dict[Any, Any] = atlas.image_rows(rows["image"].unique()).set_index("image").to_dict("index")
    names = {number: str(name) for number, name in enumerate(atlas.manifest["images"].get("classes") or ())}
    found = tuple(_exemplar(row, images[row["image"]], names) for row in rows.to_dict("records"))
    return Exemplars(atlas.source, atlas.site(site), int(unit), found)


def _exemplar(row: Mapping[Any, Any], image: Mapping[str, Any], names: Mapping[int, str]) -> Exemplar:
    label = int(image["label"])
    return Exemplar(
        band=str(row["band"]),
        rank=int(row["rank"]),
        image=int(row["image"]),
        id=str(image["id"]),
        label=label,
        class_name=names.get(label),
        value=float(row["value"]),
        row=int(row["row"]),
        column=int(row["column"]),
        box=_box(row, "box"),
        seen=_box(row, "input"),
    )


def _box(row: Mapping[Any, Any], name: str) -> Box | None:
    x0, y0, x1, y1 = (float(row[f"{name}_{edge}"]) for edge in ("x0", "y0", "x1", "y1"))
    return None if np.isnan([x0, y0, x1, y1]).any() else (x0, y0, x1, y1)
