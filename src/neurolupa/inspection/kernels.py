"""The kernels behind a site's units: in colour where they look at the picture, by channel elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from neurolupa.capture import Link, Site, SiteTable, trace
from neurolupa.capture.convolutions import Convolution, Pair, convolution_of
from neurolupa.errors import UsageError
from neurolupa.models import Model, as_model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Kernel:
    """The weights of one unit, in the network's own units.

    Attributes:
        unit: Its number in the layer.
        layer: Name of the convolution or linear layer; None where none leads to the site.
        sources: Names of all the layers whose sum the site shows; more than one after an addition.
        shared: Whether the site shows a sum, of which this kernel makes one part.
        code: Why there are no colour planes: no_rgb_planes (its input channels are not three colours),
            not_on_pixels (three channels, but made by the network), no_convolution (no layer leads to the
            site), unsupported_layer (a transposed, functional or other layer); None where there are.
        weights: (input channels that it reads, kernel height, kernel width); empty where there is no layer.
        channels: The numbers of these input channels.
        bias: None where the layer adds none.
        extent: What the kernel spans of its input: its size where it is not dilated.
        stride: Of the layer, (vertical, horizontal).
        in_channels: Of the layer, those of all groups.
        groups: Of the layer.
        units: How many kernels the layer has.
        limit: The largest magnitude in all of the layer's kernels: one scale for them all.
    """

    unit: int
    layer: str | None
    sources: tuple[str, ...]
    shared: bool
    code: str | None
    weights: np.ndarray = field(repr=False)
    channels: range = range(0)
    bias: float | None = None
    extent: Pair = (0, 0)
    stride: Pair = (1, 1)
    in_channels: int = 0
    groups: int = 1
    units: int = 0
    limit: float = 0.0

    @property
    def size(self) -> Pair:
        """The kernel's real size (height, width); (0, 0) where there is none."""
        return self.weights.shape[1], self.weights.shape[2]

    @property
    def planes(self) -> np.ndarray | None:
        """Weights upon red, green and blue (3, height, width); None where `code` says why."""
        return self.weights if self.code is None else None

    @property
    def averaged(self) -> np.ndarray:
        """The mean over the input channels, (height, width)."""
        return self.weights.mean(axis=0) if self.weights.size else np.zeros(self.size)

    @property
    def norms(self) -> np.ndarray:
        """The L2 norm of the weights upon each input channel that it reads."""
        return np.sqrt((self.weights.astype(np.float64) ** 2).sum(axis=(1, 2)))

    def strongest(self, count: int = 6) -> tuple[tuple[int, float], ...]:
        """The input channels with the largest norms, as (channel, norm), equal norms by channel."""
        norms = self.norms
        first = np.argsort(-norms, kind="stable")[:count]
        return tuple((self.channels[place], float(norms[place])) for place in first)

    def colours(self, limit: float | None = None) -> np.ndarray | None:
        """The true-colour mix (height, width, 3) in 0..1 with grey as 0; None where there are no planes.

        `limit` is the weight that shows fully bright; the kernel's own largest magnitude by default.
        """
        if self.planes is None:
            return None
        scale = limit or float(np.abs(self.planes).max()) or 1.0
        return np.moveaxis(np.clip(0.5 + 0.5 * self.planes / scale, 0, 1), 0, -1)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each input channel that it reads: channel, norm, mean, and the norm's share of all."""
        import pandas as pd

        norms = self.norms
        share = norms / norms.sum() if norms.any() else norms
        means = self.weights.reshape(len(norms), -1).mean(axis=1) if self.weights.size else norms
        return pd.DataFrame({"channel": list(self.channels), "norm": norms, "mean": means, "share": share})


def kernel_of(model: Model | str | nn.Module, site: str | Site | Link, unit: int) -> Kernel:
    """The kernel of one unit of a site: that of the convolution or linear layer that leads to it.

    After an addition it is that of the layer which sees most of the picture, and `sources` names them all.

    Raises:
        UsageError: An unknown site or unit.

    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 2, 3)), input_size=9)
    >>> kernel = kernel_of(model, "1", 2)
    >>> kernel.layer, kernel.size, kernel.planes.shape, kernel.code
    ('0', (5, 5), (3, 5, 5), None)
    >>> kernel_of(model, "2", 0).code
    'no_rgb_planes'
    """
    return kernels_of(model, site, [unit])[0]


