"""What each unit does in one atlas and in the other: how far it changed, and whether by more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas
from neurolupa.comparison.atlases.codes import LEVEL
from neurolupa.comparison.atlases.common import Common
from neurolupa.comparison.atlases.shifts import Shift, paired_shift, unpaired_shift
from neurolupa.comparison.classes.adjusting import adjusted
from neurolupa.units.relations.codes import Floats, Words

if TYPE_CHECKING:
    import pandas as pd

_ROOM = 4_000_000
"""Numbers of each atlas in memory at a time."""

_STORED = {"mean": "mean", "sparsity_%": "sparsity", "max": "max"}


@dataclass(frozen=True, eq=False)
class UnitChanges:
    """The C units of one site in A and in B, unit i of the one being unit i of the other.

    Attributes:
        site: its name.
        paired: whether `shift` is over the same pictures in both.
        codes: (C,) as in `ChangeCode`.
        mean_a, mean_b: (C,) over all elements of all pictures.
        sparsity_a, sparsity_b: (C,) % of exact zeros; NaN where the site is not rectified.
        max_a, max_b: (C,).
        images_a: N of these in A.
        images_b: in B.
        shift: B less A over the sampled pictures, one number (the map's mean or maximum) for each.
        p_adjusted: (C,) `shift.p`, adjusted over all units of all sites of the comparison.
    """

    site: str
    paired: bool
    codes: Words = field(repr=False)
    mean_a: Floats = field(repr=False)
    mean_b: Floats = field(repr=False)
    sparsity_a: Floats = field(repr=False)
    sparsity_b: Floats = field(repr=False)
    max_a: Floats = field(repr=False)
    max_b: Floats = field(repr=False)
    images_a: int
    images_b: int
    shift: Shift = field(repr=False)
    p_adjusted: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(C,): whether the adjusted p is at most 0.05."""
        return self.p_adjusted <= LEVEL

    def to_frame(self) -> "pd.DataFrame":
        """A row for each unit."""
        import pandas as pd

        sides = [f"{name}_{side}" for name in (*_STORED.values(), "images") for side in "ab"]
        return pd.DataFrame(
            {
                "site": self.site, "unit": np.arange(len(self)), "code": self.codes, "paired": self.paired,
                **{name: getattr(self, name) for name in sides},
                **{name: getattr(self.shift, name) for name in Shift.__dataclass_fields__},
                "p_adjusted": self.p_adjusted, "changed": self.changed,
            }
        )  # fmt: skip


def unit_changes(
    a: Atlas, b: Atlas, sites: Sequence[str], common: Common, of: str
) -> tuple[UnitChanges, ...]:
    """Every unit of some sites, in both atlases.

    Over the pictures that both sampled where there are any (`paired_shift`), else over those that each
    sampled (`unpaired_shift`). p is adjusted over all units of all sites (Benjamini and Hochberg).

    >>> import neurolupa as nl
    >>> from neurolupa.comparison.atlases.common import Common
    >>> atlas, rows = nl.open_atlas("atlas"), np.arange(64)
    >>> found = unit_changes(atlas, atlas, ["relu"], Common(rows, rows), "mean")[0]
    >>> set(found.codes.tolist()) <= {"EQUAL", "SILENT"}, bool(found.shift.difference.any())
    (True, False)
    """
    found = [_changes(a, b, site, common, of) for site in sites]
    if not found:
        return ()
    family = adjusted(np.concatenate([each.shift.p for each in found]), "bh")
    parts = np.split(family, np.cumsum([len(each) for each in found])[:-1])
    return tuple(replace(each, p_adjusted=p) for each, p in zip(found, parts, strict=True))


def _changes(a: Atlas, b: Atlas, site: str, common: Common, of: str) -> UnitChanges:
    codes, shift = _measured(_sampled(a, site, of), _sampled(b, site, of), common)
    stored = {
        f"{name}_{side}": values
        for side, atlas in (("a", a), ("b", b))
        for name, values in _stored(atlas, site).items()
    }
    return UnitChanges(
        site=site, paired=len(common) > 0, codes=codes, shift=shift, p_adjusted=shift.p,
        images_a=a.source.read, images_b=b.source.read, **stored,
    )  # fmt: skip


def _stored(atlas: Atlas, site: str) -> dict[str, Floats]:
    """(C,) each, over all pictures."""
    units = atlas.units
    rows = units[units["site"] == site].sort_values("unit")
    return {name: rows[column].to_numpy(np.float64) for column, name in _STORED.items()}


def _sampled(atlas: Atlas, site: str, of: str) -> NDArray[np.float32]:
    held = atlas.samples(site)
    return held.mean if of == "mean" else held.max


def _measured(a: NDArray, b: NDArray, common: Common) -> tuple[Words, Shift]:
    """Codes and shift from sampled values (N_a, C) and (N_b, C), some units at a time."""
    measure = paired_shift if len(common) else unpaired_shift
    rows_a, rows_b = (common.a, common.b) if len(common) else (np.arange(len(a)), np.arange(len(b)))
    step = max(1, _ROOM // max(len(a), len(b), 1))
    parts = []
    for start in range(0, a.shape[1], step):
        one, two = (np.asarray(each[:, start : start + step], np.float64) for each in (a, b))
        parts.append(measure(one[rows_a], two[rows_b]))
    return np.concatenate([codes for codes, _ in parts]), Shift.joined([shift for _, shift in parts])
