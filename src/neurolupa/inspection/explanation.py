"""What can be said about a unit on one picture, and what cannot: codes and numbers.

`neurolupa.inspection.sentences` has the words.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from neurolupa.capture import Site
from neurolupa.capture.site import LinkKind
from neurolupa.inspection.patches import Patches
from neurolupa.inspection.regions import SILENT_AT_MOST, Region, Regions

if TYPE_CHECKING:
    import pandas as pd

PLACES = (
    ("top_left", "top", "top_right"),
    ("left", "centre", "right"),
    ("bottom_left", "bottom", "bottom_right"),
)

_READINGS = {
    "very_selective": "specific_pattern",
    "moderate": "texture_or_edge",
    "low": "common_feature",
    "not_selective": "background_or_light",
    "unknown": "unknown",
}


@dataclass(frozen=True)
class Explanation:
    """A unit on one picture.

    Attributes:
        unit: Its number.
        site: Where it was measured.
        value: Its mean activation.
        peak: Its highest activation.
        percentile: Of its mean within the layer, 0 to 100.
        sparsity: Share of exact zeros, 0 to 1; NaN where zeros mean nothing.
        selectivity: very_selective (sparsity above .70), moderate (from .30), low (from .10), not_selective
            (below .10), unknown (no sparsity).
        place: Where in the picture its most interesting region peaks, by thirds: a word of `PLACES`; None
            where there is no region.
        regions: How many regions its map has.
        area_share: Of the most interesting region, 0 to 1; NaN where there is none, as are the next three.
        match: Cosine of its kernel with what lies under it at the strongest position.
        match_null: The 95 % quantile of that cosine at other positions.
        match_p: How rare it is among them.
        reading: A cautious guess by sparsity alone: specific_pattern, texture_or_edge, common_feature,
            background_or_light, unknown; or silent.
        refutes: What would show the guess wrong: cover_region, other_pictures, switch_off, move_picture (for
            a peak at the border), measure_alone (after an addition).
        warnings: dead, not_finite, no_sparsity, not_spatial, border_peak, after_add, field_covers_picture,
            match_not_above_null, background_region.
    """

    unit: int
    site: str
    value: float
    peak: float
    percentile: float
    sparsity: float
    selectivity: str
    place: str | None
    regions: int
    area_share: float
    match: float
    match_null: float
    match_p: float
    reading: str
    refutes: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON: None where there is no number, lists for tuples."""
        plain = {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
        return {name: None if _is_missing(value) else value for name, value in plain.items()}

    def to_frame(self) -> "pd.DataFrame":
        """The explanation as a table of one row; refutes and warnings joined by a space."""
        import pandas as pd

        joined = {"refutes": " ".join(self.refutes), "warnings": " ".join(self.warnings)}
        return pd.DataFrame([asdict(self) | joined])


def explain(
    row: Mapping[str, Any],
    regions: Regions,
    site: Site,
    patches: Patches | None = None,
    link: LinkKind | None = None,
) -> Explanation:
    """What the measurements of one unit on one picture amount to.

    Args:
        row: Of the table of units: unit, mean, max, percentile, sparsity (NaN where it means nothing).
        regions: Of the unit's map.
        site: Where it was measured.
        patches: The unit's patches with their match, where there are any.
        link: How the site hangs together with convolutions.

    >>> from neurolupa.inspection.regions import find_regions
    >>> spot = [[0, 0, 0], [0, 0, 3], [0, 0, 0]]
    >>> row = {"unit": 4, "mean": 1 / 3, "max": 3.0, "percentile": 90.0, "sparsity": 8 / 9}
    >>> told = explain(row, find_regions(spot, (30, 30)), Site("relu", shape=(8, 3, 3)))
    >>> told.selectivity, told.place, told.warnings
    ('very_selective', 'right', ('border_peak',))
    """
    region = regions[0] if regions else None
    match = patches[0].match if patches else None
    warnings = tuple(_warnings(row, regions, site, patches, link))
    silent = "dead" in warnings or "not_finite" in warnings
    selectivity = selectivity_of(float(row["sparsity"]))
    return Explanation(
        unit=int(row["unit"]),
        site=site.name,
        value=float(row["mean"]),
        peak=float(row["max"]),
        percentile=float(row["percentile"]),
        sparsity=float(row["sparsity"]),
        selectivity=selectivity,
        place=None if region is None else place_of(region.peak_at, regions.size),
        regions=len(regions),
        area_share=math.nan if region is None else region.area_share,
        match=math.nan if match is None else match.cosine,
        match_null=math.nan if match is None else match.null,
        match_p=math.nan if match is None else match.p_value,
        reading="silent" if silent else _READINGS[selectivity],
        refutes=() if silent else tuple(_refutes(region, warnings)),
        warnings=warnings,
    )


def selectivity_of(sparsity: float) -> str:
    """The word for a share of exact zeros.

    >>> [selectivity_of(share) for share in (0.71, 0.70, 0.30, 0.29, 0.10, 0.09, float("nan"))]
    ['very_selective', 'moderate', 'moderate', 'low', 'low', 'not_selective', 'unknown']
    """
    if math.isnan(sparsity):
        return "unknown"
    if sparsity > 0.70:
        return "very_selective"
    if sparsity >= 0.30:
        return "moderate"
    return "low" if sparsity >= 0.10 else "not_selective"


def place_of(pixel: tuple[int, int], size: tuple[int, int]) -> str:
    """The word of `PLACES` for a pixel (row, column) of a picture (H, W), cut into thirds.

    >>> place_of((0, 50), (90, 90)), place_of((45, 45), (90, 90)), place_of((89, 0), (90, 90))
    ('top', 'centre', 'bottom_left')
    """
    row, column = (3 * at // length for at, length in zip(pixel, size, strict=True))
    return PLACES[row][column]


def _warnings(
    row: Mapping[str, Any], regions: Regions, site: Site, patches: Patches | None, link: LinkKind | None
) -> list[str]:
    region = regions[0] if regions else None
    match = patches[0].match if patches else None
    checks = {
        "dead": regions.code == "dead" or float(row["max"]) <= SILENT_AT_MOST,
        "not_finite": regions.code == "not_finite",
        "no_sparsity": math.isnan(float(row["sparsity"])),
        "not_spatial": site.height * site.width == 1,
        "border_peak": _peaks_at_border(regions, (site.height, site.width)),
        "after_add": link == "after_add",
        "field_covers_picture": site.height * site.width > 1 and _covers(site, regions.size),
        "match_not_above_null": match is not None and match.positions > 0 and not match.above_null,
        "background_region": region is not None and region.size_class == "background",
    }
    return [code for code, holds in checks.items() if holds]


def _refutes(region: Region | None, warnings: tuple[str, ...]) -> list[str]:
    checks = {
        "cover_region": region is not None,
        "other_pictures": True,
        "switch_off": True,
        "move_picture": "border_peak" in warnings,
        "measure_alone": "after_add" in warnings,
    }
    return [code for code, holds in checks.items() if holds]


def _peaks_at_border(regions: Regions, cells: tuple[int, int]) -> bool:
    """Whether the map's peak lies on its outermost ring, where it has an inside."""
    if not regions or min(cells) < 3:
        return False
    position = max(regions, key=lambda region: region.peak).position
    return any(at in (0, count - 1) for at, count in zip(position, cells, strict=True))


def _covers(site: Site, size: tuple[int, int]) -> bool:
    field = site.receptive_field
    return field is not None and field.size[0] >= size[0] and field.size[1] >= size[1]


def _is_missing(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
