"""The pictures that both atlases sampled, and what units did on them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Atlas
from neurolupa.comparison.atlases.codes import PictureCode
from neurolupa.comparison.atlases.standing import Standing
from neurolupa.units.relations.codes import Floats, RelationCode, Words, unit_codes
from neurolupa.units.relations.sampling import sampled_units

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Common:
    """The rows of `samples` in two atlases that are of the same picture.

    Attributes:
        a: (N,) rows of A.
        b: (N,) rows of B.
    """

    a: Rows
    b: Rows

    def __len__(self) -> int:
        return len(self.a)

    def take(self, places: NDArray) -> "Common":
        """Some of them."""
        return Common(self.a[places], self.b[places])


@dataclass(frozen=True, eq=False)
class Answers:
    """What the units of a site did on N pictures.

    Attributes:
        site: its name.
        units: (U,) numbers of the units that vary over these pictures.
        values: (N, U) float64.
        codes: (C,) of every unit of the site: OK, or why it is left out.
    """

    site: str
    units: Rows
    values: Floats
    codes: Words


def common_pictures(a: Atlas, b: Atlas, stand: Standing) -> Common:
    """The pictures that both atlases sampled; none where the sets of images differ.

    Pictures are told by their id, and only in equal sets: the same id elsewhere can be another picture.

    >>> import neurolupa as nl
    >>> from neurolupa.comparison.atlases.standing import standing
    >>> atlas = nl.open_atlas("atlas")
    >>> len(common_pictures(atlas, atlas, standing(atlas, atlas, None)))
    64
    """
    if stand.pictures is PictureCode.OTHER_PICTURES:
        return Common(np.zeros(0, np.int64), np.zeros(0, np.int64))
    _, rows_a, rows_b = np.intersect1d(_sampled_ids(a), _sampled_ids(b), return_indices=True)
    order = np.argsort(rows_a)
    return Common(rows_a[order], rows_b[order])


def drawn(a: Atlas, b: Atlas, stand: Standing, common: Common, of: str, images: int, seed: int) -> Common:
    """At most so many of the common pictures, drawn at random among those with values at every site."""
    usable = np.ones(len(common), bool)
    if not len(common):
        return common
    for atlas, sites, rows in ((a, stand.sites_a, common.a), (b, stand.sites_b, common.b)):
        for site in sites:
            usable &= np.isin(rows, sampled_units(atlas, site, of).rows)
    places = np.flatnonzero(usable)
    if len(places) > images:
        places = np.sort(np.random.default_rng(seed).choice(places, images, replace=False))
    return common.take(places)


def answers(atlas: Atlas, sites: Iterable[str], of: str, rows: Rows) -> list[Answers]:
    """What the units of some sites did on the pictures in some rows, one site in full at a time.

    >>> import neurolupa as nl
    >>> found = answers(nl.open_atlas("atlas"), ["relu"], "mean", np.arange(9))
    >>> found[0].values.shape == (9, len(found[0].units)), len(found[0].codes)
    (True, 16)
    """
    return [_answers(atlas, site, of, rows) for site in sites]


def _answers(atlas: Atlas, site: str, of: str, rows: Rows) -> Answers:
    held = sampled_units(atlas, site, of)
    values = held.values[np.searchsorted(held.rows, rows)]
    here = unit_codes(values, np.ones(len(held.units), bool))
    codes = held.codes.copy()
    codes[held.units] = here
    vary = here == RelationCode.OK
    return Answers(site, held.units[vary], values[:, vary], codes)


def _sampled_ids(atlas: Atlas) -> NDArray[np.str_]:
    images = np.asarray(atlas.samples(atlas.sites[0]).images).tolist()
    rows = atlas.image_rows(images)
    names = dict(zip(rows["image"].tolist(), rows["id"].astype(str), strict=True))
    return np.array([names[each] for each in images], dtype=np.str_)
