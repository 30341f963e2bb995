"""AUROC and shuffled labels on the sampled images, and pictures that look like another class."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from neurolupa.comparison.classes.codes import LookCode
from neurolupa.comparison.classes.looking import lookalikes, out_of_fold
from neurolupa.comparison.classes.sampled import pair_auroc, sampled_pair
from neurolupa.units.classes.discrimination import discriminate


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    """20 and 30 images of four units with many ties at 0; the last one is perfect."""
    rng = np.random.default_rng(0)
    first, second = (np.maximum(rng.normal(0.3 * shift, 1, (n, 4)), 0) for shift, n in ((1, 20), (0, 30)))
    first[:, 3] += 10
    return first, second


def test_auroc_is_scikit_learns_and_its_interval_that_of_the_single_unit(two):
    auroc, low, high = pair_auroc(*two)
    labels = np.repeat([0, 1], [20, 30])
    for unit, values in enumerate(np.concatenate(two).T):
        assert auroc[unit] == pytest.approx(roc_auc_score(labels == 0, values))
        one = discriminate(values, labels, 2)
        assert (low[unit], high[unit]) == pytest.approx((one.auroc_low[0], one.auroc_high[0]))


def slow_largest(values: np.ndarray, first: np.ndarray) -> float:
    """The largest difference of means over the root of the mean variance, unit by unit."""
    found = []
    for column in values.T:
        one, two = column[first], column[~first]
        spread = np.sqrt((one.var(ddof=1) + two.var(ddof=1)) / 2)
        found.append(abs(one.mean() - two.mean()) / spread)
    return max(found)


def test_the_largest_effect_and_its_null_are_those_of_shuffled_labels(two):
    first, second = two[0][:, :3], two[1][:, :3]
    found = sampled_pair(first, second, shuffles=2000, seed=0).largest
    values, labels = np.concatenate([first, second]), np.arange(50) < 20
    assert found.observed == pytest.approx(slow_largest(values, labels))
    rng = np.random.default_rng(9)
    expected = [slow_largest(values, rng.permutation(labels)) for _ in range(2000)]
    assert found.mean == pytest.approx(np.mean(expected), rel=0.03)
    assert found.high == pytest.approx(np.quantile(expected, 0.95), rel=0.06)


def test_p_of_a_unit_counts_all_units(two):
    found = sampled_pair(*two, shuffles=99, seed=0)
    assert found.p[3] == found.largest.p == 0.01
    alone = sampled_pair(two[0][:, :1], two[1][:, :1], shuffles=99, seed=0)
    assert found.p[0] >= alone.p[0]


def test_under_the_null_the_largest_is_below_5_in_100_about_so_often():
    rng = np.random.default_rng(2)
    ps = []
    for _ in range(400):
        sparse = np.maximum(rng.normal(-1, 1, (24, 12)), 0)
        ps.append(sampled_pair(sparse[:10], sparse[10:], shuffles=59, seed=0).largest.p)
    assert np.mean(np.array(ps) <= 0.05) <= 0.08
    assert np.mean(ps) == pytest.approx(0.5, abs=0.06)


def test_units_that_do_not_vary_or_are_not_finite_have_no_p_and_spoil_nothing(two):
    first, second = (np.column_stack([each, np.full(len(each), 2.0), each[:, 0]]) for each in two)
    first[3, 5] = np.nan
    found, plain = (sampled_pair(one, other, 49, 0) for one, other in ((first, second), two))
    assert np.isnan(found.p).tolist() == [False] * 4 + [True, True]
    assert found.auroc[4] == 0.5
    assert np.isnan(found.auroc[5])
    assert found.largest == plain.largest


@pytest.mark.parametrize("images", [0, 2])
def test_too_few_images_have_no_null(images):
    found = sampled_pair(np.ones((images, 2)), np.arange(10.0).reshape(5, 2), 9, 0)
    assert found.largest is None
    assert np.isnan(found.p).all()
    assert np.isnan(found.auroc).all() == (images == 0)


def planted(swap: bool) -> tuple[np.ndarray, np.ndarray]:
    """40 pictures of each of two classes that are far apart; two of them have changed labels."""
    rng = np.random.default_rng(5)
    labels = np.repeat([0, 1], 40)
    values = rng.normal(size=(80, 12))
    values[:, :3] += 4 * labels[:, None]
    if swap:
        labels[[7, 61]] = 1 - labels[[7, 61]]
    return values, labels


def looked(values: np.ndarray, labels: np.ndarray, seed: int = 0):
    numbers = 100 + np.arange(len(labels))
    return lookalikes(values, labels, numbers, [f"id{each}" for each in numbers], ("cat", "dog"), seed)


def test_pictures_with_changed_labels_are_found_and_named():
    values, labels = planted(swap=True)
    found = looked(values, labels)
    assert found.code is LookCode.OK
    assert {(each.image, each.id, each.own, each.other) for each in found.pictures[:2]} == {
        (107, "id107", "dog", "cat"), (161, "id161", "cat", "dog")
    }  # fmt: skip
    assert all(each.score > 0 for each in found.pictures)
    assert [each.score for each in found.pictures] == sorted(each.score for each in found.pictures)[::-1]
    assert found.of("dog", "cat")[0].image == 107
    assert found.accuracy == pytest.approx(1 - len(found.pictures) / 80)
    assert len(looked(*planted(swap=False)).pictures) == 0


def test_a_picture_is_judged_without_itself():
    """A single unit that is 1 on one picture alone would tell that picture, were it among the fitted."""
    labels = np.repeat([0, 1], 20)
    found = looked(np.eye(40), labels)
    assert found.accuracy <= 0.65
    assert found.code is LookCode.CHANCE


def slow_scores(values: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Log odds of class 1 against 0 by Fisher's line with a shrunk covariance, fold by fold."""
    from sklearn.covariance import ledoit_wolf
    from sklearn.model_selection import StratifiedKFold

    found = np.empty(len(labels))
    for known, asked in StratifiedKFold(5, shuffle=True, random_state=seed).split(values, labels):
        classes = [values[known][labels[known] == each] for each in (0, 1)]
        covariance = sum(ledoit_wolf(each)[0] for each in classes) / 2
        one, two = (each.mean(0) for each in classes)
        line = np.linalg.solve(covariance, two - one)
        found[asked] = (values[asked] - (one + two) / 2) @ line
    return found


