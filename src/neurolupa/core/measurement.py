"""What a scan keeps of one site on one block of images, measured where the tensor lies."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int32, Int64
from numpy import ndarray
from numpy.typing import NDArray
from torch import Tensor

from neurolupa.core import kernels, threads
from neurolupa.core.device_measurement import measure_on_device
from neurolupa.core.planes import COARSE_ROOM, FINE_PATTERNS, half_masks, lattice, room_order
from neurolupa.core.workspace import Workspace


@dataclass(frozen=True)
class Measurement:
    """One block of B images at a site of C units with maps of H x W values.

    Statistics are over finite values. Halves leave out the middle row or column of an odd side, and are empty
    where a side has one value. The arrays may lie in a `Workspace` and then last until its next use.

    Attributes:
        size: (B, C, H, W).
        means: (C, B) float64, the mean of every map; NaN where nothing is finite.
        spreads: (C, B) float64, the sum of squared differences from the mean.
        magnitudes: (C, B) float64, the sum of magnitudes; None when values are taken as >= 0.
        half_means: (4, C, B) float64, of the left, right, upper, lower half; NaN where a half is empty.
        places: (5, C, B) int32: bits of minimum and maximum, zeros, flat place of maximum and, where
            `signed`, of minimum.
        counts: (2, C, B) int32, how many values of a map are finite and how many NaN; None when all are
            finite.
        map_sum: (C, H, W) float64, the sum over the images.
        missing: (C, H, W) int32, how many images are not finite at a position; None when all are.
        fine: (2^17,) int32 counts by the top 17 bits, of one value in `thinning`.
        units: (C, COARSE_ROOM) int32 coarse counts by unit.
        images: (B, COARSE_ROOM) int32 coarse counts by image.
        thinning: one value in so many was counted (see `planes.lattice`).
        signed: whether magnitudes and the places of minima were looked up.
    """

    size: tuple[int, int, int, int]
    means: Float64[ndarray, "C B"]
    spreads: Float64[ndarray, "C B"]
    magnitudes: Float64[ndarray, "C B"] | None
    half_means: Float64[ndarray, "4 C B"]
    places: Int32[ndarray, "5 C B"]
    counts: Int32[ndarray, "2 C B"] | None
    map_sum: Float64[ndarray, "C H W"]
    missing: Int32[ndarray, "C H W"] | None
    fine: Int32[ndarray, "131072"]
    units: Int32[ndarray, "C room"]
    images: Int32[ndarray, "B room"]
    thinning: int
    signed: bool

    @property
    def extremes(self) -> Float32[ndarray, "2 C B"]:
        """(2, C, B): the minimum and maximum of every map; infinite where nothing is finite."""
        return self.places[:2].view(np.float32)

    @cached_property
    def finite(self) -> Int64[ndarray, "C B"]:
        """(C, B): how many values of every map are finite."""
        images, units, height, width = self.size
        if self.counts is None:
            return np.broadcast_to(np.int64(height * width), (units, images))
        return self.counts[0].astype(np.int64)


def measure(
    value: Float[Tensor, "B C H W"],
    *,
    signed: bool,
    thinning: int = 1,
    workers: int | None = None,
    workspace: Workspace | None = None,
) -> Measurement:
    """The measurement of one block at one site.

    On the CPU compiled kernels sum in float64; on another device torch sums each map in float32.

    Args:
        value: (B, C, H, W) floating point; taken as float32, and not changed.
        signed: whether values below zero are to be expected (False behind a ReLU).
        thinning: count only one value in so many, on a lattice.
        workers: threads; torch's own number when None.
        workspace: memory to measure in; fresh memory when None.

    >>> m = measure(torch.tensor([[[[0.0, 3.0], [1.0, 0.0]]]]), signed=False)
    >>> m.means.item(), m.extremes[1].item(), m.half_means[:, 0, 0].tolist()
    (1.0, 3.0, [0.5, 1.5, 1.5, 0.5])
    """
    planes = value.detach()
    if planes.device.type != "cpu":
        return Measurement(**measure_on_device(planes, signed=signed, thinning=thinning))
    array = np.ascontiguousarray(planes.to(torch.float32).numpy(), np.float32)
    memory = workspace or Workspace()
    return _measure_array(array, signed, thinning, workers or torch.get_num_threads(), memory)


def _measure_array(
    array: NDArray, signed: bool, thinning: int, workers: int, memory: Workspace
) -> Measurement:
    images, units, height, width = array.shape
    values = array.reshape(images, units, height * width)
    out = _Plane(memory, images, units, height * width, signed)
    bits, masks = values.view(np.int32), half_masks(height, width)
    if values.shape[2] == 1:
        threads.run(kernels.measure_single, units, values, bits, signed, *out.arrays, workers=workers)
    else:
        threads.run(
            kernels.measure_units, units, values, bits, height, width, signed, masks,
            *out.arrays, workers=workers,
        )  # fmt: skip
    counts, missing = _mend_not_finite(values, signed, masks, out)
    return Measurement(
        array.shape, out.means, out.spreads, out.magnitudes if signed else None, out.halves, out.places,
        counts,
        out.map_sum.reshape(units, height, width),
        None if missing is None else missing.reshape(units, height, width),
        *_count(values, lattice(height, width, thinning), workers, memory), thinning, signed,
    )  # fmt: skip


def _no_halves(pairs: tuple[int, int]) -> NDArray[np.float64]:
    return np.broadcast_to(np.nan, (4, *pairs))


class _Plane:
    """The arrays that the kernels fill, in their order."""

    def __init__(self, memory: Workspace, images: int, units: int, length: int, signed: bool) -> None:
        pairs = (units, images)
        self.means = memory.take("means", pairs, np.float64)
        self.spreads = memory.take("spreads", pairs, np.float64)
        self.magnitudes = memory.take("magnitudes", pairs if signed else (0, 0), np.float64)
        self.halves = memory.take("halves", (4, *pairs), np.float64) if length > 1 else _no_halves(pairs)
        self.places = memory.take("places", (5, *pairs), np.int32)
        self.map_sum = memory.zeros("map_sum", (units, length), np.float64)

    @property
    def arrays(self) -> tuple[NDArray, ...]:
        return self.means, self.spreads, self.magnitudes, self.halves, self.places, self.map_sum


def _mend_not_finite(
    values: NDArray, signed: bool, masks: NDArray, out: _Plane
) -> tuple[NDArray | None, NDArray | None]:
    """Measures units with NaN or infinity again; None and None where there are none."""
    flags = np.zeros(len(out.map_sum), bool)
    kernels.flag_not_finite(0, len(flags), out.places, flags)
    if not flags.any():
        return None, None
    counts = np.zeros((2, *out.means.shape), np.int32)
    counts[0] = values.shape[2]
    missing = np.zeros(out.map_sum.shape, np.int32)
    *filled, map_sum = out.arrays
    for unit in np.flatnonzero(flags):
        kernels.measure_finite(
            unit, values, signed, masks, *filled, out.places.view(np.float32), map_sum, counts, missing
        )
    return counts, missing


def _count(
    values: NDArray, positions: NDArray, workers: int, memory: Workspace
) -> tuple[NDArray, NDArray, NDArray]:
    images, units, _ = values.shape
    parts = threads.ranges(units, workers)
    fine = memory.zeros("fine", (len(parts), FINE_PATTERNS), np.int32)
    by_image = memory.zeros("images", (len(parts), images, COARSE_ROOM), np.int32)
    by_unit = memory.zeros("units", (units, COARSE_ROOM), np.int32)
    bits, order = values.view(np.uint32), room_order()
    threads.run_each(
        kernels.count_units,
        [
            (first, last, bits, positions, order, fine[part], by_unit, by_image[part])
            for part, (first, last) in enumerate(parts)
        ],
    )
    return _joined(fine), by_unit, _joined(by_image)


def _joined(parts: NDArray) -> NDArray:
    """The sum over the first axis, in the memory of the first part."""
    for part in parts[1:]:
        np.add(parts[0], part, out=parts[0])
    return parts[0]
