"""The arrays to be had of a set of pictures, and all that each of them depends on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from neurolupa import __version__
from neurolupa.capture import Site
from neurolupa.errors import DataError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.probing.features.pooling import Pooling, pixel_count

_PROBED, _DIGITS = 16, 3
_SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Column:
    """One array to have: what a site of a network pools to, or (without a site) the pictures themselves."""

    model: Model
    site: Site | None
    width: int
    key: str


def columns_of(
    model: Model,
    images: ImageSet,
    sites: Sequence[Site],
    pooling: Pooling,
    twin: Model | None,
    pixels: bool,
) -> Iterator[Column]:
    """Each site of the network, of its twin where there is one, and the pictures where they are wanted."""
    seen = {"schema": _SCHEMA, "images": images.digest(), "prepared": repr(model.preprocessing.to_dict())}
    for network in (model,) if twin is None else (model, twin):
        ran = {"weights": network.weights_digest, "gives": _behaviour(network), "version": __version__}
        for site in sites:
            told = {**seen, **ran, "site": site.address, "pooling": str(pooling)}
            yield Column(network, site, site.units * pooling.cells_of(site), _digest(told))
    if pixels:
        height, width = model.preprocessing.input_size
        side = pixel_count(model.preprocessing.channels, height, width)
        yield Column(model, None, side, _digest({**seen, "site": "pixels"}))


def _digest(told: Mapping[str, Any]) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _behaviour(model: Model) -> list[float]:
    """What the network gives for a fixed input, in few digits: equal weights that other code runs differ."""
    try:
        values = np.nan_to_num(np.array(model.probe_output()[:_PROBED]))
    except DataError:
        return []
    return (np.round(values / max(np.abs(values).max(initial=0), 1e-30), _DIGITS) + 0.0).tolist()
