"""The sampled pictures of an atlas: which they are, and one found by its index or id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import shown, whole_number
from neurolupa.errors import DataError, UsageError, unknown


@dataclass(frozen=True)
class SampledImage:
    """One sampled picture.

    Attributes:
        image: its index in the image set.
        id: its path or name there.
        label: its class; -1 where it has none.
        class_name: that class's name; None where it has none.
        row: its place in the arrays of samples.
    """

    image: int
    id: str
    label: int
    class_name: str | None
    row: int


def class_names(atlas: Atlas) -> dict[int, str]:
    """The names of the image set's classes, by label."""
    return {number: str(name) for number, name in enumerate(atlas.manifest["images"].get("classes") or ())}


def find_sampled(atlas: Atlas, images: np.ndarray, image: int | str) -> SampledImage:
    """The sampled picture with an index or id.

    Args:
        atlas: of the pictures.
        images: (S,) indices of the sampled ones.
        image: what is asked for.

    Raises:
        UsageError: Neither an index nor an id.
        DataError: The set has no such picture, or it is not sampled: how many are, and the nearest.
    """
    row = _row(atlas, image)
    number = int(row["image"])
    places = np.flatnonzero(images == number)
    if not len(places):
        raise DataError(_not_sampled(number, bool(row["skipped"]), images))
    label = int(row["label"])
    return SampledImage(number, str(row["id"]), label, class_names(atlas).get(label), int(places[0]))


def _row(atlas: Atlas, image: int | str) -> Mapping[str, Any]:
    if isinstance(image, str):
        table = atlas.images
        rows = table[table["id"] == image]
        if rows.empty:
            raise DataError(str(unknown(f"picture of {atlas.source.images}", image, table["id"])))
        return _first(rows)
    number = whole_number("image", image) if not isinstance(image, float) else _refuse(image)
    rows = atlas.image_rows([number])
    if rows.empty:
        total = atlas.source.read + atlas.source.skipped
        raise DataError(f"{atlas.source.images} has no image {number}; images are 0 to {total - 1}")
    return _first(rows)


def _refuse(image: object) -> int:
    raise UsageError(f"an image is an index or an id, not {shown(image)}")


def _first(rows: pd.DataFrame) -> Mapping[str, Any]:
    return {str(name): rows[name].iloc[0] for name in rows}


def _not_sampled(number: int, skipped: bool, images: np.ndarray) -> str:
    why = "could not be read" if skipped else f"is not among the {len(images)} sampled images of this atlas"
    if not len(images):
        return f"image {number} {why}"
    order = np.sort(images)
    nearest = int(order[np.abs(order - number).argmin()])
    return f"image {number} {why}; the nearest sampled image is {nearest}"