def test_scores_are_those_of_the_formula():
    values, labels = planted(swap=True)
    found = out_of_fold(values, labels, seed=3)
    assert found[:, 1] - found[:, 0] == pytest.approx(slow_scores(values, labels, 3), rel=1e-6, abs=1e-6)


def test_labels_that_mean_nothing_are_told_at_chance():
    rng = np.random.default_rng(1)
    found = looked(rng.normal(size=(80, 30)), np.repeat([0, 1], 40))
    assert found.code is LookCode.CHANCE
    assert found.null.mean == pytest.approx(0.5, abs=0.06)
    assert found.low < 0.5 < found.high


def test_a_wide_site_is_told_by_its_principal_axes():
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 40)
    values = rng.normal(size=(80, 400)) + 2 * labels[:, None] * (np.arange(400) < 60)
    found = looked(values, labels)
    assert found.accuracy > 0.95
    assert found.units == 400


def test_what_cannot_be_told_has_a_code_and_an_empty_list():
    few = looked(np.zeros((19, 3)), np.repeat([0, 1], [10, 9]))
    flat = looked(np.ones((40, 3)), np.repeat([0, 1], 20))
    assert (few.code, flat.code) == (LookCode.FEW_IMAGES, LookCode.NO_UNITS)
    for each in (few, flat):
        assert (each.pictures, each.null, len(each.to_frame())) == ((), None, 0)
        assert np.isnan(each.accuracy)
    assert list(few.to_frame()) == ["image", "id", "own", "other", "score"]
