"""What one training batch tells of one site: silent and dormant units, sparsity, effective rank."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.capture import Site
from neurolupa.capture.maps import maps_of

DORMANT_AT_MOST = 0.025


@dataclass(frozen=True)
class SiteRow:
    """One site in one batch.

    Attributes:
        site: its name.
        order: its place in the forward pass.
        units: C.
        n: pictures of the batch.
        silent: units that are never above 1e-6 on this batch, by number.
        dormant: units whose mean |a| is at most 0.025 of the layer's (Sokar et al. 2023).
        sparsity: share of exact zeros; NaN where zeros mean nothing.
        effective_rank: of the pictures' unit means; see `effective_rank`.
        rank_bound: what it cannot exceed: the smaller of n - 1 and C.
        mean, std: of all finite values.
        not_finite: how many values are no numbers or infinite.
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


def row_of(site: Site, value: Tensor) -> SiteRow:
    """The row of a site's value (N, ...), which is read and not kept.

    >>> value = torch.tensor([[[[0.0, 2.0]], [[0.0, 0.0]]], [[[4.0, 0.0]], [[0.0, 0.0]]]])
    >>> row = row_of(Site("relu", shape=(2, 1, 2), rectified=True), value)
    >>> row.silent, row.dormant, row.sparsity, row.mean
    ((1,), 1, 0.75, 0.75)
    """
    maps = maps_of(value, site).float()
    finite = torch.isfinite(maps)
    known = torch.where(finite, maps, torch.zeros((), device=maps.device))
    count = finite.sum()
    mean = known.sum() / count.clamp(min=1)
    spread = torch.where(finite, (maps - mean) ** 2, torch.zeros((), device=maps.device)).sum()
    magnitude = known.abs().mean((0, 2, 3)).cpu().double()
    silent = known.amax((0, 2, 3)).cpu() <= DEAD_THRESHOLD
    dormant = magnitude <= DORMANT_AT_MOST * magnitude.mean()
    return SiteRow(
        site=site.name,
        order=site.order,
        units=maps.shape[1],
        n=len(maps),
        silent=tuple(torch.nonzero(silent).flatten().tolist()),
        dormant=int(dormant.sum()),
        sparsity=float((maps == 0).float().mean()) if site.rectified else float("nan"),
        effective_rank=effective_rank(known.mean((2, 3)).cpu().double()),
        rank_bound=min(len(maps) - 1, maps.shape[1]),
        mean=float(mean),
        std=float((spread / count.clamp(min=1)).sqrt()),
        not_finite=int(maps.numel() - count),
    )


def effective_rank(values: Tensor) -> float:
    r"""$\exp(-\sum p_i \ln p_i)$, $p_i$ the share of a singular value of the centred (N, C) values.

    O. Roy and M. Vetterli, *The effective rank: a measure of effective dimensionality*, EUSIPCO 2007. From 1
    to the smaller of N - 1 and C; NaN where nothing varies.

    >>> round(effective_rank(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])), 6)
    2.0
    """
    sizes = torch.linalg.svdvals(values - values.mean(0))
    sizes = sizes[sizes > 1e-12 * sizes.sum()]
    if not len(sizes):
        return float("nan")
    shares = sizes / sizes.sum()
    return float(torch.exp(-(shares * shares.log()).sum()))
