"""Planted units: each must be described as what it is."""

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from neurolupa.errors import DataError, UsageError
from neurolupa.units.classes import class_selectivities, class_selectivity
from neurolupa.units.classes.sparseness import hoyer, vinje_gallant

from .conftest import SITE

CAT = 2
PLANTED = ("only cats", "cats most", "nothing", "dead", "always negative", "constant", "both signs")


@pytest.fixture
def values(labels):
    """(N, 7): the planted units, in the order of PLANTED."""
    rng = np.random.default_rng(3)
    noise, cats = rng.exponential(size=(len(labels), 4)), labels == CAT
    return np.column_stack(
        [
            np.where(cats, 1 + noise[:, 0], 0),
            noise[:, 1] + 4 * cats,
            noise[:, 2],
            np.zeros(len(labels)),
            -5 - noise[:, 3] + 2 * cats,
            np.full(len(labels), 0.7),
            noise[:, 3] - 1 + 3 * cats,
        ]
    ).astype(np.float32)


@pytest.fixture
def found(atlas_of, values, labels):
    """The selectivity of the planted units, by what they are."""
    atlas = atlas_of(values, labels, linear=True)
    return {name: class_selectivity(atlas, SITE, unit, shuffles=199) for unit, name in enumerate(PLANTED)}


def test_a_unit_of_one_class_is_found_out(found):
    unit = found["only cats"]
    assert (unit.top_class, unit.level, unit.ratio, unit.ratio_code) == (
        "cat",
        "very_high",
        np.inf,
        "EXCLUSIVE",
    )
    assert unit.index == unit.auroc == unit.average_precision == unit.class_sparseness == 1
    assert unit.null.p == unit.sample.nulls["ratio"].p == unit.sample.nulls["auroc"].p == 1 / 200
    assert unit.interval == (1, 1)
    assert unit.auroc_interval[0] < 0.95
    assert unit.reliable


def test_a_unit_that_prefers_a_class_stands_out_of_its_null(found):
    unit = found["cats most"]
    assert (unit.top_class, unit.state, unit.index_code) == ("cat", "OK", "OK")
    assert unit.interval[0] < unit.sample.index < unit.interval[1]
    assert unit.interval[0] > unit.null.high > unit.null.mean > 0.02
    assert unit.null.above == pytest.approx(unit.index - unit.null.mean, abs=1e-6)
    assert unit.auroc_interval[0] > 0.9


def test_a_unit_without_a_preference_stays_inside_its_null(found):
    unit = found["nothing"]
    assert unit.null.p > 0.05
    assert unit.index < unit.null.high
    assert unit.index > 0.02


def test_a_dead_unit_prefers_nothing_and_says_so(found):
    unit = found["dead"]
    assert (unit.state, unit.index_code, unit.ratio_code, unit.sample.code) == ("SILENT",) * 4
    assert unit.top_class is unit.second_class is unit.null is None
    assert (unit.level, unit.reliable, unit.difference) == ("not_applicable", False, 0)
    assert np.isnan([unit.index, unit.ratio, unit.auroc, *unit.interval, unit.lifetime_sparseness]).all()
    assert (unit.classes.discrimination.auroc == 0.5).all()


def test_a_constant_unit_prefers_nothing_and_its_index_is_0(found):
    unit = found["constant"]
    assert (unit.state, unit.index_code, unit.top_class, unit.level) == ("CONSTANT", "OK", None, "low")
    assert (unit.index, unit.ratio) == (pytest.approx(0, abs=1e-9), pytest.approx(1))
    assert unit.null.p == 1
    assert unit.hoyer == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["always negative", "both signs"])
def test_below_zero_there_is_a_preference_but_no_share(found, name):
    unit = found[name]
    assert (unit.state, unit.index_code, unit.sample.code, unit.top_class) == (
        "OK",
        "NEGATIVE",
        "NEGATIVE",
        "cat",
    )
    assert np.isnan([unit.index, unit.class_sparseness, unit.lifetime_sparseness, unit.hoyer]).all()
    assert list(unit.sample.nulls) == ["auroc"]
    assert unit.sample.nulls["auroc"].p == 1 / 200
    assert unit.auroc > 0.9
    assert unit.difference > 1


def test_always_negative_units_have_no_ratio(found):
    unit = found["always negative"]
    assert (unit.ratio_code, unit.level) == ("NEGATIVE", "not_applicable")
    assert np.isnan(unit.ratio)


