"""The sites of a network: found by name, chosen by selection, linked from convolution to non-linearity."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, overload

from neurolupa.capture.fields import ReceptiveField
from neurolupa.capture.selection import select
from neurolupa.capture.site import POINTS, Link, LinkKind, Site
from neurolupa.errors import unknown

if TYPE_CHECKING:
    import pandas as pd

_OWN_POINT = {"conv": "conv", "linear": "conv", "norm": "norm", "relu": "relu", "gate": "relu"}


class SiteTable(Sequence[Site]):
    """Every site of a network in forward order, and the links between them.

    >>> table = SiteTable([Site("conv", kind="conv"), Site("act", kind="relu", order=1)], {})
    >>> len(table), table.find("act").order, table.select("kind:conv")[0].name
    (2, 1, 'conv')
    """

    def __init__(self, sites: Iterable[Site], links: Mapping[tuple[str, str], Link]) -> None:
        self._sites = tuple(sites)
        self._links = dict(links)
        self._named = {site.name: site for site in self._sites}
        self._named |= {site.address: site for site in self._sites}

    def __len__(self) -> int:
        return len(self._sites)

    def __iter__(self) -> Iterator[Site]:
        return iter(self._sites)

    @overload
    def __getitem__(self, index: int) -> Site: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Site, ...]: ...
    def __getitem__(self, index: int | slice) -> Site | tuple[Site, ...]:
        return self._sites[index]

    def __repr__(self) -> str:
        return f"SiteTable({len(self)} sites: {self[0].name} ... {self[-1].name})"

    def find(self, text: str) -> Site:
        """The site of a full address, or the last call of a bare path.

        Raises:
            UsageError: There is no such site; the nearest names are given.
        """
        site = self._named.get(text)
        if site is None:
            raise unknown("site", text, [one.address if ":" in text else one.name for one in self])
        return site

    def select(self, selection: str | Iterable[str | Site]) -> tuple[Site, ...]:
        """The sites of a selection, each once, in forward order.

        Args:
            selection: Addresses, globs (`layer1.*`), kinds (`kind:relu`), in a list or with commas between.
                `kind:relu` is the last call of every non-linearity, `kind:relu-calls` every call.

        Raises:
            UsageError: An unknown name or kind, or a pattern without a match.
        """
        return select(self._sites, self.find, selection)

    def resolve(self, site: str, point: str) -> Link:
        """The site where a capture point (conv, norm or relu) of a site is read.

        A site of the point's own kind is its own; from a convolution, linear layer or norm the data is
        followed to the first norm and the first non-linearity.

        Raises:
            UsageError: An unknown site or capture point.
        """
        if point not in POINTS:
            raise unknown("capture point", point, POINTS)
        start = self.find(site)
        if _OWN_POINT.get(start.kind) == point:
            return Link(start, point, "own")
        return self._links.get((start.address, point), Link(None, point, "none"))

    def convolution_of(self, site: Site) -> Site | None:
        """The convolution or linear layer whose units a site shows; None where none leads to it.

        Of several that a residual sum joins, it is the one that sees most of the image.
        """
        return max(self.sources_of(site), key=_seen, default=None)

    def sources_of(self, site: Site) -> tuple[Site, ...]:
        """The convolutions and linear layers whose units a site shows, in forward order.

        A convolution or linear layer is its own; a site behind a residual sum has every one that is joined.
        """
        if site.kind in ("conv", "linear"):
            return (site,)
        sources = {source for (source, _), link in self._links.items() if link.site == site}
        return tuple(one for one in self if one.address in sources and one.kind in ("conv", "linear"))

    def link_of(self, site: Site) -> LinkKind | None:
        """How a site hangs together with convolutions.

        For a convolution or linear layer, the link to its non-linearity. For a norm or non-linearity, the
        link from the convolutions that lead to it; None where none does, and for every other kind of site.
        """
        if site.kind in ("conv", "linear"):
            return self.resolve(site.address, "relu").kind
        kinds = {link.kind for link in self._links.values() if link.site == site}
        return "after_add" if "after_add" in kinds else "own" if kinds else None

    def to_frame(self) -> "pd.DataFrame":
        """One row per site, in forward order; see `layers`."""
        import pandas as pd

        return pd.DataFrame([self._row(site) for site in self._sites])

    def _row(self, site: Site) -> dict[str, Any]:
        norm, relu = (self._links.get((site.address, point)) for point in ("norm", "relu"))
        return {
            **site.facts(),
            "shape": site.shape,
            "channel_axis": site.channel_axis,
            "units": site.units,
            "parameters": site.parameters,
            **_field_columns(site.receptive_field),
            "norm": norm and norm.site and norm.site.name,
            "relu": relu and relu.site and relu.site.name,
            "link": self.link_of(site),
        }


def _seen(site: Site) -> float:
    return prod(site.receptive_field.size) if site.receptive_field else 0.0


def _field_columns(field: ReceptiveField | None) -> dict[str, float | None]:
    values = (None,) * 6 if field is None else (*field.size, *field.stride, *field.start)
    names = ("rf_height", "rf_width", "rf_stride_y", "rf_stride_x", "rf_start_y", "rf_start_x")
    return dict(zip(names, values, strict=True))
