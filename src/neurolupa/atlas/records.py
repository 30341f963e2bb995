"""One unit's page, as a value."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class UnitRecord:
    """The row of one unit in `units.parquet`: what it did over all images.

    Statistics are over the `n` finite elements, standard deviations are the population's, `sparsity` is in
    percent. A float is NaN where the atlas has no number: sparsity off a rectified site, halves of a site
    without H x W. Halves (`left`, ...) are means over the images of the half's mean, `_std` its standard
    deviation over the images, `_cov` the covariance of two halves; `_dominates` counts images.
    """

    site: str
    unit: int
    n: int
    images: int
    mean: float
    std: float
    min: float
    max: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    q99: float
    sparsity: float
    zeros: int
    active: bool
    dead: bool
    dormancy: float
    dormant: bool
    left: float
    right: float
    top: float
    bottom: float
    left_std: float
    right_std: float
    top_std: float
    bottom_std: float
    left_right_cov: float
    top_bottom_cov: float
    left_dominates: int
    right_dominates: int
    top_dominates: int
    bottom_dominates: int
    silent_ties: int

    @classmethod
    def from_row(cls, row: pd.Series) -> "UnitRecord":
        """The record of one row of the units table."""
        plain = {str(name): value for name, value in row.to_dict().items()}
        return cls(sparsity=plain.pop("sparsity_%"), **plain)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON: None where there is no number."""
        missing = (
            name for name, value in asdict(self).items() if isinstance(value, float) and math.isnan(value)
        )
        return asdict(self) | dict.fromkeys(missing)

    def to_frame(self) -> pd.DataFrame:
        """The record as a table of one row."""
        return pd.DataFrame([asdict(self)])
