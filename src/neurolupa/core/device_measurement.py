"""The measurement of a block on an accelerator: each map is reduced there, and only the results travel."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.core.planes import COARSE_ROOM, half_masks, lattice, room_order


def measure_on_device(planes: Float[Tensor, "B C H W"], *, signed: bool, thinning: int) -> dict[str, Any]:
    """The fields of a `Measurement`, reduced by torch on the device of `planes` (B, C, H, W).

    Maps are summed in float32, as not every device has float64.
    """
    images, units, height, width = planes.shape
    flat = planes.to(torch.float32).reshape(images, units, height * width)
    finite = torch.isfinite(flat)
    all_finite = bool(finite.all())
    safe = flat if all_finite else torch.where(finite, flat, 0.0)
    masks = torch.as_tensor(half_masks(height, width), dtype=torch.float32, device=planes.device)
    places = torch.as_tensor(lattice(height, width, thinning).astype(np.int64), device=planes.device)
    missing = None if all_finite else _numpy((~finite).sum(0)).astype(np.int32)
    fine, by_unit, by_image = _counts(flat[:, :, places], room_order(), COARSE_ROOM)
    count = finite.sum(-1)
    mean = safe.sum(-1) / count
    spread = torch.where(finite, (safe - mean[..., None]) ** 2, 0.0).sum(-1)
    rows = [(safe * mask).sum(-1) / (finite & (mask > 0)).sum(-1) for mask in masks]
    return {
        "size": (images, units, height, width),
        "means": _unit_first([mean], np.float64)[0],
        "spreads": _unit_first([spread], np.float64)[0],
        "magnitudes": _unit_first([safe.abs().sum(-1)], np.float64)[0] if signed else None,
        "half_means": _unit_first(rows, np.float64),
        "places": _places(flat, finite),
        "counts": None if all_finite else _unit_first([count, torch.isnan(flat).sum(-1)], np.int32),
        "map_sum": _numpy(safe.sum(0)).astype(np.float64).reshape(units, height, width),
        "missing": None if missing is None else missing.reshape(units, height, width),
        "fine": fine,
        "units": by_unit,
        "images": by_image,
        "thinning": thinning,
        "signed": signed,
    }


def _numpy(tensor: Tensor) -> NDArray:
    return tensor.cpu().numpy()


def _unit_first(rows: list[Tensor], dtype: type) -> NDArray:
    """Stacks (B, C) tensors as (rows, C, B)."""
    return np.ascontiguousarray(np.stack([_numpy(row).T for row in rows]), dtype)


def _places(flat: Tensor, finite: Tensor) -> NDArray:
    low, argmin = torch.where(finite, flat, torch.inf).min(-1)
    high, argmax = torch.where(finite, flat, -torch.inf).max(-1)
    extremes = _unit_first([low, high], np.float32).view(np.int32)
    return np.concatenate([extremes, _unit_first([(flat == 0).sum(-1), argmax, argmin], np.int32)])


def _counts(values: Tensor, order: NDArray, room: int) -> tuple[NDArray, NDArray, NDArray]:
    images, units = values.shape[:2]
    bits = values.contiguous().view(torch.int32)
    pattern = ((bits >> 15) & (len(order) - 1)).to(torch.int64)
    coarse = torch.as_tensor(order.astype(np.int64), device=values.device)[pattern]
    unit = torch.arange(units, device=values.device).view(1, -1, 1)
    image = torch.arange(images, device=values.device).view(-1, 1, 1)

    def count(index: Tensor, *shape: int) -> NDArray:
        return (
            _numpy(torch.bincount(index.flatten(), minlength=int(np.prod(shape))))
            .astype(np.int32)
            .reshape(shape)
        )

    return (
        count(pattern, len(order)),
        count(unit * room + coarse, units, room),
        count(image * room + coarse, images, room),
    )
