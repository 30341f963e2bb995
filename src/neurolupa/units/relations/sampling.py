"""What the units of a site did on the sampled pictures, ready to be compared."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas, Source
from neurolupa.errors import unknown
from neurolupa.units.relations.codes import FEWEST, Floats, RelationCode, Words, unit_codes

MEASURES = ("mean", "max")
"""What stands for a unit's map on a picture."""


@dataclass(frozen=True, eq=False)
class SampledUnits:
    """The units of a site that vary over the sampled pictures.

    A unit without a finite value on more than half of the pictures is left out; then a picture on which any
    unit that remains has none. Both are counted.

    Attributes:
        source: which network and images.
        site: its name.
        of: "mean" or "max", of each map.
        rows: (N,), the rows of `atlas.samples(site)` that are used.
        codes: (C,), of every unit of the site: OK, or why it is left out.
        units: (U,), the numbers of the units that are OK.
        values: (N, U) float64.
    """

    source: Source
    site: str
    of: str
    rows: NDArray[np.int64]
    codes: Words
    units: NDArray[np.int64]
    values: Floats

    @property
    def sampled(self) -> int:
        """N: how many pictures are behind every number."""
        return len(self.rows)

    @property
    def total(self) -> int:
        """How many units the site has."""
        return len(self.codes)

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many units are left out, by code."""
        return dict(Counter(code for code in self.codes.tolist() if code != RelationCode.OK))

    @property
    def code(self) -> RelationCode:
        """Whether units can be compared at all: OK, FEW_IMAGES, NO_UNITS or ALONE."""
        if self.sampled < FEWEST:
            return RelationCode.FEW_IMAGES
        few = {0: RelationCode.NO_UNITS, 1: RelationCode.ALONE}
        return few.get(len(self.units), RelationCode.OK)


def sampled_units(atlas: Atlas, site: str, of: str = "mean") -> SampledUnits:
    """The units of a site on the sampled pictures, those left out that do not vary.

    Raises:
        UsageError: An unknown site, or an `of` that is neither "mean" nor "max".
        DataError: The samples are missing or damaged.

    >>> import neurolupa as nl
    >>> found = sampled_units(nl.open_atlas("atlas"), "relu")
    >>> found.sampled, found.total, found.values.shape == (64, len(found.units))
    (64, 16, True)
    """
    if of not in MEASURES:
        raise unknown("measure of a map", str(of), MEASURES)
    held = atlas.samples(site)
    values = np.asarray(held.mean if of == "mean" else held.max, np.float64)
    finite = np.isfinite(values)
    usable = 2 * finite.sum(axis=0) >= len(values)
    rows = np.flatnonzero(finite[:, usable].all(axis=1))
    codes = unit_codes(values[rows], usable)
    units = np.flatnonzero(codes == RelationCode.OK)
    return SampledUnits(atlas.source, atlas.site(site), of, rows, codes, units, values[np.ix_(rows, units)])
