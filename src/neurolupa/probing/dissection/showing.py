"""The two passes of the pictures through the network: thresholds first, then counts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from neurolupa.capture import Site, observe
from neurolupa.core.planes import as_planes
from neurolupa.errors import DataError
from neurolupa.images import StimulusSet
from neurolupa.models import Model
from neurolupa.probing.dissection.labelling import Labelling
from neurolupa.probing.dissection.overlaps import Rule, overlaps
from neurolupa.probing.dissection.scoring import SiteCounts
from neurolupa.probing.dissection.thresholds import SHARES, Extent, Tails, nothing_seen

OnBlock = Callable[[int, int], None]
_Take = Callable[[Site, Tensor, slice], None]

ROOM = 2**28
"""Bytes of counts in memory at a time; one site may need more."""


def groups(sites: Sequence[Site], pictures: int) -> Iterator[list[Site]]:
    """The sites, as many together as `ROOM` allows: each group is two passes.

    >>> wide, narrow = (Site(name, shape=(units, 4, 4)) for name, units in (("wide", 1024), ("narrow", 16)))
    >>> [[site.name for site in group] for group in groups([wide, narrow, narrow], 2000)]
    [['wide'], ['narrow', 'narrow']]
    """
    group: list[Site] = []
    for site in sites:
        units = site.units + sum(one.units for one in group)
        if group and 4 * units * pictures * (len(SHARES) + 1) > ROOM:
            yield group
            group = []
        group = [*group, site]
    yield group


def tails(
    model: Model, sites: Sequence[Site], images: StimulusSet, quantile: float, size: int, on_block: OnBlock
) -> dict[str, Tails]:
    """By site name, what decides on its units' thresholds and levels: the first pass.

    Raises:
        DataError: The network cannot run, or a value is not finite.
    """
    extents = {site.name: Extent(len(images), site.height * site.width) for site in sites}
    found = {site.name: nothing_seen(site.units, extents[site.name], quantile) for site in sites}

    def take(site: Site, planes: Tensor, rows: slice) -> None:
        if not torch.isfinite(planes).all():
            raise DataError(f"{site.name} has values on {images.spec} that are not finite")
        found[site.name] = found[site.name].seen(planes, rows.start)

    _show(model, sites, images, size, take, on_block)
    return found


def counts(
    model: Model,
    rules: dict[Site, Tails],
    images: StimulusSet,
    concepts: Sequence[Labelling],
    size: int,
    on_block: OnBlock,
) -> dict[str, SiteCounts]:
    """By site name, what was counted with the thresholds of the first pass: the second pass."""
    found = {site.name: _empty(site, rule, len(images), len(concepts)) for site, rule in rules.items()}
    asked = {
        site.name: Rule(torch.from_numpy(rule.thresholds()), torch.from_numpy(rule.levels()))
        for site, rule in rules.items()
    }
    shows = np.stack([each.codes >= 0 for each in concepts]).astype(np.float64)

    @lru_cache(1)
    def masks(start: int, stop: int) -> Tensor:
        return torch.from_numpy(np.stack([images.mask(index) for index in range(start, stop)]))

    def take(site: Site, planes: Tensor, rows: slice) -> None:
        part, whole = overlaps(planes, masks(rows.start, rows.stop), asked[site.name]), found[site.name]
        whole.active[rows], whole.both[rows], whole.hits[rows] = part.active, part.both, part.hits
        whole.places[...] += np.tensordot(shows[:, rows], part.places.astype(np.float64), 1)

    _show(model, list(rules), images, size, take, on_block)
    return found


def _empty(site: Site, rule: Tails, pictures: int, categories: int) -> SiteCounts:
    shape, levels = (pictures, site.units), len(SHARES) + 1
    return SiteCounts(
        rule.thresholds(),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros((*shape, levels), np.float32),
        np.zeros((categories, site.units, levels)),
    )


def _show(
    model: Model, sites: Sequence[Site], images: StimulusSet, size: int, take: _Take, on_block: OnBlock
) -> None:
    """Every picture, whole: squashed to the network's input and not cropped, so that masks stay in place."""
    whole = replace(model.preprocessing, resize=None, keep_matching=True)
    rows: list[slice] = []

    def deliver(site: Site, value: Tensor) -> None:
        take(site, as_planes(value, site.channel_axis).float().cpu(), rows[-1])

    with observe(model, sites, deliver) as run:
        for start in range(0, len(images), size):
            rows.append(slice(start, min(start + size, len(images))))
            run(torch.stack([whole.prepare(images[i].image) for i in range(start, rows[-1].stop)]))
            on_block(rows[-1].stop, len(images))