def first_kernels(
    model: Model | str | nn.Module, site: str | Site | Link, count: int = 16
) -> tuple[Kernel, ...]:
    """The kernels of the first units of a layer, without any picture; fewer where it has fewer.

    Raises:
        UsageError: An unknown site, or a count below one.

    >>> [kernel.unit for kernel in first_kernels(nn.Sequential(nn.Conv2d(3, 2, 3)), "0", 16)]
    [0, 1]
    """
    if count < 1:
        raise UsageError(f"at least one kernel is shown, not {count}")
    network = as_model(model)
    return kernels_of(network, site, range(min(count, _site(trace(network), site).units)))


def kernels_of(
    model: Model | str | nn.Module, site: str | Site | Link, units: Sequence[int]
) -> tuple[Kernel, ...]:
    """The kernels of several units of a site; see `kernel_of`."""
    network = as_model(model)
    table = trace(network)
    found = _site(table, site)
    for unit in units:
        if not 0 <= unit < found.units:
            raise UsageError(f"no unit {unit} at {found.name}; units are 0 to {found.units - 1}")
    layer = table.convolution_of(found)
    convolution = None if layer is None else convolution_at(network, layer)
    common = {
        "layer": None if layer is None else layer.name,
        "sources": tuple(one.name for one in table.sources_of(found)),
        "shared": found.kind not in ("conv", "linear") and table.link_of(found) == "after_add",
        "code": _code(network, table, layer, convolution),
    }
    return _kernels(units, convolution, common) if convolution else _none(units, common)


def convolution_at(model: Model, layer: Site) -> Convolution | None:
    """What a convolution or linear layer of a network computes; None for the kinds that are not read.

    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3, stride=2)), input_size=8)
    >>> convolution_at(model, trace(model).find("0")).stride
    (2, 2)
    """
    if layer.op:
        return None
    return convolution_of(model.module.get_submodule(layer.layer))


def _site(table: SiteTable, site: str | Site | Link) -> Site:
    if isinstance(site, Link):
        if site.site is None:
            raise UsageError(f"the capture point {site.point} leads to no site")
        return site.site
    return site if isinstance(site, Site) else table.find(site)


def _code(model: Model, table: SiteTable, layer: Site | None, convolution: Convolution | None) -> str | None:
    if layer is None:
        return "no_convolution"
    if convolution is None:
        return "unsupported_layer"
    if convolution.in_channels != 3 or convolution.groups != 1 or layer.kind != "conv":
        return "no_rgb_planes"
    seen = layer.receptive_field
    on_pixels = model.preprocessing.channels == 3 and (seen is None or seen.size == convolution.extent)
    return None if on_pixels and not _follows_three(table, layer) else "not_on_pixels"


def _follows_three(table: SiteTable, layer: Site) -> bool:
    """Whether an earlier layer has three units, which may be what this one reads instead of the picture."""
    return any(one.kind == "conv" and one.units == 3 and one.order < layer.order for one in table)


def _kernels(units: Sequence[int], layer: Convolution, common: dict[str, Any]) -> tuple[Kernel, ...]:
    limit = float(np.abs(layer.weight).max())
    return tuple(
        Kernel(
            unit=unit,
            weights=layer.weight[unit].copy(),
            channels=layer.channels_of(unit),
            bias=None if layer.bias is None else layer.bias_of(unit),
            extent=layer.extent,
            stride=layer.stride,
            in_channels=layer.in_channels,
            groups=layer.groups,
            units=layer.units,
            limit=limit,
            **common,
        )
        for unit in units
    )


def _none(units: Sequence[int], common: dict[str, Any]) -> tuple[Kernel, ...]:
    nothing = np.zeros((0, 0, 0), np.float32)
    return tuple(Kernel(unit, weights=nothing, **common) for unit in units)
