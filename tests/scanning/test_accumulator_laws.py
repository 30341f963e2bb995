"""The laws that every accumulator keeps, over the registry, and NumPy's answers for what each computes."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurolupa.core.measurement import measure
from neurolupa.core.sketch import COARSE, FINE
from neurolupa.scanning.accumulators import ACCUMULATORS, Block, Extent
from neurolupa.scanning.tables import std_of

UNITS, HEIGHT, WIDTH, CLASSES, KEPT = 5, 4, 3, 4, 3


def images(count, seed=0, signed=True, holes=False):
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, UNITS, HEIGHT, WIDTH)).astype(np.float32).round(1)
    values = values if signed else np.maximum(values - 1.2, 0)
    values[:, 2] = 0 if not signed else values[:, 2]
    if holes:
        values[random.random(values.shape) < 0.05] = np.nan
        values[count // 2, 1] = np.inf
    labels = random.integers(-1, CLASSES, count)
    return values, Block(np.arange(count) * 3 + 1, labels, random.integers(0, 7, count).astype(np.uint64))


def extent(signed=True):
    return Extent(UNITS, HEIGHT, WIDTH, CLASSES, KEPT, signed)


def fold(kind, values, block, cuts, signed=True):
    """The state after the blocks between the cuts, one update each."""
    state = kind.empty(extent(signed))
    for first, last in zip([0, *cuts], [*cuts, len(values)], strict=True):
        if first == last:
            continue
        part = Block(block.images[first:last], block.labels[first:last], block.keys[first:last])
        measured = measure(torch.as_tensor(values[first:last]), signed=signed)
        state = state.update(measured, part, extent(signed))
    return state


def equal(one, two, exact=True):
    for name, array in one.arrays().items():
        if exact or array.dtype.kind in "iu":
            np.testing.assert_array_equal(array, two.arrays()[name], err_msg=name)
        else:
            np.testing.assert_allclose(array, two.arrays()[name], rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.fixture(params=ACCUMULATORS)
def kind(request):
    return ACCUMULATORS[request.param]


CASES = [(True, False), (False, False), (True, True)]


@pytest.mark.parametrize(("signed", "holes"), CASES)
def test_update_is_merge_with_the_state_of_the_block_alone(kind, signed, holes):
    values, block = images(20, 1, signed, holes)
    rest = Block(block.images[12:], block.labels[12:], block.keys[12:])
    alone = fold(kind, values[12:], rest, [], signed)
    equal(fold(kind, values, block, [12], signed), fold(kind, values[:12], block, [], signed).merge(alone))


@given(cuts=st.lists(st.integers(0, 20), max_size=5).map(sorted), seed=st.integers(0, 50))
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("name", ACCUMULATORS)
def test_any_split_gives_the_whole(name, cuts, seed):
    values, block = images(20, seed, signed=seed % 2 == 0, holes=seed % 3 == 0)
    whole = fold(ACCUMULATORS[name], values, block, [], seed % 2 == 0)
    equal(whole, fold(ACCUMULATORS[name], values, block, cuts, seed % 2 == 0), exact=False)


@pytest.mark.parametrize(("signed", "holes"), CASES)
def test_merging_is_associative_and_commutes(kind, signed, holes):
    values, block = images(30, 2, signed, holes)
    a, b, c = (
        fold(kind, values[i], Block(block.images[i], block.labels[i], block.keys[i]), [], signed)
        for i in (slice(0, 9), slice(9, 17), slice(17, 30))
    )
    equal(a.merge(b).merge(c), a.merge(b.merge(c)), exact=False)
    equal(a.merge(b), b.merge(a), exact=False)


def test_empty_is_neutral_and_merging_changes_neither_side(kind):
    values, block = images(10, 3)
    state = fold(kind, values, block, [])
    before = copy.deepcopy(state)
    none = kind.empty(extent())
    equal(state.merge(none), before)
    equal(none.merge(state), before)
    equal(state, before)
    equal(none, kind.empty(extent()))


def test_a_state_survives_being_taken_apart_and_put_together(kind):
    values, block = images(10, 4)
    state = fold(kind, values, block, [])
    equal(kind.from_arrays(state.arrays()), state)


def test_the_law_suite_would_notice_a_broken_merge():
    values, block = images(20, 5)
    whole = fold(ACCUMULATORS["moments"], values, block, [])
    half = fold(ACCUMULATORS["moments"], values[:10], block, [])
    with pytest.raises(AssertionError):
        equal(whole, half.merge(half), exact=False)


@pytest.mark.parametrize("holes", [False, True])
def test_moments_equal_numpy(holes):
    values, block = images(40, 6, holes=holes)
    state = fold(ACCUMULATORS["moments"], values, block, [7, 19])
    for u in range(UNITS):
        finite = values[:, u][np.isfinite(values[:, u])].astype(np.float64)
        assert state.finite[u] == finite.size
        assert state.not_a_number[u] == np.isnan(values[:, u]).sum()
        assert state.infinite[u] == np.isinf(values[:, u]).sum()
        assert state.zeros[u] == (finite == 0).sum()
        assert (state.lowest[u], state.highest[u]) == (finite.min(), finite.max())
        found = [state.mean[u], std_of(state.spread[u], state.finite[u])]
        np.testing.assert_allclose(found, [finite.mean(), finite.std()], rtol=1e-12)
        assert state.magnitude[u] == pytest.approx(abs(finite).sum(), rel=1e-12)


@pytest.mark.parametrize("offset", [1e3, 1e5, 1e6])
def test_spreads_survive_a_mean_far_from_zero(offset):
    values, block = images(40, 7)
    values = (values + offset).astype(np.float32)
    wide = values.astype(np.float64)
    state = fold(ACCUMULATORS["moments"], values, block, [13])
    np.testing.assert_allclose(std_of(state.spread, state.finite), wide.std((0, 2, 3)), rtol=1e-9)
    classes = fold(ACCUMULATORS["class_moments"], values, block, [13])
    units = fold(ACCUMULATORS["class_units"], values, block, [13])
    for label in range(CLASSES):
        mine = wide[block.labels == label]
        assert std_of(classes.spread, classes.finite)[label] == pytest.approx(mine.std(), rel=1e-9)
        found = std_of(units.spread, units.images)[label]
        np.testing.assert_allclose(found, mine.mean((2, 3)).std(0), rtol=1e-6)
    halves = fold(ACCUMULATORS["halves"], values, block, [13])
    top = wide[:, :, :2].mean((2, 3))
    np.testing.assert_allclose(std_of(halves.spread[2], halves.counted[1]), top.std(0), rtol=1e-6)


@pytest.mark.parametrize("holes", [False, True])
def test_mean_maps_and_sketches_equal_numpy(holes):
    values, block = images(40, 8, holes=holes)
    finite = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    maps = fold(ACCUMULATORS["maps"], values, block, [20]).mean(40)
    np.testing.assert_allclose(maps, np.nanmean(finite, 0), rtol=1e-5, atol=1e-6)
    sketches = fold(ACCUMULATORS["sketches"], values, block, [20])
    flat = values[np.isfinite(values)]
    np.testing.assert_array_equal(sketches.fine_counts(), np.bincount(FINE.index(flat), minlength=FINE.size))
    for u in range(UNITS):
        unit = values[:, u][np.isfinite(values[:, u])]
        expected = np.bincount(COARSE.index(unit), minlength=COARSE.size)
        np.testing.assert_array_equal(sketches.unit_counts()[u], expected)


def test_halves_equal_numpy():
    values, block = images(40, 9)
    state = fold(ACCUMULATORS["halves"], values, block, [11, 30])
    wide = values.astype(np.float64)
    left, right = wide[..., :1].mean((2, 3)), wide[..., 2:].mean((2, 3))
    top, bottom = wide[:, :, :2].mean((2, 3)), wide[:, :, 2:].mean((2, 3))
    sides = np.stack([left, right, top, bottom])
    np.testing.assert_allclose(state.mean, sides.mean(1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(state.spread, 40 * sides.var(1), rtol=1e-9)
    pairs = ((left, right), (top, bottom))
    covariances = [[40 * np.cov(a[:, u], b[:, u], ddof=0)[0, 1] for u in range(UNITS)] for a, b in pairs]
    np.testing.assert_allclose(state.products, covariances, rtol=1e-9, atol=1e-12)
    near = 1e-12  # halves that are equal on paper differ by rounding
    for row, (one, two) in zip(
        state.dominance, [(left, right), (right, left), (top, bottom), (bottom, top)], strict=True
    ):
        assert ((one > two + near).sum(0) <= row).all()
        assert (row <= (one > two - near).sum(0)).all()
    assert (state.counted == 40).all()


@pytest.mark.parametrize("holes", [False, True])
def test_classes_equal_numpy(holes):
    values, block = images(60, 10, holes=holes)
    moments = fold(ACCUMULATORS["class_moments"], values, block, [17, 41])
    units = fold(ACCUMULATORS["class_units"], values, block, [17, 41])
    finite = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    for label in range(CLASSES):
        mine = finite[block.labels == label]
        present = mine[~np.isnan(mine)]
        assert moments.images[label] == len(mine)
        assert moments.zeros[label] == (present == 0).sum()
        np.testing.assert_allclose(
            [moments.mean[label], std_of(moments.spread, moments.finite)[label]],
            [present.mean(), present.std()],
            rtol=1e-9,
        )
        for u in range(UNITS):
            means = [np.nanmean(image[u]) for image in mine if not np.isnan(image[u]).all()]
            assert units.images[label, u] == len(means)
            assert units.mean[label, u] == pytest.approx(np.mean(means), rel=1e-9, abs=1e-9)
            assert units.highest[label, u] == pytest.approx(max(means), rel=1e-6)
            assert units.lowest[label, u] == pytest.approx(min(means), rel=1e-6)


def ordered(values, keys, indices, descending):
    sign = -1 if descending else 1
    return sorted(range(len(values)), key=lambda i: (sign * values[i], keys[i], indices[i]))


def test_top_exemplars_are_the_largest_maxima_ties_by_index():
    values, block = images(50, 11)
    state = fold(ACCUMULATORS["top"], values, block, [9, 33])
    for u in range(UNITS):
        maxima = values[:, u].max((1, 2))
        best = ordered(maxima, np.zeros(50), block.images, True)[:KEPT]
        assert state.images[u].tolist() == block.images[best].tolist()
        assert state.values()[u].tolist() == maxima[best].tolist()
        assert [values[i, u].ravel()[p] for i, p in zip(best, state.places[u], strict=True)] == maxima[
            best
        ].tolist()


@pytest.mark.parametrize("signed", [True, False])
def test_bottom_exemplars_are_the_smallest_minima_or_the_quietest_images(signed):
    values, block = images(50, 12, signed)
    state = fold(ACCUMULATORS["bottom"], values, block, [9, 33], signed)
    for u in range(UNITS):
        lows = values[:, u].min((1, 2)) if signed else values[:, u].max((1, 2))
        keys = np.zeros(50) if signed else block.keys
        best = ordered(lows, keys, block.images, False)[:KEPT]
        assert state.images[u].tolist() == block.images[best].tolist()
        assert state.values()[u].tolist() == lows[best].tolist()
        assert state.ties[u] == (lows == lows.min()).sum()


def test_units_that_are_always_negative_have_exemplars():
    values, block = images(20, 13)
    values = -abs(values) - 1
    top = fold(ACCUMULATORS["top"], values, block, [8])
    assert (top.images >= 0).all()
    assert (top.values() < 0).all()


def test_fewer_images_than_exemplars_leave_the_rest_empty():
    values, block = images(2, 14)
    state = fold(ACCUMULATORS["top"], values, block, [])
    assert (state.images[:, :2] >= 0).all()
    assert (state.images[:, 2] == -1).all()
