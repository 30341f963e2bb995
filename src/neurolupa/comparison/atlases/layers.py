"""The sites of two atlases side by side."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from neurolupa.atlas import Atlas

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {
    "mean": "mean",
    "std": "std",
    "sparsity_%": "sparsity",
    "active_neurons": "active",
    "total_neurons": "units",
    "total_elements": "elements",
}
MEASURES = ("mean", "std", "sparsity", "active", "dead", "dormant")
"""What is compared, in the order of the tables."""


@dataclass(frozen=True)
class LayerNumbers:
    """One site in one atlas.

    Attributes:
        mean: over all elements.
        std: the population's standard deviation, over all elements.
        sparsity: share of exact zeros in %; NaN where the site is not rectified.
        active: units with any value but 0.
        dead: units that are never above the threshold.
        dormant: units with a mean size of at most 0.025 of the site's.
        units: how many the site has.
        elements: N of mean, std and sparsity.
        images: N of dead, dormant and active.
    """

    mean: float
    std: float
    sparsity: float
    active: int
    dead: int
    dormant: int
    units: int
    elements: int
    images: int


@dataclass(frozen=True)
class ComparedLayer:
    """One site in both atlases.

    Attributes:
        site: its name.
        a: in A.
        b: in B.
    """

    site: str
    a: LayerNumbers
    b: LayerNumbers

    def difference(self, measure: str) -> float:
        """B less A."""
        return getattr(self.b, measure) - getattr(self.a, measure)


def compared_layers(a: Atlas, b: Atlas, sites: Sequence[str], threshold: float) -> tuple[ComparedLayer, ...]:
    """The sites that both atlases have, by name.

    >>> import neurolupa as nl
    >>> atlas = nl.open_atlas("atlas")
    >>> found = compared_layers(atlas, atlas, ["relu"], 1e-6)[0]
    >>> found.a.units, found.a.images, found.difference("mean")
    (16, 64, 0.0)
    """
    one, two = (_numbers(atlas, sites, threshold) for atlas in (a, b))
    return tuple(ComparedLayer(site, one[site], two[site]) for site in sites)


def layers_frame(layers: Sequence[ComparedLayer]) -> "pd.DataFrame":
    """A row for each site: each measure in A, in B and B less A, units, elements and images."""
    import pandas as pd

    return pd.DataFrame([_row(each) for each in layers], columns=_names())


def _names() -> list[str]:
    sides = [f"{name}_{side}" for name in MEASURES for side in ("a", "b", "difference")]
    return ["site", *sides, *(f"{name}_{side}" for name in ("units", "elements", "images") for side in "ab")]


def _row(layer: ComparedLayer) -> dict[str, object]:
    row: dict[str, object] = {"site": layer.site}
    for side, numbers in (("a", layer.a), ("b", layer.b)):
        row |= {f"{name}_{side}": value for name, value in asdict(numbers).items()}
    return row | {f"{name}_difference": layer.difference(name) for name in MEASURES}


def _numbers(atlas: Atlas, sites: Sequence[str], threshold: float) -> dict[str, LayerNumbers]:
    layers, units = atlas.layers.set_index("site"), atlas.units
    dead = (units["max"] <= threshold).groupby(units["site"]).sum()
    dormant = units["dormant"].groupby(units["site"]).sum()
    found = {}
    for site in sites:
        told: dict[str, Any] = {name: layers[column][site].item() for column, name in _COLUMNS.items()}
        counts = {"dead": int(dead[site]), "dormant": int(dormant[site])}
        found[site] = LayerNumbers(**told, **counts, images=atlas.source.read)
    return found
