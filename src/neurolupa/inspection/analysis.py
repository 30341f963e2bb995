"""What one picture did at one site of a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from neurolupa.capture import Link, Site
from neurolupa.capture.resuming import Prefix
from neurolupa.errors import UsageError
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.ranking import Ranking, rank_units
from neurolupa.inspection.seen import SeenPicture

if TYPE_CHECKING:
    from neurolupa.models import Prediction


@dataclass(frozen=True, eq=False, repr=False)
class ImageAnalysis:
    """One picture at one site: NumPy arrays, pictures and plain values, no tensors and no modules.

    Attributes:
        picture: The picture, and what the network saw of it.
        site: The site that was measured.
        link: How the capture point led to it; None where the site itself was asked for.
        point: The capture point asked for (conv, norm, relu), or None.
        maps: Activation maps (C, h, w), float32, in the network's own units; (C, 1, 1) where a unit has one
            value, (C, 1, tokens) where it has a row of them.
        spatial: Whether the maps have rows and columns of the picture.
        units: One row for each unit; the columns are those of `unit_table`.
        prediction: The five strongest classes, the strongest first; empty where the network gives no logits.
        true_label: The picture's class in its image set.
        convolution: The convolution or linear layer whose units these are; None where none leads here.
        inputs: What that call was given on this picture, (channels, h, w) float32, or (features, 1, 1).
        provenance: Where all of it came from.
        prefix: What the network had computed at the site, so that units are switched off without running it
            up to there again; None after `inspect_layers` of several sites, and in a saved analysis.
    """

    picture: SeenPicture
    site: Site
    link: Link | None
    point: str | None
    maps: np.ndarray
    spatial: bool
    units: pd.DataFrame
    prediction: tuple["Prediction", ...]
    true_label: str | None
    convolution: Site | None
    inputs: np.ndarray | None
    provenance: Provenance
    prefix: Prefix | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        units, height, width = self.maps.shape
        where = f"{self.site.address} of {self.provenance.model}"
        return f"<ImageAnalysis of {self.provenance.image} at {where}: {units} units, {height} x {width}>"

    def rank(
        self,
        by: str = "balanced",
        k: int = 6,
        *,
        min_sparsity: float = 0.15,
        weight: float = 0.5,
        mean_above: float = 0.3,
        max_above: float = 2.0,
        units: Sequence[int] = (),
    ) -> Ranking:
        """The units to look at first; see `neurolupa.inspection.rank_units` for the criteria.

        Raises:
            UsageError: An unknown criterion, or a value that it cannot use.
        """
        return rank_units(
            self.units,
            by,
            k,
            min_sparsity=min_sparsity,
            weight=weight,
            mean_above=mean_above,
            max_above=max_above,
            units=units,
        )

    def peak(self, unit: int) -> tuple[int, int]:
        """Row and column of the unit's highest finite value, the first of equal ones.

        Raises:
            UsageError: There is no such unit.
        """
        values = self.maps[self.checked(unit)]
        flat = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
        row, column = divmod(flat, values.shape[1])
        return row, column

    def field_of(self, row: int, column: int) -> tuple[int, int, int, int] | None:
        """The box (x0, y0, x1, y1) of `picture.seen` that a position sees, clipped; None where unknown."""
        box = self.site.box(row, column)
        if box is None:
            return None
        width, height = self.picture.seen.size
        x0, x1 = (min(max(x, 0), width) for x in box[::2])
        y0, y1 = (min(max(y, 0), height) for y in box[1::2])
        return x0, y0, x1, y1

    def checked(self, unit: int) -> int:
        """The unit itself; UsageError where the site has no such unit."""
        if not 0 <= unit < len(self.maps):
            raise UsageError(f"no unit {unit} at {self.site.name}; units are 0 to {len(self.maps) - 1}")
        return unit

    def to_frame(self, ranking: Ranking | None = None) -> pd.DataFrame:
        """The table of all units, with `score` and `rank` (from 1) of a ranking where one is given."""
        table = self.units.copy()
        if ranking is not None:
            places = {unit: place for place, unit in enumerate(ranking.units, start=1)}
            table["score"] = ranking.scores
            table["rank"] = table["unit"].map(places).astype("Int64")
        return table

    def save(self, folder: str | Path) -> Path:
        """Write the analysis to a folder that `load` reads; files of another name there stay."""
        from neurolupa.inspection.saving import save_analysis

        return save_analysis(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> "ImageAnalysis":
        """The analysis that `save` wrote.

        Raises:
            DataError: The folder holds none, or a damaged one.
        """
        from neurolupa.inspection.saving import load_analysis

        return load_analysis(Path(folder))
