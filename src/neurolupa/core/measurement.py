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


@dataclass(frozen=True)
class Measurement:
    """One block of B images at a site of C units with maps of H x W values.

    Statistics are over finite values. Halves leave out the middle row or column of an odd side, and are empty
    where a side has one value.

    Attributes:
        size: (B, C, H, W).
        sums: (7, C, B) float64: values, squares, magnitudes, then values in the halves.
        places: (5, C, B) int32: bits of minimum and maximum, zeros, flat place of maximum and minimum.
        counts: (6, C, B) int32 finite values in the map and in each half, and NaN; None when all are finite.
        map_sum: (C, H, W) float32, the sum over the images.
        missing: (C, H, W) int32, how many images are not finite at a position; None when all are.
        fine: (2^17,) int32 counts by the top 17 bits, of one value in `thinning`.
        units: (C, COARSE_ROOM) int32 coarse counts by unit.
        images: (B, COARSE_ROOM) int32 coarse counts by image.
        thinning: one value in so many was counted (see `planes.lattice`).
        signed: whether magnitudes and the places of minima were looked up (else values are taken as >= 0).
    """

    size: tuple[int, int, int, int]
    sums: Float64[ndarray, "7 C B"]
    places: Int32[ndarray, "5 C B"]
    counts: Int32[ndarray, "6 C B"] | None
    map_sum: Float32[ndarray, "C H W"]
    missing: Int32[ndarray, "C H W"] | None
    fine: Int32[ndarray, "131072"]
    units: Int32[ndarray, "C 516"]
    images: Int32[ndarray, "B 516"]
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

    @cached_property
    def means(self) -> Float64[ndarray, "C B"]:
        """(C, B): the mean of every map; NaN where nothing is finite."""
        with np.errstate(invalid="ignore"):
            return self.sums[0] / self.finite

    @cached_property
    def half_means(self) -> Float64[ndarray, "4 C B"]:
        """(4, C, B): the means of the left, right, upper and lower half; NaN where a half is empty."""
        _, _, height, width = self.size
        room = np.array([height * (width // 2)] * 2 + [(height // 2) * width] * 2)[:, None, None]
        with np.errstate(invalid="ignore"):
            return self.sums[3:] / (room if self.counts is None else self.counts[1:5])


def measure(
    value: Float[Tensor, "B C H W"], *, signed: bool, thinning: int = 1, workers: int | None = None
) -> Measurement:
    """The measurement of one block at one site.

    On the CPU compiled kernels sum in float64; on another device torch sums each map in float32.

    Args:
        value: (B, C, H, W) floating point; taken as float32, and not changed.
        signed: whether values below zero are to be expected (False behind a ReLU).
        thinning: count only one value in so many, on a lattice.
        workers: threads; torch's own number when None.

    >>> m = measure(torch.tensor([[[[0.0, 3.0], [1.0, 0.0]]]]), signed=False)
    >>> m.means.item(), m.extremes[1].item(), m.half_means[:, 0, 0].tolist()
    (1.0, 3.0, [0.5, 1.5, 1.5, 0.5])
    """
    planes = value.detach()
    if planes.device.type != "cpu":
        return Measurement(**measure_on_device(planes, signed=signed, thinning=thinning))
    array = np.ascontiguousarray(planes.to(torch.float32).numpy(), np.float32)
    return _measure_array(array, signed, thinning, workers or torch.get_num_threads())


def _measure_array(array: NDArray, signed: bool, thinning: int, workers: int) -> Measurement:
    images, units, height, width = array.shape
    values = array.reshape(images, units, height * width)
    halves = half_masks(height, width)
    sums = np.empty((7, units, images))
    places = np.empty((5, units, images), np.int32)
    map_sum = np.zeros((units, height * width), np.float32)
    threads.run(
        kernels.measure_units, units, values, values.view(np.int32), height, width, signed, halves,
        sums, places, map_sum, workers=workers,
    )  # fmt: skip
    counts, missing = _mend_not_finite(values, halves, sums, places, map_sum)
    return Measurement(
        (images, units, height, width), sums, places, counts, map_sum.reshape(units, height, width),
        None if missing is None else missing.reshape(units, height, width),
        *_count(values, lattice(height, width, thinning), workers), thinning, signed,
    )  # fmt: skip


def _mend_not_finite(
    values: NDArray, halves: NDArray, sums: NDArray, places: NDArray, map_sum: NDArray
) -> tuple[NDArray | None, NDArray | None]:
    """Measures units with NaN or infinity again; None and None where there are none."""
    flags = np.zeros(len(map_sum), bool)
    kernels.flag_not_finite(0, len(flags), places, flags)
    if not flags.any():
        return None, None
    counts = np.zeros((6, *places.shape[1:]), np.int32)
    counts[0] = values.shape[2]
    counts[1:5] = halves.sum(1)[:, None, None]
    missing = np.zeros(map_sum.shape, np.int32)
    extremes = places.view(np.float32)
    for unit in np.flatnonzero(flags):
        kernels.measure_finite(unit, values, halves, sums, places, extremes, map_sum, counts, missing)
    return counts, missing


def _count(values: NDArray, positions: NDArray, workers: int) -> tuple[NDArray, NDArray, NDArray]:
    images, units, _ = values.shape
    parts = threads.ranges(units, workers)
    fine = np.zeros((len(parts), FINE_PATTERNS), np.int32)
    by_image = np.zeros((len(parts), images, COARSE_ROOM), np.int32)
    by_unit = np.zeros((units, COARSE_ROOM), np.int32)
    bits, order = values.view(np.uint32), room_order()
    threads.run_each(
        kernels.count_units,
        [
            (first, last, bits, positions, order, fine[part], by_unit, by_image[part])
            for part, (first, last) in enumerate(parts)
        ],
    )
    return fine.sum(0, dtype=np.int32), by_unit, by_image.sum(0, dtype=np.int32)
