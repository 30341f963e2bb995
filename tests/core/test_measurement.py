"""Measurements against NumPy, written slowly from the definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurolupa.core.device_measurement import measure_on_device
from neurolupa.core.measurement import Measurement, measure
from neurolupa.core.planes import SIDES, as_planes, lattice
from neurolupa.core.sketch import COARSE, FINE, coarse_order, fine_order
from neurolupa.core.workspace import Workspace

SHAPES = [
    (1, 1, 1, 1),
    (3, 5, 1, 1),
    (2, 3, 7, 5),
    (4, 9, 2, 2),
    (2, 17, 16, 16),
    (2, 2, 33, 70),
    (3, 2, 1, 64),
]


def on_cpu(value, signed, thinning=1, workers=2):
    return measure(torch.as_tensor(value), signed=signed, thinning=thinning, workers=workers)


def by_torch(value, signed, thinning=1):
    return Measurement(**measure_on_device(torch.as_tensor(value), signed=signed, thinning=thinning))


MEASURES = {"kernels": on_cpu, "torch": by_torch}


@pytest.fixture(params=MEASURES)
def measured(request):
    return MEASURES[request.param]


def sample(shape, seed=0, signed=True):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return values if signed else np.maximum(values, 0)


def half(plane, side):
    height, width = plane.shape
    return {
        "left": plane[:, : width // 2],
        "right": plane[:, (width + 1) // 2 :],
        "top": plane[: height // 2],
        "bottom": plane[(height + 1) // 2 :],
    }[side]


def expect_plane(m, plane, c, b, tolerance):
    finite = plane[np.isfinite(plane)].astype(np.float64)
    assert m.finite[c, b] == finite.size
    if not finite.size:
        assert np.isnan(m.means[c, b])
        return
    np.testing.assert_allclose(m.means[c, b], finite.mean(), **tolerance)
    np.testing.assert_allclose(m.spreads[c, b], ((finite - finite.mean()) ** 2).sum(), **tolerance)
    if m.signed:
        np.testing.assert_allclose(m.magnitudes[c, b], abs(finite).sum(), **tolerance)
    assert m.extremes[0, c, b] == finite.min()
    assert m.extremes[1, c, b] == finite.max()
    assert m.places[2, c, b] == (finite == 0).sum()
    assert plane.ravel()[m.places[3, c, b]] == finite.max()
    for s, side in enumerate(SIDES):
        values = half(plane, side)
        values = values[np.isfinite(values)].astype(np.float64)
        expected = values.mean() if values.size else np.nan
        np.testing.assert_allclose(m.half_means[s, c, b], expected, **tolerance)


TOLERANCE = {"kernels": {"rtol": 1e-12, "atol": 1e-12}, "torch": {"rtol": 1e-5, "atol": 1e-5}}


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("signed", [True, False])
def test_every_plane_equals_numpy(name, shape, signed):
    values = sample(shape, signed=signed)
    m = MEASURES[name](values, signed)
    for b in range(shape[0]):
        for c in range(shape[1]):
            expect_plane(m, values[b, c], c, b, TOLERANCE[name])
            if signed:
                assert values[b, c].ravel()[m.places[4, c, b]] == values[b, c].min()
    np.testing.assert_allclose(m.map_sum, values.astype(np.float64).sum(0), rtol=1e-5, atol=1e-5)
    assert m.missing is None


@pytest.mark.parametrize("name", MEASURES)
def test_nan_and_infinity_never_poison_the_rest(name):
    values = sample((4, 6, 5, 4))
    values[0, 1, 2, 3] = np.nan
    values[1, 1, 0, 0] = np.inf
    values[2, 3] = np.nan
    values[3, 4, 4, 3] = -np.inf
    m = MEASURES[name](values, signed=True)
    for b in range(4):
        for c in range(6):
            expect_plane(m, values[b, c], c, b, TOLERANCE[name])
    np.testing.assert_array_equal(m.missing, (~np.isfinite(values)).sum(0))
    np.testing.assert_array_equal(m.counts[1], np.isnan(values).sum((2, 3)).T)
    np.testing.assert_allclose(
        m.map_sum, np.where(np.isfinite(values), values, 0).sum(0, dtype=np.float64), rtol=1e-5, atol=1e-5
    )
    assert m.fine.sum() == values.size
    assert m.units[:, COARSE.size].sum() == (~np.isfinite(values)).sum()


@pytest.mark.parametrize("thinning", [1, 5])
def test_counts_are_those_of_the_lattice(measured, thinning):
    values = sample((3, 5, 9, 7)) * 10
    m = measured(values, True, thinning)
    seen = values.reshape(3, 5, 63)[:, :, lattice(9, 7, thinning)]
    fine = np.zeros(FINE.size, np.int64)
    fine[fine_order()] = m.fine
    np.testing.assert_array_equal(fine, np.bincount(FINE.index(seen).ravel(), minlength=FINE.size))
    for c in range(5):
        expected = np.bincount(COARSE.index(seen[:, c]).ravel(), minlength=COARSE.size)
        np.testing.assert_array_equal(m.units[c, : COARSE.size], expected)
    for b in range(3):
        expected = np.bincount(COARSE.index(seen[b]).ravel(), minlength=COARSE.size)
        np.testing.assert_array_equal(m.images[b, : COARSE.size], expected)


def test_the_number_of_threads_changes_nothing():
    values = sample((3, 37, 6, 6))
    one, three = on_cpu(values, True, workers=1), on_cpu(values, True, workers=3)
    for field in ("means", "spreads", "half_means", "map_sum", "fine", "units", "images"):
        assert getattr(one, field).tobytes() == getattr(three, field).tobytes(), field


def test_a_mean_far_from_zero_costs_no_digits_of_the_spread():
    values = (sample((3, 4, 6, 6)) * 0.01 + 10_000).astype(np.float32)
    m = on_cpu(values, True)
    wide = values.astype(np.float64)
    centred = wide - wide.mean((2, 3), keepdims=True)
    np.testing.assert_allclose(m.spreads, (centred**2).sum((2, 3)).T, rtol=1e-9)


def test_huge_values_do_not_overflow():
    values = np.full((3, 1, 2, 2), 3e38, np.float32)
    m = on_cpu(values, True)
    np.testing.assert_allclose(m.map_sum, 9e38, rtol=1e-6)
    assert (m.spreads == 0).all()


def test_a_workspace_changes_nothing_and_is_used_again():
    memory = Workspace()
    for shape, signed in [((3, 5, 4, 4), True), ((2, 9, 1, 1), False), ((4, 3, 8, 6), True)]:
        values = sample(shape, signed=signed)
        fresh = on_cpu(values, signed)
        again = measure(torch.as_tensor(values), signed=signed, workers=2, workspace=memory)
        for field in ("means", "spreads", "half_means", "map_sum", "fine", "units", "images"):
            np.testing.assert_array_equal(getattr(again, field), getattr(fresh, field), err_msg=field)


def test_negative_zero_counts_as_zero(measured):
    m = measured(np.array([[[[-0.0, 0.0], [1.0, -2.0]]]], np.float32), True)
    assert m.places[2, 0, 0] == 2


def test_the_argument_is_left_as_found_and_half_precision_is_widened(measured):
    value = torch.tensor([[[[1.0, 2.0], [3.0, 60000.0]]]], dtype=torch.float16)
    before = value.clone()
    m = measured(value, True)
    assert torch.equal(value, before)
    assert m.means[0, 0] == pytest.approx((1 + 2 + 3 + float(value[0, 0, 1, 1])) / 4)


def test_channels_last_memory_and_a_last_channel_axis_change_nothing(measured):
    values = torch.as_tensor(sample((2, 6, 4, 3)))
    plain = measured(values, True)
    for other in (values.to(memory_format=torch.channels_last), as_planes(values.permute(0, 2, 3, 1), 3)):
        np.testing.assert_allclose(measured(other, True).spreads, plain.spreads, rtol=1e-5, atol=1e-6)


@given(st.integers(1, 140), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_maximum_is_found_wherever_it_stands(length, seed):
    values = sample((2, 2, 1, length), seed)
    m = on_cpu(values, True)
    np.testing.assert_array_equal(m.places[3], values.argmax(-1)[..., 0].T)
    np.testing.assert_array_equal(m.places[4], values.argmin(-1)[..., 0].T)


def test_coarse_and_fine_orders_agree_with_the_edges():
    values = np.concatenate([sample((5000,)) * scale for scale in (1e-8, 1e-3, 1, 1e3, 1e6)])
    for binning in (FINE, COARSE):
        index = binning.index(values)
        inside = (binning.low[index] <= values) & (values <= binning.high[index])
        near_zero = abs(values) < 2.0**-32
        assert (inside | (near_zero & (index == binning.zero))).all()
    assert len(np.unique(coarse_order())) == COARSE.size == 563


def test_the_lattice_holds_the_same_share_of_every_row_and_column():
    chosen = np.zeros((55, 60), int)
    chosen.flat[lattice(55, 60, 5)] = 1
    assert (chosen.sum(0) == 11).all()
    assert (chosen.sum(1) == 12).all()


def test_a_value_of_another_shape_is_refused_while_testing():
    with pytest.raises(Exception, match=r"B C H W"):
        measure(torch.zeros(2, 3), signed=True)
