"""Reading an atlas: tables when they are asked for, and of a single unit only its own rows."""

import os
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from neurolupa.atlas.arrays import (
    Kernels,
    Samples,
    Sketch,
    read_kernels,
    read_mean_map,
    read_samples,
    unit_index,
)
from neurolupa.atlas.checks import path_of, real_number, shown, whole_number
from neurolupa.atlas.display import as_html, as_text
from neurolupa.atlas.evolution import Evolution, evolution
from neurolupa.atlas.manifest import Source, read_manifest, source_of
from neurolupa.atlas.records import UnitRecord
from neurolupa.atlas.schema import (
    CLASSES,
    DEAD_THRESHOLD,
    EXEMPLARS,
    IMAGES,
    LAYERS,
    UNIT_CLASSES,
    UNITS,
    Table,
)
from neurolupa.atlas.summary import Summary, summarise
from neurolupa.atlas.tables import read_images, read_rows, read_table
from neurolupa.errors import DataError, UsageError, unknown

_RECENT = 16
"""Of so many units and tables the rows last read are kept."""


class Atlas:
    """A finished scan on disk: read-only, one page for every unit.

    Nothing but `atlas.json` is read until it is asked for. Wherever a method takes a `site`, it takes the
    names and the full addresses of `sites`; an unknown one raises UsageError with the nearest. A missing or
    damaged file raises DataError.

    Attributes:
        folder: where it lies.
        manifest: the content of `atlas.json`.
        source: which network and images the numbers come from.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = path_of("the path of an atlas", folder)
        self.manifest: Mapping[str, Any] = _manifest(self.folder)
        self.source: Source = source_of(self.manifest, self.folder)
        self._addresses = _names_by_address(self.manifest, self.folder)
        self._recent: dict[tuple[str, str, int], pd.DataFrame] = {}

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of the sites, in forward order."""
        return tuple(self._addresses.values())

    @property
    def layers(self) -> pd.DataFrame:
        """One row for each site, in forward order; the columns of `schema.LAYERS`."""
        return self._layers.copy(deep=False)

    @property
    def units(self) -> pd.DataFrame:
        """One row for each unit of each site; the columns of `schema.UNITS`."""
        return self._units.copy(deep=False)

    @property
    def images(self) -> pd.DataFrame:
        """One row for each image of the set, the skipped ones included; the columns of `schema.IMAGES`."""
        return self._images.copy(deep=False)

    def site(self, text: str) -> str:
        """The name of the site that `text` names or addresses: `layer1.0.relu` for `layer1.0.relu:1`."""
        if not isinstance(text, str):
            raise UsageError(f"a site is named by a string, not {shown(text)}")
        if text in self._addresses.values():
            return text
        if text in self._addresses:
            return self._addresses[text]
        raise unknown("site", text, (*self._addresses, *self._addresses.values()))

    def classes(self, site: str | None = None) -> pd.DataFrame:
        """Statistics over the elements of each class's images, of one site or all; empty when unlabelled."""
        return self._read(CLASSES) if site is None else read_rows(self.folder, CLASSES, self.site(site))

    def unit_classes(self, site: str, unit: int | None = None) -> pd.DataFrame:
        """Statistics over the per-image means of one unit (or of all units of a site), a row per class."""
        name = self.site(site)
        return read_rows(self.folder, UNIT_CLASSES, name, None if unit is None else self._unit(name, unit))

    def unit(self, site: str, unit: int) -> UnitRecord:
        """One unit's statistics; only its row group is read."""
        name = self.site(site)
        rows = self._of_unit(UNITS, name, unit)
        if len(rows) != 1:
            raise DataError(f"{self.folder / UNITS.file} is damaged: {len(rows)} rows for {name} unit {unit}")
        return UnitRecord.from_row(rows.iloc[0])

    def exemplars(self, site: str, unit: int | None = None) -> pd.DataFrame:
        """The images that drive a unit (or all of a site) high, in the middle and low, by band and rank.

        Only the row groups of the unit or site are read.
        """
        name = self.site(site)
        if unit is None:
            return read_rows(self.folder, EXEMPLARS, name)
        return self._of_unit(EXEMPLARS, name, unit)

    def dead(self, threshold: float = DEAD_THRESHOLD) -> pd.DataFrame:
        """The units that are never above `threshold` on any image: site, unit, max."""
        threshold, units = real_number("threshold", threshold), self._units
        return units.loc[units["max"] <= threshold, ["site", "unit", "max"]].reset_index(drop=True)

    def evolution(self) -> Evolution:
        """How mean, std, sparsity and range change from the first layer to the last, as codes and numbers."""
        return evolution(self._layers, self.source)

    def summary(self) -> Summary:
        """The extremes over the layers and the total of dead units, as codes and numbers."""
        return summarise(self._layers, self.source)

    def sketch(self, site: str) -> Sketch:
        """The distribution of the values of a site and of its units."""
        name = self.site(site)
        layer = self._layer(name)
        units = self._units[self._units["site"] == name]
        return Sketch(name, int(layer["sketch_thinning"]), self.folder, layer, units)

    def samples(self, site: str) -> Samples:
        """What every unit of a site did on the sampled images."""
        return read_samples(self.folder, self.site(site))

    def mean_map(self, site: str, unit: int | None = None) -> NDArray[np.float32]:
        """The mean over the images of a unit's map (H, W), or of every unit's (C, H, W)."""
        name = self.site(site)
        return read_mean_map(self.folder, name, None if unit is None else self._unit(name, unit))

    def kernels(self) -> dict[str, Kernels]:
        """The first kernels of every convolution of the network, by layer, in forward order."""
        return read_kernels(self.folder)

    def image_rows(self, images: Collection[int]) -> pd.DataFrame:
        """The rows of `images` for some indices, in their order; of a large set only a part is read."""
        wanted = {whole_number("image", image) for image in images}
        if "_images" not in vars(self):
            return read_images(self.folder, wanted)
        return self._images[self._images["image"].isin(wanted)].reset_index(drop=True)

    def thumb(self, image: int) -> Image.Image:
        """The prepared picture of an exemplar image, by its index; DataError when it is none."""
        image = whole_number("image", image)
        for path in (self.folder / "thumbs" / f"{image:06d}{suffix}" for suffix in (".jpg", ".png")):
            if path.is_file():
                return _open_picture(path)
        raise DataError(f"the atlas {self.folder} keeps no picture of image {image}: it is no exemplar")

    def patch(self, row: Any) -> Image.Image:
        """The part of the picture that the unit saw, for a row of `exemplars`; all of it without a field."""
        picture = self.thumb(int(row["image"]))
        box = [float(row[f"input_{edge}"]) for edge in ("x0", "y0", "x1", "y1")]
        if np.isnan(box).any():
            return picture
        x0, y0, x1, y1 = np.floor(box[0]), np.floor(box[1]), np.ceil(box[2]), np.ceil(box[3])
        return picture.crop((int(x0), int(y0), int(max(x1, x0 + 1)), int(max(y1, y0 + 1))))

    def __repr__(self) -> str:
        return f"Atlas({self.folder.as_posix()!r}: {self.source.model} on {self.source.images})"

    def __str__(self) -> str:
        return as_text(self._layers, self.source)

    def _repr_html_(self) -> str:
        return as_html(self._layers, self.source)

    @cached_property
    def _layers(self) -> pd.DataFrame:
        return self._read(LAYERS).sort_values("order", kind="stable", ignore_index=True)

    @cached_property
    def _units(self) -> pd.DataFrame:
        return self._read(UNITS)

    @cached_property
    def _images(self) -> pd.DataFrame:
        return self._read(IMAGES)

    def _of_unit(self, table: Table, name: str, unit: int) -> pd.DataFrame:
        """The rows of one unit; the last few are kept, since one page asks for them several times."""
        key = (table.name, name, self._unit(name, unit))
        rows = self._recent.get(key)
        if rows is None:
            rows = read_rows(self.folder, table, name, key[2])
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            self._recent[key] = rows
        return rows.copy(deep=False)

    def _read(self, table: Table) -> pd.DataFrame:
        return read_table(self.folder, table)

    @cached_property
    def _rows_of_layers(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self._layers["site"])}

    def _layer(self, name: str) -> pd.Series:
        if name not in self._rows_of_layers:
            raise DataError(f"{self.folder / LAYERS.file} is damaged: it has no row for {name}")
        return self._layers.iloc[self._rows_of_layers[name]]

    def _unit(self, name: str, unit: int) -> int:
        return unit_index(name, unit, int(self._layer(name)["total_neurons"]))


def open_atlas(path: str | os.PathLike) -> Atlas:
    """The atlas in a folder; DataError when it is none, is unfinished, or is of another schema version.

    >>> open_atlas("nowhere")
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no atlas at nowhere: there is no such folder
    """
    return Atlas(path)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        return read_manifest(folder)
    except OSError as error:
        raise DataError(f"no atlas at {shown(str(folder))}: {error.strerror or error}") from None


def _names_by_address(manifest: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The sites' names by their full addresses, in forward order."""
    try:
        names = {str(site["address"]): str(site["site"]) for site in manifest["sites"]}
    except (KeyError, TypeError, IndexError):
        names = {}
    if not names:
        raise DataError(f"atlas.json in {folder} is damaged: its sites are not stated")
    return names


def _open_picture(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
