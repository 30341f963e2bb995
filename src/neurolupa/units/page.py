"""Everything that an atlas says of one unit, in one value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from neurolupa.atlas import Atlas, Source
from neurolupa.atlas.records import UnitRecord
from neurolupa.units.activity import ActivationProfile, activation_profile
from neurolupa.units.classes import ClassSelectivity, class_selectivity
from neurolupa.units.exemplars import Exemplars, unit_exemplars
from neurolupa.units.relations import Relations, relations
from neurolupa.units.spatial import SpatialBias, spatial_bias
from neurolupa.units.tuning_curves import Tuning, has_tuning, scanned_tuning

SHUFFLES = 299
"""For the nulls of tuning: a p-value is then told to 1/300, in a tenth of a second."""

NO_MAPS, NO_LABELS, NO_STIMULI = "NO_MAPS", "NO_LABELS", "NO_STIMULI"


@dataclass(frozen=True)
class Place:
    """Where in the network a unit is.

    Attributes:
        site: name of the site.
        address: its full address, with the call.
        type: of the layer or operation.
        kind: of site: relu, conv, norm, ...
        link: whether the site sees one convolution alone (own) or a residual sum (after_add); None unknown.
        units: how many the site has.
        height: rows of a map; 1 where a unit has one value.
        width: columns of a map.
        spatial: whether the units have maps with rows and columns.
        field: (height, width) in input pixels that a position sees; None where it is not known.
    """

    site: str
    address: str
    type: str
    kind: str
    link: str | None
    units: int
    height: int
    width: int
    spatial: bool
    field: tuple[int, int] | None

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> "Place":
        """The place in a row of the layers table."""
        size = (row["rf_height"], row["rf_width"])
        return cls(
            site=str(row["site"]),
            address=str(row["address"]),
            type=str(row["type"]),
            kind=str(row["kind"]),
            link=None if pd.isna(row["link"]) else str(row["link"]),
            units=int(row["total_neurons"]),
            height=int(row["height"]),
            width=int(row["width"]),
            spatial=row["shape"].count(",") == 3 and row["height"] * row["width"] > 1,
            field=None if pd.isna(size[0]) or pd.isna(size[1]) else (int(size[0]), int(size[1])),
        )


@dataclass(frozen=True, eq=False)
class UnitPage:
    """One unit of an atlas: its parts are the results of the single analyses.

    Attributes:
        source: which network and images.
        place: which unit's site, and where it is.
        unit: its number.
        record: its row of statistics.
        exemplars: the pictures that drive it high, in the middle and low.
        profile: how its values are distributed.
        relations: which units do the same, and the opposite.
        spatial: where in the picture it answers; None with a code in `absent`.
        classes: which classes it answers; None likewise.
        tuning: to what it is tuned; None likewise.
        absent: for each part that is None why: NO_MAPS, NO_LABELS, NO_STIMULI.
    """

    source: Source
    place: Place
    unit: int
    record: UnitRecord
    exemplars: Exemplars
    profile: ActivationProfile
    relations: Relations
    spatial: SpatialBias | None
    classes: ClassSelectivity | None
    tuning: Tuning | None
    absent: Mapping[str, str]

    @property
    def site(self) -> str:
        """The name of its site."""
        return self.place.site

    def to_frames(self) -> dict[str, pd.DataFrame]:
        """The tables of all parts, by the names of their parts."""
        parts: dict[str, Any] = {
            "unit": self.record, "exemplars": self.exemplars, "profile": self.profile,
            "relations": self.relations, "spatial": self.spatial, "classes": self.classes,
            "tuning": self.tuning,
        }  # fmt: skip
        return {name: part.to_frame() for name, part in parts.items() if part is not None}


def unit_page(atlas: Atlas, site: str, unit: int, *, seed: int = 0) -> UnitPage:
    """Everything that an atlas says of one unit: no network is run and no image of the set is read.

    Args:
        atlas: The scan.
        site: Any name that the atlas knows.
        unit: Of the site.
        seed: Of the shuffles and draws behind nulls and intervals.

    Raises:
        UsageError: The atlas has no such site or unit.
        DataError: A file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> page = unit_page(nl.open_atlas("atlas"), "relu", 3)
    >>> page.place.units, page.exemplars.band("top")[0].rank, dict(page.absent)
    (16, 0, {})
    """
    record = atlas.unit(site, unit)
    layers = atlas.layers
    place = Place.from_row(dict(layers[layers["site"] == record.site].iloc[0].items()))
    absent = dict(_absent(atlas, place))
    at: tuple[Atlas, str, int] = (atlas, record.site, record.unit)
    # Classes come first: they read the table of images, and the other parts then need not.
    classes = None if "classes" in absent else class_selectivity(*at, seed=seed)
    return UnitPage(
        source=atlas.source,
        place=place,
        unit=record.unit,
        record=record,
        exemplars=unit_exemplars(*at),
        profile=activation_profile(*at),
        relations=relations(*at, seed=seed),
        spatial=None if "spatial" in absent else spatial_bias(*at),
        classes=classes,
        tuning=None if "tuning" in absent else scanned_tuning(*at, shuffles=SHUFFLES, seed=seed),
        absent=absent,
    )


def _absent(atlas: Atlas, place: Place) -> Iterator[tuple[str, str]]:
    if not place.spatial:
        yield "spatial", NO_MAPS
    if not atlas.manifest["images"].get("labelled", 0):
        yield "classes", NO_LABELS
    if not has_tuning(atlas):
        yield "tuning", NO_STIMULI
