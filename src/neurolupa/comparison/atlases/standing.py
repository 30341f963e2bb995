"""What is the same in two atlases: the weights, the shape of the network, the pictures, the sites."""

from collections.abc import Iterable
from dataclasses import dataclass

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import shown
from neurolupa.comparison.atlases.codes import NetworkCode, PictureCode
from neurolupa.errors import UsageError, unknown


@dataclass(frozen=True)
class Standing:
    """How two atlases stand to each other.

    Attributes:
        network: whether it is one network, two of one shape, or two networks.
        pictures: whether they are the same.
        prepared_alike: whether both networks are given the pictures in the same way.
        sites_a: names of the compared sites of A, in forward order.
        sites_b: of B.
    """

    network: NetworkCode
    pictures: PictureCode
    prepared_alike: bool
    sites_a: tuple[str, ...]
    sites_b: tuple[str, ...]

    @property
    def common(self) -> tuple[str, ...]:
        """Sites with the same name in both, in the order of A."""
        return tuple(site for site in self.sites_a if site in self.sites_b)

    @property
    def numbered_alike(self) -> bool:
        """Whether unit i of a site can be unit i of the other atlas at all."""
        return self.network is not NetworkCode.OTHER_NETWORK


def standing(a: Atlas, b: Atlas, sites: Iterable[str] | str | None) -> Standing:
    """How two atlases stand to each other, over all sites or some.

    Raises:
        UsageError: A site that neither has, or none.

    >>> import neurolupa as nl
    >>> atlas = nl.open_atlas("atlas")
    >>> standing(atlas, atlas, None).network.value, standing(atlas, atlas, "relu").common
    ('SAME_WEIGHTS', ('relu',))
    """
    same = a.source.images_digest == b.source.images_digest
    prepared = [each.manifest["model"].get("preprocessing") for each in (a, b)]
    return Standing(
        network=_network(a, b),
        pictures=PictureCode.SAME_PICTURES if same else PictureCode.OTHER_PICTURES,
        prepared_alike=prepared[0] == prepared[1],
        **dict(zip(("sites_a", "sites_b"), _sites(a, b, sites), strict=True)),
    )


def _network(a: Atlas, b: Atlas) -> NetworkCode:
    if a.source.weights_digest == b.source.weights_digest:
        return NetworkCode.SAME_WEIGHTS
    one, two = (_units(each) for each in (a, b))
    common = one.keys() & two.keys()
    whole = one.keys() == two.keys() or a.source.model == b.source.model
    alike = bool(common) and whole and all(one[site] == two[site] for site in common)
    return NetworkCode.SAME_SHAPE if alike else NetworkCode.OTHER_NETWORK


def _units(atlas: Atlas) -> dict[str, int]:
    """How many units each site has."""
    layers = atlas.layers
    return dict(zip(layers["site"].tolist(), layers["total_neurons"].tolist(), strict=True))


def _sites(a: Atlas, b: Atlas, sites: Iterable[str] | str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if sites is None:
        return a.sites, b.sites
    if not isinstance(sites, Iterable):
        raise UsageError(f"sites are named by strings, not by {shown(sites)}")
    asked = [sites] if isinstance(sites, str) else list(sites)
    if not asked:
        raise UsageError("two atlases are compared at one site or more; none was named")
    known = [[_known(atlas, site) for site in asked] for atlas in (a, b)]
    for site, *found in zip(asked, *known, strict=True):
        if not any(found):
            raise unknown("site", str(site), (*a.sites, *b.sites))
    one, two = (set(filter(None, names)) for names in known)
    return tuple(filter(one.__contains__, a.sites)), tuple(filter(two.__contains__, b.sites))


def _known(atlas: Atlas, site: str) -> str | None:
    """The atlas's name for a site; None where it has none."""
    if not isinstance(site, str):
        raise UsageError(f"a site is named by a string, not {shown(site)}")
    try:
        return atlas.site(site)
    except UsageError:
        return None