def test_every_number_of_a_class_is_that_of_numpy_and_scikit_learn(found, values, labels):
    frame = found["cats most"].to_frame()
    answers = values[:, 1].astype(np.float64)
    assert frame["class_name"].tolist() == ["ant", "bee", "cat", "dog"]
    assert frame["preferred"].tolist() == [False, False, True, False]
    for row in frame.itertuples():
        mine = labels == row.class_id
        one = answers[mine]
        assert (row.num_samples, row.sampled, row.reliable, row.code) == (12, 12, True, "OK")
        expected = [one.mean(), one.std(), np.median(one), one.min(), one.max()]
        assert [row.mean, row.std, row.median, row.min, row.max] == pytest.approx(expected, rel=1e-6)
        assert row.auroc == pytest.approx(roc_auc_score(mine, answers))
        assert row.average_precision == pytest.approx(average_precision_score(mine, answers))
        assert row.ap_chance == 0.25
        assert row.mean_low < row.mean < row.mean_high


def test_every_index_is_that_of_its_formula(found, values, labels):
    unit, answers = found["nothing"], values[:, 2].astype(np.float64)
    means = np.array([answers[labels == label].mean() for label in range(4)])
    first, second, *_ = np.sort(means)[::-1]
    others = (means.sum() - first) / 3
    assert unit.index == pytest.approx((first - others) / (first + others))
    assert (unit.ratio, unit.difference) == pytest.approx((first / second, first - second))
    assert unit.class_sparseness == pytest.approx(vinje_gallant(means))
    assert unit.lifetime_sparseness == pytest.approx(vinje_gallant(answers))
    assert unit.hoyer == pytest.approx(hoyer(answers))
    for name in ("index", "ratio", "class_sparseness", "auroc"):
        assert unit.sample.nulls[name].observed == pytest.approx(getattr(unit, name))
    for name in ("lifetime_sparseness", "hoyer", "ratio"):
        low, high = unit.sample.intervals[name]
        assert low < getattr(unit.sample, name) < high


def test_a_row_is_ready_for_json_and_carries_its_n(found):
    for unit in found.values():
        row = json.loads(json.dumps(unit.to_dict(), allow_nan=False))
        assert (row["images"], row["sampled"], row["classes"], row["shuffles"]) == (48, 48, 4, 199)
    assert found["only cats"].to_dict()["ratio"] is None
    assert found["cats most"].to_dict()["index_null_p"] == 1 / 200
    assert found["cats most"].source.images == "photos"


def test_the_table_of_a_site_says_of_each_unit_what_its_page_says(atlas_of, values, labels, found):
    table = class_selectivities(atlas_of(values, labels, linear=True), SITE, shuffles=199)
    for row, unit in zip(table.itertuples(), found.values(), strict=True):
        assert (row.unit, row.state, row.images, row.sampled) == (
            unit.unit,
            unit.state,
            unit.images,
            unit.sampled,
        )
        assert (row.top_class, row.second_class) == (unit.top_class, unit.second_class)
        assert (row.level, row.ratio_code, row.index_code) == (unit.level, unit.ratio_code, unit.index_code)
        assert (row.ratio, row.index) == pytest.approx((unit.ratio, unit.index), nan_ok=True)
        assert (row.sampled_code, row.sampled_index) == (
            unit.sample.code,
            pytest.approx(unit.sample.index, nan_ok=True),
        )
        if unit.null:
            told = (unit.null.mean, unit.null.high, unit.null.p)
            assert (row.null_mean, row.null_high, row.p) == pytest.approx(told, rel=0.2, abs=0.02)
        else:
            assert np.isnan([row.null_mean, row.p]).all()


def test_the_same_seed_gives_the_same_numbers(atlas_of, values, labels):
    atlas = atlas_of(values, labels, linear=True)
    first, again, other = (class_selectivity(atlas, SITE, 2, shuffles=99, seed=seed) for seed in (1, 1, 2))
    assert first.to_dict() == again.to_dict()
    assert first.interval != other.interval


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"site": "deep.rleu"}, "nearest: deep.relu"),
        ({"unit": 7}, "its units are 0 to 6"),
        ({"shuffles": 0}, "shuffles must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"unit": "3"}, "unit must be a whole number"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(atlas_of, values, labels, arguments, fault):
    with pytest.raises(UsageError, match=fault):
        class_selectivity(atlas_of(values, labels), **{"site": SITE, "unit": 0, **arguments})


def test_an_atlas_without_labels_says_what_is_missing_and_how_to_get_it(atlas_of, values):
    with pytest.raises(DataError, match=r"has no labels.*scan a labelled set.*labels\.csv"):
        class_selectivity(atlas_of(values), SITE, 0)
