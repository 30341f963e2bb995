"""What one training batch tells of one site: silent and dormant units, sparsity, effective rank."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.capture import Site
from neurolupa.capture.maps import maps_of
from neurolupa.core.measurement import measure

DORMANT_AT_MOST = 0.025
_TOGETHER = 32
"""Pictures that are measured at once, which bounds the memory that it takes."""

_UNCOUNTED = 1 << 30
"""Quantiles are not asked for, so hardly a value is counted for them."""


@dataclass(frozen=True)
class SiteRow:
    """One site in one batch. Where a value is NaN or infinite it is left out of every figure.

    Attributes:
        site: its name.
        order: its place in the forward pass.
        units: C.
        n: pictures of the batch.
        silent: units that are never above 1e-6 on this batch, by number.
        dormant: units whose mean |a| is at most 0.025 of the layer's (Sokar et al. 2023).
        sparsity: share of exact zeros; NaN where zeros mean nothing.
        effective_rank: of the pictures' unit means; see `effective_rank`.
        rank_bound: what it cannot exceed: one less than the pictures, or C.
        mean, std: of all values.
        not_finite: how many values are NaN or infinite.
    """

    site: str
    order: int
    units: int
    n: int
    silent: tuple[int, ...]
    dormant: int
    sparsity: float
    effective_rank: float
    rank_bound: int
    mean: float
    std: float
    not_finite: int

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON: None for what is no number."""
        plain = dict(vars(self), silent=list(self.silent))
        return {name: None if value != value else value for name, value in plain.items()}


@dataclass(frozen=True)
class _Planes:
    """Every map of a batch in few numbers, each (units, pictures)."""

    count: NDArray
    mean: NDArray
    spread: NDArray
    magnitude: NDArray
    highest: NDArray
    zeros: NDArray


def row_of(site: Site, value: Tensor) -> SiteRow:
    """The row of a site's value (N, ...), which is read and not kept.

    >>> import torch
    >>> value = torch.tensor([[[[0.0, 2.0]], [[0.0, 0.0]]], [[[4.0, 0.0]], [[0.0, 0.0]]]])
    >>> row = row_of(Site("relu", shape=(2, 1, 2), rectified=True), value)
    >>> row.silent, row.dormant, row.sparsity, row.mean
    ((1,), 1, 0.75, 0.75)
    """
    maps = maps_of(value, site)
    planes = _planes(maps)
    mean, std = _moments(planes)
    silent = (planes.highest.max(1) <= DEAD_THRESHOLD) & (planes.count.sum(1) > 0)
    known = planes.mean.T[np.isfinite(planes.mean).all(0)]
    return SiteRow(
        site=site.name,
        order=site.order,
        units=maps.shape[1],
        n=len(maps),
        silent=tuple(np.flatnonzero(silent).tolist()),
        dormant=_dormant(planes),
        sparsity=_share(planes.zeros.sum(), planes.count.sum()) if site.rectified else float("nan"),
        effective_rank=effective_rank(known),
        rank_bound=max(0, min(len(known) - 1, maps.shape[1])),
        mean=mean,
        std=std,
        not_finite=int(maps.numel() - planes.count.sum()),
    )


def _planes(maps: Tensor) -> _Planes:
    parts = [measure(part, signed=True, thinning=_UNCOUNTED) for part in maps.split(_TOGETHER)]
    columns = zip(
        *((p.finite, p.means, p.spreads, p.magnitudes, p.extremes[1], p.places[2]) for p in parts),
        strict=True,
    )
    return _Planes(*(np.concatenate(column, axis=1) for column in columns))


def _moments(planes: _Planes) -> tuple[float, float]:
    """Mean and standard deviation of all values, from those of the maps."""
    count = planes.count.sum()
    mean = _share(np.nansum(planes.count * planes.mean), count)
    spread = np.nansum(planes.spread) + np.nansum(planes.count * (planes.mean - mean) ** 2)
    return mean, _share(spread, count) ** 0.5


def _dormant(planes: _Planes) -> int:
    """Units whose mean magnitude is at most a fortieth of the layer's mean over the units."""
    counts = planes.count.sum(1)
    means = np.nansum(planes.magnitude, 1)[counts > 0] / counts[counts > 0]
    return int((means <= DORMANT_AT_MOST * means.mean()).sum()) if len(means) else 0


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def effective_rank(values: NDArray) -> float:
    r"""$\exp(-\sum p_i \ln p_i)$, $p_i$ the share of a singular value of the centred (N, C) values.

    O. Roy and M. Vetterli, *The effective rank: a measure of effective dimensionality*, EUSIPCO 2007. From 1
    to the smaller of N - 1 and C; NaN where nothing varies.

    >>> round(effective_rank(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])), 6)
    2.0
    """
    if not values.size:
        return float("nan")
    sizes = np.linalg.svd(values - values.mean(0), compute_uv=False)
    sizes = sizes[sizes > 1e-12 * np.abs(values).max()]
    shares = sizes / sizes.sum()
    return float(np.exp(-(shares * np.log(shares)).sum())) if len(sizes) else float("nan")
