"""From a unit back to its filter, and a live unit's filter of the same layer beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor, nn

from neurolupa.atlas import Atlas, Source
from neurolupa.capture import Site, SiteTable, trace
from neurolupa.capture.convolutions import Convolution, convolution_of
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.units.conditions.filters import NEVER, Filter, FilterCode, Norm, reason

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class FilterPart:
    """One layer that leads to the unit's site: the unit's filter in it, and the live one's.

    Attributes:
        layer: the convolution or linear layer.
        dead: the filter of the unit that was asked for.
        live: of the live unit.
        rank: share of the layer's live units whose kernel, times its scale, is shorter than the unit's.
        median_length: the median of these lengths over the live units.
        on_pixels: whether the layer reads the picture's three colours.
        code: what in this filter explains the unit's silence.
    """

    layer: str
    dead: Filter
    live: Filter
    rank: float
    median_length: float
    on_pixels: bool
    code: FilterCode


@dataclass(frozen=True, eq=False)
class FilterPair:
    """The filter of a unit, as a rule a dead one, beside that of a live unit of the same site.

    Attributes:
        source: which network and images.
        site: name of the site.
        unit: the unit that was asked for.
        live: the live unit.
        images: N, the pictures on which the unit is dead or is not.
        is_dead: whether it is.
        live_units: how many units of the site are neither dead nor dormant.
        link: own, or after_add: the site shows a sum.
        parts: of each convolution or linear layer that leads to the site, in forward order; behind an
            addition every one that is joined. What an identity shortcut adds has no filter and is no part.
        code: LIVE, else what explains the silence in all parts together.
    """

    source: Source
    site: str
    unit: int
    live: int
    images: int
    is_dead: bool
    live_units: int
    link: str | None
    parts: tuple[FilterPart, ...]
    code: FilterCode

    def to_frame(self) -> "pd.DataFrame":
        """Two rows for each part (role asked, live): kernel, bias and norm in numbers."""
        import pandas as pd

        sides = ((part, role) for part in self.parts for role in ("asked", "live"))
        rows = [
            {"site": self.site, "role": role, **_row(part.dead if role == "asked" else part.live)}
            for part, role in sides
        ]
        return pd.DataFrame(rows)


def filter_pair(model: Model, atlas: Atlas, site: str, unit: int, *, live: int | None = None) -> FilterPair:
    """The filter that leads to a unit beside that of a live unit of the same site: why is the unit dead?

    A unit behind a norm or a non-linearity is traced to its convolution or linear layer; behind an addition
    to every one that is joined.

    Args:
        model: The network that was scanned.
        atlas: The scan.
        site: Name of the site.
        unit: Number of the unit.
        live: The unit to set beside it; by default the live one whose kernel, times its scale, has the median
            length (in the layer that sees most of the picture), of two the shorter, ties by number.

    Raises:
        UsageError: Another network, an unknown site or unit, a site to whose units no filter leads.
        DataError: No unit of the site is live, or a file of the atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> atlas, model = nl.open_atlas("atlas"), nl.load_model("embedded")
    >>> found = filter_pair(model, atlas, "relu", 3)
    >>> [part.layer for part in found.parts], found.parts[0].dead.weights.shape, found.code.value
    (['conv1'], (3, 3, 3), 'LIVE')
    """
    if model.weights_digest != atlas.source.weights_digest:
        raise UsageError(f"{model.name} is not the network that was scanned: its weights have another digest")
    record, units = atlas.unit(site, unit), _live_units(atlas, site)
    table = trace(model)
    place = table.find(record.site)
    widest = table.convolution_of(place)
    if widest is None:
        raise UsageError(f"no convolution or linear layer leads to {place.name}: its units have no filters")
    layers = {one.address: _layer(model, table, one, place) for one in table.sources_of(place)}
    chosen = _live(layers[widest.address], units) if live is None else atlas.unit(site, live).unit
    parts = tuple(_part(each, record.unit, chosen, units, record.dead) for each in layers.values())
    return FilterPair(
        source=atlas.source,
        site=record.site,
        unit=record.unit,
        live=chosen,
        images=record.images,
        is_dead=record.dead,
        live_units=len(units),
        link=table.link_of(place),
        parts=parts,
        code=_joined(parts) if record.dead else FilterCode.LIVE,
    )


@dataclass(frozen=True, eq=False)
class _Layer:
    """A convolution or linear layer with the norm behind it, whole."""

    name: str
    convolution: Convolution
    on_pixels: bool
    norm_name: str
    norm: nn.Module | None

    def filter_of(self, unit: int) -> Filter:
        kernel = self.convolution
        return Filter(
            unit=unit,
            layer=self.name,
            weights=kernel.weight[unit].copy(),
            channels=kernel.channels_of(unit),
            bias=None if kernel.bias is None else kernel.bias_of(unit),
            norm=None if self.norm is None else _norm(self.norm, self.norm_name, unit),
        )


def _layer(model: Model, table: SiteTable, source: Site, site: Site) -> _Layer:
    convolution = None if source.op else convolution_of(model.module.get_submodule(source.layer))
    if convolution is None:
        raise UsageError(f"the filters of {source.name} cannot be read: it is a {source.type}")
    if convolution.units != site.units:
        units = f"{convolution.units} filters for {site.units} units"
        raise UsageError(f"the units of {site.name} are not those of {source.name}: {units}")
    seen, norm = source.receptive_field, table.resolve(source.address, "norm").site
    colours = model.preprocessing.channels == convolution.weight.shape[1] == convolution.in_channels == 3
    about = (source.name, convolution, colours and seen is not None and seen.size == convolution.extent)
    if norm is None or norm.op or norm.order > site.order:
        return _Layer(*about, "", None)
    return _Layer(*about, norm.name, model.module.get_submodule(norm.layer))


def _norm(module: nn.Module, name: str, unit: int) -> Norm:
    gamma, beta, mean, variance = (
        _value(getattr(module, key, None), unit) for key in ("weight", "bias", "running_mean", "running_var")
    )
    gamma, beta = 1.0 if gamma is None else gamma, 0.0 if beta is None else beta
    if mean is None or variance is None:
        return Norm(name, gamma, beta, None, None, None, None)
    scale = gamma / float(np.sqrt(variance + float(getattr(module, "eps", 0.0))))
    return Norm(name, gamma, beta, mean, variance, scale, beta - scale * mean)


def _value(held: Any, unit: int) -> float | None:
    return float(held.detach()[unit]) if isinstance(held, Tensor) and held.ndim == 1 else None


def _live_units(atlas: Atlas, site: str) -> list[int]:
    name, table = atlas.site(site), atlas.units
    rows = table[(table["site"] == name) & ~table["dead"] & ~table["dormant"]]
    if rows.empty:
        raise DataError(f"no unit of {name} is live on these images: there is none to compare with")
    return rows["unit"].tolist()


def _live(layer: _Layer, units: list[int]) -> int:
    lengths = [layer.filter_of(unit).folded_length for unit in units]
    return units[int(np.argsort(lengths, kind="stable")[(len(units) - 1) // 2])]


def _part(layer: _Layer, unit: int, live: int, units: list[int], dead: bool) -> FilterPart:
    own, others = layer.filter_of(unit), [layer.filter_of(each) for each in units if each != unit]
    lengths = np.array([each.folded_length for each in others])
    return FilterPart(
        layer=layer.name,
        dead=own,
        live=layer.filter_of(live),
        rank=float((lengths < own.folded_length).mean()) if len(lengths) else np.nan,
        median_length=float(np.median(lengths)) if len(lengths) else np.nan,
        on_pixels=layer.on_pixels,
        code=reason(own, others) if dead else FilterCode.LIVE,
    )


def _joined(parts: tuple[FilterPart, ...]) -> FilterCode:
    """The reason in all parts of a sum: shifts add, and so do variances of parts that go their own ways."""
    codes = {part.code for part in parts}
    if len(codes) == 1:
        return parts[0].code
    norms = {norm.layer: norm for part in parts if (norm := part.dead.norm) is not None}
    spread = np.sqrt(sum(norm.gamma**2 for norm in norms.values()))
    sunk = sum(norm.beta for norm in norms.values()) <= -NEVER * spread
    low = sunk and all(part.dead.norm is not None for part in parts)
    return FilterCode.NEGATIVE_SHIFT if low else FilterCode.UNEXPLAINED


def _row(held: Filter) -> dict[str, Any]:
    norm = held.norm
    return {
        "unit": held.unit,
        "layer": held.layer,
        "length": held.length,
        "bias": held.bias,
        "norm": None if norm is None else norm.layer,
        "gamma": None if norm is None else norm.gamma,
        "beta": None if norm is None else norm.beta,
        "scale": held.scale,
        "shift": held.folded_shift,
        "folded_length": held.folded_length,
        "height": held.height,
        "positive_share": held.positive_share,
    }
