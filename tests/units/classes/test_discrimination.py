"""AUROC and average precision against scikit-learn and against pairs counted one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.metrics import average_precision_score, roc_auc_score

from neurolupa.units.classes.discrimination import auroc_of, discriminate
from neurolupa.units.classes.intervals import newcombe_interval, wilson_interval

COARSE = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2)), min_size=4, max_size=40).filter(
    lambda pairs: {label for _, label in pairs} == {0, 1, 2}
)


def drawn(images, classes, silent, seed):
    rng = np.random.default_rng(seed)
    labels = np.append(np.arange(classes), rng.integers(0, classes, images - classes))
    return rng.exponential(size=images) * (rng.random(images) >= silent) + 0.4 * (labels == 1), labels


@pytest.mark.parametrize("silent", [0.0, 0.9])
@pytest.mark.parametrize(("images", "classes"), [(40, 2), (300, 7), (200, 60)])
def test_both_are_those_of_scikit_learn(images, classes, silent):
    values, labels = drawn(images, classes, silent, seed=images)
    found = discriminate(values, labels, classes)
    for label in range(classes):
        mine = labels == label
        assert found.auroc[label] == pytest.approx(roc_auc_score(mine, values), abs=1e-12)
        assert found.average_precision[label] == pytest.approx(
            average_precision_score(mine, values), abs=1e-12
        )


def delong(values, mine):
    """AUROC and its variance from every pair, as DeLong, DeLong and Clarke-Pearson write them."""
    wins = (np.sign(values[mine][:, None] - values[~mine][None]) + 1) / 2
    own, others = wins.mean(1), wins.mean(0)
    return wins.mean(), own.var(ddof=1) / len(own) + others.var(ddof=1) / len(others)


@pytest.mark.parametrize("silent", [0.0, 0.6])
def test_the_interval_is_that_of_delongs_variance_on_the_logit_scale(silent):
    values, labels = drawn(200, 4, silent, seed=3)
    found = discriminate(values, labels, 4)
    for label in range(4):
        auroc, variance = delong(values, labels == label)
        logit, reach = np.log(auroc / (1 - auroc)), norm.ppf(0.975) * variance**0.5 / (auroc * (1 - auroc))
        low, high = (1 / (1 + np.exp(-(logit + side * reach))) for side in (-1, 1))
        assert (found.auroc_low[label], found.auroc_high[label]) == pytest.approx((low, high), abs=1e-9)


@settings(max_examples=40)
@given(COARSE)
def test_turning_the_answers_round_turns_auroc_about_one_half(pairs):
    values, labels = (np.array(column) for column in zip(*pairs, strict=True))
    upright, turned = discriminate(1.0 * values, labels, 3), discriminate(-1.0 * values, labels, 3)
    assert upright.auroc + turned.auroc == pytest.approx(np.ones(3))
    assert upright.auroc_low + turned.auroc_high == pytest.approx(np.ones(3), abs=1e-6)


@settings(max_examples=40)
@given(COARSE)
def test_only_the_order_of_the_answers_counts(pairs):
    values, labels = (np.array(column) for column in zip(*pairs, strict=True))
    plain, bent = discriminate(1.0 * values, labels, 3), discriminate(np.exp(values) * 1e5, labels, 3)
    for name in ("auroc", "auroc_low", "average_precision", "ap_high"):
        assert getattr(plain, name) == pytest.approx(getattr(bent, name))


@settings(max_examples=40)
@given(COARSE)
def test_intervals_hold_their_number_and_stay_in_0_to_1(pairs):
    values, labels = (np.array(column) for column in zip(*pairs, strict=True))
    found = discriminate(1.0 * values, labels, 3)
    for low, middle, high in (
        (found.auroc_low, found.auroc, found.auroc_high),
        (found.ap_low, found.average_precision, found.ap_high),
    ):
        assert ((low >= 0) & (low <= middle + 1e-9) & (middle <= high + 1e-9) & (high <= 1)).all()


def test_perfect_separation_and_a_single_image_still_have_an_interval():
    found = discriminate(np.array([5.0, 6.0, 7.0, 1.0, 2.0, 3.0, 9.0]), np.array([0, 0, 0, 1, 1, 1, 2]), 3)
    assert found.auroc[2] == found.average_precision[2] == 1
    assert found.auroc_low[2] < 0.7
    assert found.auroc_high[2] == 1


def test_what_is_not_there_is_nan_and_does_not_warn():
    found = discriminate(np.array([1.0, 2.0]), np.array([1, 1]), 3)
    assert np.isnan([*found.auroc, *found.auroc_low, *found.average_precision, *found.ap_high]).all()
    empty = discriminate(np.array([]), np.array([], np.int64), 2)
    assert np.isnan([*empty.auroc, *empty.average_precision]).all()


def test_newcombes_ends_are_196_standard_errors_away():
    auroc, own, others = np.array([0.6, 0.93]), np.array([12, 40]), np.array([30, 8])
    half = (own + others) / 2 - 1
    for end in newcombe_interval(auroc, own, others):
        tails = 1 + half * (1 - end) / (2 - end) + half * end / (1 + end)
        error = np.sqrt(end * (1 - end) * tails / (own * others))
        assert abs(end - auroc) == pytest.approx(norm.ppf(0.975) * error, abs=1e-6)


def test_wilsons_ends_are_196_standard_errors_away():
    share, count = np.array([0.0, 0.3, 1.0]), np.array([5, 20, 9])
    for end in wilson_interval(share, count):
        inside = (end > 1e-12) & (end < 1 - 1e-12)
        error = np.sqrt(end * (1 - end) / count)
        assert abs(end - share)[inside] == pytest.approx(norm.ppf(0.975) * error[inside])


@settings(max_examples=40)
@given(arrays(np.float64, (12, 3), elements=st.integers(0, 4).map(float)))
def test_the_short_way_to_auroc_is_the_long_way(values):
    chosen = np.arange(12) % 3 == 0
    long = [discriminate(column, chosen.astype(np.int64), 2).auroc[1] for column in values.T]
    assert auroc_of(values, chosen) == pytest.approx(long)


def test_the_short_way_leaves_out_what_is_not_finite():
    values = np.array([[1.0, np.nan], [0.0, 1.0]])
    assert np.isnan(auroc_of(values, np.array([True, False]))).tolist() == [False, True]
    assert np.isnan(auroc_of(values, np.array([True, True]))).all()


@pytest.mark.nightly
@pytest.mark.parametrize(("own", "others", "silent"), [(40, 360, 0.0), (40, 360, 0.7), (12, 100, 0.0)])
def test_the_interval_of_auroc_holds_the_truth_in_95_of_100_cases(own, others, silent):
    rng, held, cases = np.random.default_rng(0), 0, 1000
    for _ in range(cases):
        values = rng.normal(size=own + others) + np.repeat([1.0, 0.0], [own, others])
        values[rng.random(own + others) < silent] = -10.0
        found = discriminate(values, np.repeat([0, 1], [own, others]), 2)
        truth = (1 - silent) * ((1 - silent) * norm.cdf(2**-0.5) + silent) + silent * silent / 2
        held += found.auroc_low[0] <= truth <= found.auroc_high[0]
    assert 0.93 <= held / cases <= 0.98
