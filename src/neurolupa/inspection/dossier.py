"""What is known of a few units of one analysis beyond its maps, computed once, in plain values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from neurolupa.errors import DataError, unknown
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.inspection.explanation import Explanation, explain
from neurolupa.inspection.kernels import Kernel, convolution_at, kernels_of
from neurolupa.inspection.patches import Patches, patches_of
from neurolupa.inspection.patterns import ColourPattern, colour_patterns
from neurolupa.inspection.regions import Regions, find_regions
from neurolupa.models import Model

SURE, LIKELY = 0.8, 0.5
"""The probabilities above, and from, which a prediction is called sure, and likely."""

PERCENTILE = 85.0


@dataclass(frozen=True)
class Overall:
    """A whole site on one picture, over the finite values of all its maps; NaN where there is none.

    Attributes:
        units: How many the site has.
        dead: How many of them never rose above 1e-6 on this picture.
        mean: Of all values.
        max: Highest of all.
        std: Of all values, as of a population.
        sparsity: Share of exact zeros among all values, 0 to 1; NaN where zeros mean nothing.
    """

    units: int
    dead: int
    mean: float
    max: float
    std: float
    sparsity: float


@dataclass(frozen=True, eq=False, repr=False)
class Dossier:
    """What the network tells of some units of an analysis, each by the unit's number.

    Attributes:
        units: The units, the first one the first of the ranking.
        regions: Where on the picture each fires.
        kernels: The weights behind each.
        gradients: The colour pattern of each at its peak; no entry for a unit without a finite value, or that
            was not asked for: the network runs for these alone.
        patches: What drove each, with the match of its kernel.
        explanations: What the measurements amount to.
        overall: The whole site.
        classes: The names of the network's classes; empty where they are not known.
        gradient_code: "cut_off" where the network lets no gradient through, so that there are none.
    """

    units: tuple[int, ...]
    regions: Mapping[int, Regions]
    kernels: Mapping[int, Kernel]
    gradients: Mapping[int, ColourPattern]
    patches: Mapping[int, Patches]
    explanations: Mapping[int, Explanation]
    overall: Overall
    classes: tuple[str, ...] = ()
    gradient_code: str | None = None

    def __contains__(self, unit: object) -> bool:
        return unit in self.units

    def __repr__(self) -> str:
        return f"<Dossier of {len(self.units)} units>"

    def to_frame(self) -> pd.DataFrame:
        """One row for each unit: the fields of its explanation."""
        return _joined((self.explanations[unit].to_frame() for unit in self.units), [])

    def regions_frame(self) -> pd.DataFrame:
        """One row for each region of each unit: unit, and the columns of `Regions.to_frame`."""
        columns = ["unit", *Regions((), (1, 1), PERCENTILE).to_frame().columns]
        tables = (self.regions[unit].to_frame().assign(unit=unit)[columns] for unit in self.units)
        return _joined(tables, columns)

    def patches_frame(self) -> pd.DataFrame:
        """One row for each patch of each unit: the columns of `Patches.to_frame`."""
        return _joined(
            (self.patches[unit].to_frame() for unit in self.units), Patches((), 0).to_frame().columns
        )

    def to_dict(self) -> dict[str, Any]:
        """The site as a whole, the explanations, regions and patches, ready for JSON: None for no number."""
        return {
            "overall": {name: _number(value) for name, value in asdict(self.overall).items()},
            "explanations": [self.explanations[unit].to_dict() for unit in self.units],
            "regions": _records(self.regions_frame()),
            "patches": _records(self.patches_frame()),
        }


def dossier(model: Model, analysis: ImageAnalysis, units: Sequence[int], *, patterns: bool = True) -> Dossier:
    """Regions, kernel, colour pattern, patches and explanation of some units of an analysis.

    One pass with gradients over the windows of the units' peaks; all else is arithmetic on the analysis. Deep
    in a network a window is most of the picture, and each unit costs as much as the network itself: where few
    patterns are looked at, `patterns=False` leaves them all out, and `with_patterns` adds those of some.

    Args:
        model: The network of the analysis.
        analysis: What `inspect` gave.
        units: Any of its units, each once.
        patterns: Whether the colour patterns are wanted now.

    Raises:
        UsageError: No such unit, or the analysis is of another network.

    >>> from PIL import Image
    >>> from torch import nn
    >>> from neurolupa.inspection import inspect
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), input_size=8)
    >>> found = dossier(model, inspect(model, Image.radial_gradient("L"), "0", "relu"), [1, 0])
    >>> found.units, found.kernels[1].size, 0 in found, 2 in found
    ((1, 0), (3, 3), True, False)
    """
    chosen = tuple(dict.fromkeys(analysis.checked(int(unit)) for unit in units))
    kernels = kernels_of(model, analysis.convolution or analysis.site, chosen)
    regions = {unit: _regions(analysis, unit) for unit in chosen}
    patches = _patches(model, analysis, chosen)
    found = Dossier(
        units=chosen,
        regions=regions,
        kernels=dict(zip(chosen, kernels, strict=True)),
        gradients={},
        patches=patches,
        explanations={unit: _explained(analysis, regions[unit], patches[unit], unit) for unit in chosen},
        overall=overall_of(analysis),
        classes=tuple(model.classes or ()),
    )
    return with_patterns(found, model, analysis, chosen) if patterns else found


def with_patterns(held: Dossier, model: Model, analysis: ImageAnalysis, units: Sequence[int]) -> Dossier:
    """A dossier with the colour patterns of some of its units beside those that it has.

    Raises:
        UsageError: A unit that is not in the dossier, or the analysis is of another network.

    >>> from PIL import Image
    >>> from torch import nn
    >>> from neurolupa.inspection import inspect
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), input_size=8)
    >>> analysis = inspect(model, Image.radial_gradient("L"), "0", "relu")
    >>> held = dossier(model, analysis, [1, 0], patterns=False)
    >>> list(held.gradients), list(with_patterns(held, model, analysis, [0]).gradients)
    ([], [0])
    """
    for unit in units:
        if unit not in held:
            raise unknown("unit of this dossier", str(unit), map(str, held.units))
    missing = [unit for unit in units if unit not in held.gradients]
    found, code = _gradients(model, analysis, missing)
    return replace(held, gradients={**held.gradients, **found}, gradient_code=held.gradient_code or code)


def overall_of(analysis: ImageAnalysis) -> Overall:
    """The site as a whole; see `Overall`."""
    table = analysis.units
    finite = analysis.maps[np.isfinite(analysis.maps)]
    some = finite.size > 0
    return Overall(
        units=len(table),
        dead=int(table["dead"].sum()),
        mean=float(finite.mean(dtype=np.float64)) if some else float("nan"),
        max=float(finite.max()) if some else float("nan"),
        std=float(finite.std(dtype=np.float64)) if some else float("nan"),
        sparsity=float(table["sparsity"].mean()),
    )


def certainty_of(probability: float) -> str:
    """The word for the probability of the strongest class.

    >>> [certainty_of(share) for share in (0.81, 0.8, 0.5, 0.49)]
    ['sure', 'likely', 'likely', 'unsure']
    """
    if probability > SURE:
        return "sure"
    return "likely" if probability >= LIKELY else "unsure"


def _regions(analysis: ImageAnalysis, unit: int) -> Regions:
    width, height = analysis.picture.seen.size
    if not analysis.spatial:
        return Regions((), (height, width), PERCENTILE, code="one_value")
    return find_regions(analysis.maps[unit], (height, width), PERCENTILE, analysis.site.receptive_field)


def _patches(model: Model, analysis: ImageAnalysis, units: Sequence[int]) -> dict[int, Patches]:
    seen = np.asarray(analysis.picture.seen.convert("RGB"))
    convolution = None if analysis.convolution is None else convolution_at(model, analysis.convolution)
    itself = analysis.site == analysis.convolution
    return patches_of(
        {unit: analysis.maps[unit] for unit in units},
        seen,
        analysis.site.receptive_field if analysis.spatial else None,
        convolution=convolution,
        inputs=analysis.inputs,
        itself=itself,
    )


def _gradients(
    model: Model, analysis: ImageAnalysis, units: Sequence[int]
) -> tuple[dict[int, ColourPattern], str | None]:
    finite = [unit for unit in units if np.isfinite(analysis.maps[unit]).any()]
    if not finite:
        return {}, None
    try:
        found = colour_patterns(model, analysis, finite)
    except DataError:
        return {}, "cut_off"
    return {pattern.unit: pattern for pattern in found}, None


def _explained(analysis: ImageAnalysis, regions: Regions, patches: Patches, unit: int) -> Explanation:
    link = None if analysis.link is None else analysis.link.kind
    row = {str(name): value for name, value in analysis.units.iloc[unit].items()}
    return explain(row, regions, analysis.site, patches, link)


def _joined(tables: Iterable[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    """The tables under one another; empty ones are left out, as they have no types to give."""
    some = [table for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=list(columns))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(table.to_json(orient="records"))


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
