"""Class against class on atlases whose units are known, and on a scanned set."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import neurolupa as nl
from neurolupa.comparison.classes import ClassComparison, UnitCode
from neurolupa.errors import DataError, UsageError

from .conftest import SITE, Scanned


@pytest.fixture
def labels() -> np.ndarray:
    """20 images of each of four classes, mixed."""
    return np.random.default_rng(7).permutation(np.repeat(np.arange(4), 20))


@pytest.fixture
def values(labels: np.ndarray) -> np.ndarray:
    """(80, 10): unit 4 is higher for bee, unit 6 lower for dog; the rest tells nothing."""
    found = np.random.default_rng(8).normal(5, 1, (80, 10))
    found[:, 4] += 3 * (labels == 1)
    found[:, 6] -= 2 * (labels == 3)
    return found.astype(np.float32)


def compare(atlas, *classes, **more) -> ClassComparison:
    return nl.compare_classes(atlas, SITE, list(classes), **({"shuffles": 99} | more))


def test_numbers_are_those_of_the_raw_values_of_a_scan(scanned: Scanned):
    found = nl.compare_classes(scanned.atlas, scanned.site, ["star", "circle"], shuffles=9)
    one, two = (scanned.of(name).astype(np.float64).mean((2, 3)) for name in ("star", "circle"))
    expected, frame = stats.ttest_ind(one, two, equal_var=False), found.to_frame()
    known = frame["code"].isin(["OK", "FEW_IMAGES"]).to_numpy()
    assert known.sum() > 25
    assert frame["t"][known].to_numpy() == pytest.approx(expected.statistic[known], rel=1e-3, abs=1e-3)
    assert frame["p"][known].to_numpy() == pytest.approx(expected.pvalue[known], rel=1e-2, abs=1e-5)
    assert (frame["n_first"] == len(one)).all()
    assert frame["mean_second"].to_numpy() == pytest.approx(two.mean(0), abs=1e-5)
    spread = np.sqrt((one.var(0, ddof=1) + two.var(0, ddof=1)) / 2)
    difference = (one.mean(0) - two.mean(0))[known] / spread[known]
    assert np.ptp(found.profile, axis=0)[known] == pytest.approx(np.abs(difference), rel=1e-3, abs=1e-4)


def test_all_three_classes_at_once_are_welchs_analysis(scanned: Scanned):
    names = ("circle", "star", "ring")
    found = nl.compare_classes(scanned.atlas, scanned.site, names, shuffles=9).variance
    raw = [scanned.of(name).astype(np.float64).mean((2, 3)) for name in names]
    known = np.isin(found.codes, ["OK", "FEW_IMAGES"])
    expected = stats.f_oneway(*(each[:, known] for each in raw), equal_var=False)
    assert found.f[known] == pytest.approx(expected.statistic, rel=1e-3, abs=1e-3)
    assert found.images[known].tolist() == [sum(map(len, raw))] * known.sum()
    family = stats.false_discovery_control(found.p[known])
    assert found.p_adjusted[known] == pytest.approx(family)


def test_planted_units_are_found_and_no_others(atlas_of, values, labels):
    found = compare(atlas_of(values, labels), "bee", "cat")
    assert found.strongest(1) == (4,)
    pair = found.pair("bee", "cat")
    assert np.flatnonzero(pair.different).tolist() == [4]
    assert pair.effects.g[4] > 2
    assert pair.effects.low[4] > 1
    assert pair.sampled.auroc[4] > 0.95
    assert pair.sampled.p[4] == pair.sampled.largest.p == 0.01
    assert (np.delete(pair.sampled.p, 4) > 0.05).all()


def test_pairs_stand_in_the_order_asked_for_and_share_one_family(atlas_of, values, labels):
    found = compare(atlas_of(values, labels), "dog", "bee", "ant")
    assert [(each.first, each.second) for each in found.pairs] == [
        ("dog", "bee"), ("dog", "ant"), ("bee", "ant")
    ]  # fmt: skip
    family = stats.false_discovery_control(np.concatenate([each.effects.p for each in found.pairs]))
    assert np.concatenate([each.p_adjusted for each in found.pairs]) == pytest.approx(family)
    assert set(found.strongest(2)) == {4, 6}
    assert [each.sampled.auroc[4] < 0.1 for each in found.pairs] == [True, False, False]
    assert [each.effects.g[4] < -1 for each in found.pairs] == [True, False, False]
    assert [each.sampled.auroc[6] < 0.2 for each in found.pairs] == [True, True, False]
    assert set(np.flatnonzero(found.variance.p_adjusted <= 0.05)) == {4, 6}
    assert len(found.to_frame()) == 30
    assert len(found.classes_frame()) == 30
    assert len(found.variance_frame()) == 10


def test_names_and_numbers_mean_the_same(atlas_of, values, labels):
    atlas = atlas_of(values, labels)
    one, two = compare(atlas, "bee", "dog"), compare(atlas, 1, np.int64(3))
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame())


@pytest.mark.parametrize("correction", ["bh", "holm"])
def test_random_labels_have_a_difference_in_at_most_5_of_100_comparisons(correction):
    from neurolupa.comparison.classes.adjusting import adjusted
    from neurolupa.comparison.classes.effects import Moments, effects

    rng = np.random.default_rng(3)
    values = np.maximum(rng.normal(0.5, 1, (40, 500 * 20)), 0)
    values = 0.5 * values + 0.5 * np.repeat(values[:, ::20], 20, axis=1)  # units of a family are alike
    halves = [Moments.of(np.full(10_000, 20), part.mean(0), part.std(0)) for part in np.split(values, 2)]
    p = effects(*halves, np.ones(10_000, bool)).p.reshape(500, 20)
    wrong = [(adjusted(each, correction) <= 0.05).any() for each in p]
    assert np.mean(wrong) <= 0.07


def test_a_unit_says_why_it_has_no_numbers(atlas_of, labels):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(80, 6)).astype(np.float32)
    values[:, 1], values[:, 2] = 0.0, 3.0
    values[:, 3] = labels
    values[labels == 2, 4] = 1.0
    found = compare(atlas_of(values, labels), "bee", "cat", "dog")
    codes = ["OK", "SILENT", "CONSTANT", "NO_SPREAD", "OK", "OK"]
    assert found.pair("bee", "cat").codes.tolist() == codes
    assert found.variance.codes.tolist() == [*codes[:4], "NO_SPREAD", "OK"]
    assert np.isnan(found.pairs[0].effects.g).tolist() == [False, True, True, True, False, False]
    assert set(found.strongest()) == {0, 4, 5}


@pytest.mark.parametrize(
    ("images", "code"), [(2, UnitCode.TOO_FEW), (3, UnitCode.FEW_IMAGES), (10, UnitCode.OK)]
)
def test_few_images_are_marked_and_too_few_refused(atlas_of, images, code):
    values = np.random.default_rng(1).normal(size=(2 * images, 2)).astype(np.float32)
    found = compare(atlas_of(values, [0, 1] * images), "ant", "bee")
    assert set(found.pairs[0].codes) == {code}
    assert np.isfinite(found.pairs[0].effects.g).all() == (code is not UnitCode.TOO_FEW)
    assert found.lookalikes.code == ("FEW_IMAGES" if images < 10 else "CHANCE")


def test_classes_that_the_atlas_cut_have_a_code(atlas_of, labels):
    values = np.random.default_rng(2).normal(5, 0.1, (80, 2)).astype(np.float32)
    values[:, 0] += labels
    values[:, 1] -= labels
    found = compare(atlas_of(values, labels, cut=2), "cat", "dog")
    assert found.kept == 2
    assert found.pairs[0].codes.tolist() == ["OK", "CLASSES_CUT"]
    assert found.classes[0].count.tolist() == [20, 0]
    assert np.isfinite(found.pairs[0].sampled.auroc).all()


def test_nothing_depends_on_what_other_classes_do(atlas_of, values, labels):
    atlas = atlas_of(values, labels)
    two, three = compare(atlas, "bee", "cat"), compare(atlas, "bee", "cat", "dog")
    assert two.pair("bee", "cat").effects.g == pytest.approx(three.pair("bee", "cat").effects.g)
    assert two.variance is None
    assert len(two.variance_frame()) == 0


def test_a_comparison_comes_back_from_disk_as_it_was(scanned: Scanned, tmp_path):
    found = nl.compare_classes(
        scanned.atlas, scanned.site, ["circle", "star", "ring"], maps=[2], model=scanned.model, shuffles=9
    )
    found.save(tmp_path / "kept")
    back = ClassComparison.load(tmp_path / "kept")
    for name in ("to_frame", "classes_frame", "variance_frame"):
        pd.testing.assert_frame_equal(getattr(back, name)(), getattr(found, name)())
    assert back.lookalikes.pictures == found.lookalikes.pictures
    assert back.lookalikes.code is found.lookalikes.code
    assert (back.source, back.maps.units) == (found.source, found.maps.units)
    assert [each.sampled.largest for each in back.pairs] == [each.sampled.largest for each in found.pairs]
    assert (back.maps.mean == found.maps.mean).all()


def test_damaged_and_missing_comparisons_are_refused(atlas_of, values, labels, tmp_path):
    with pytest.raises(DataError, match=r"it has no comparison\.json"):
        ClassComparison.load(tmp_path)
    compare(atlas_of(values, labels), "bee", "cat").save(tmp_path / "kept")
    held = tmp_path / "kept" / "comparison.json"
    whole = held.read_text()
    held.write_text(whole.replace('"schema": 1', '"schema": 9'))
    with pytest.raises(DataError, match="schema 9, not 1"):
        ClassComparison.load(tmp_path / "kept")
    held.write_text(whole.replace('"pairs"', '"pears"'))
    with pytest.raises(DataError, match="is damaged: 'pairs'"):
        ClassComparison.load(tmp_path / "kept")


@pytest.mark.parametrize(
    ("classes", "more", "words"),
    [
        (["bee", "cut"], {}, "unknown class 'cut'; nearest: cat"),
        (["bee"], {}, "two or more classes are compared, not one: bee"),
        ([], {}, "two or more classes are compared, not none"),
        ("bee", {}, "classes are two or more names, not 'bee'"),
        (["bee", "cat", 1], {}, "the class 'bee' is named twice"),
        (["bee", 9], {}, "unknown class '9'"),
        (["bee", "cat"], {"correction": "hloM"}, "unknown correction 'hloM'"),
        (["bee", "cat"], {"shuffles": 0}, "shuffles must be at least 1"),
        (["bee", "cat"], {"seed": -1}, "seed must be at least 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(atlas_of, values, labels, classes, more, words):
    with pytest.raises(UsageError, match=words):
        nl.compare_classes(atlas_of(values, labels), SITE, classes, **more)


def test_unlabelled_images_and_classes_without_images_are_refused(atlas_of, values, labels):
    with pytest.raises(DataError, match="has no labels"):
        compare(atlas_of(values), "bee", "cat")
    with pytest.raises(DataError, match="no image of the class 'dog' was read"):
        compare(atlas_of(values[labels < 3], labels[labels < 3]), "bee", "dog")
    with pytest.raises(UsageError, match=r"nearest: deep\.relu"):
        nl.compare_classes(atlas_of(values, labels), "deep.rule", ["bee", "cat"])


def test_a_pair_that_was_not_compared_is_named(atlas_of, values, labels):
    found = compare(atlas_of(values, labels), "bee", "cat")
    with pytest.raises(UsageError, match="unknown compared class 'dog'"):
        found.pair("bee", "dog")
    with pytest.raises(UsageError, match="unknown pair 'cat, bee'; choose from: bee, cat"):
        found.pair("cat", "bee")
