"""Few images, few classes, few samples, missing values: codes instead of silence."""

import numpy as np
import pytest

from neurolupa.atlas.schema import UNIT_CLASSES
from neurolupa.atlas.tables import read_table, write_table
from neurolupa.errors import DataError, UsageError
from neurolupa.units.classes import (
    class_selectivities,
    class_selectivity,
    most_selective,
    population_sparseness,
)
from neurolupa.units.classes.sparseness import hoyer, treves_rolls, vinje_gallant

from .conftest import SITE


def answers(labels, units=3, seed=0):
    return np.random.default_rng(seed).exponential(size=(len(labels), units)) + 2.0 * (labels == 1)[:, None]


def test_few_images_of_a_class_are_marked(atlas_of):
    labels = np.repeat([0, 1, 2], [10, 9, 1])
    found = class_selectivity(atlas_of(answers(labels), labels), SITE, 0, shuffles=19)
    frame = found.to_frame()
    assert frame["reliable"].tolist() == [True, False, False]
    assert frame["code"].tolist() == ["OK", "FEW_IMAGES", "FEW_IMAGES"]
    assert not found.reliable
    assert np.isnan(frame["mean_low"]).tolist() == [False, False, True]
    assert np.isfinite(frame[["auroc_low", "ap_high", "median"]]).all(axis=None)


def test_a_preferred_class_of_one_image_has_no_interval(atlas_of):
    labels = np.repeat([0, 1, 2], [10, 1, 9])
    values = np.where(labels == 1, 9.0, np.random.default_rng(0).random(20))[:, None]
    found = class_selectivity(atlas_of(values, labels), SITE, 0, shuffles=19)
    assert (found.top_class, found.sample.interval_code, found.sample.code) == ("bee", "FEW_IMAGES", "OK")
    assert np.isnan(found.interval).all()
    assert found.null is not None


def test_a_single_class_has_nothing_to_be_compared_with(atlas_of):
    atlas = atlas_of(answers(np.ones(12)), [1] * 12)
    found = class_selectivity(atlas, SITE, 0, shuffles=19)
    assert (found.state, found.index_code, found.ratio_code, found.sample.code) == ("SINGLE_CLASS",) * 4
    assert (found.top_class, found.second_class, found.level) == ("bee", None, "not_applicable")
    assert np.isnan([found.index, found.ratio, found.difference, found.auroc]).all()
    assert 0 < found.lifetime_sparseness < 1
    row = class_selectivities(atlas, SITE).iloc[0]
    assert (row["state"], row["top_class"], row["second_class"]) == ("SINGLE_CLASS", "bee", None)
    assert len(most_selective(atlas, "bee")) == 0


def test_unlabelled_images_are_left_out_and_counted(atlas_of, labels):
    values = answers(labels)
    more = np.append(labels, [-1] * 5)
    plain = class_selectivity(atlas_of(values, labels), SITE, 1, shuffles=19)
    found = class_selectivity(
        atlas_of(np.vstack([values, np.full((5, 3), 99.0)]), more), SITE, 1, shuffles=19
    )
    assert (plain.unlabelled, found.unlabelled, found.images, found.sampled) == (0, 5, 48, 48)
    assert {**found.to_dict(), "unlabelled": 0} == plain.to_dict()


def test_with_fewer_samples_than_images_each_number_says_its_n(atlas_of, labels):
    values, chosen = answers(labels), np.arange(0, 48, 3)
    found = class_selectivity(atlas_of(values, labels, sampled=chosen), SITE, 0, shuffles=19)
    assert (found.images, found.sampled, found.null.images) == (48, 16, 16)
    for held, index in ((slice(None), found.index), (chosen, found.null.observed)):
        means = np.array([values[held][labels[held] == label, 0].mean() for label in range(4)])
        others = np.sort(means)[:-1].mean()
        assert index == pytest.approx((means.max() - others) / (means.max() + others), rel=1e-5)
    assert found.index != found.sample.index
    medians = [np.median(values[chosen][labels[chosen] == label, 0]) for label in range(4)]
    assert found.to_frame()["median"].tolist() == pytest.approx(medians, rel=1e-6)
    assert not found.to_frame()["sampled_reliable"].any()
    assert found.to_frame()["reliable"].all()


def test_a_class_without_samples_is_named(atlas_of, labels):
    atlas = atlas_of(answers(labels), labels, sampled=np.flatnonzero(labels != 1))
    found = class_selectivity(atlas, SITE, 0, shuffles=19)
    assert (found.top_class, found.to_frame()["code"].tolist()[1]) == ("bee", "NOT_SAMPLED")
    assert found.sample.classes == 3
    assert np.isnan(found.auroc)
    with pytest.raises(DataError, match=r"no sampled image .* is of class 'bee'"):
        most_selective(atlas, "bee")


def test_samples_of_nothing_leave_the_numbers_over_all_images(atlas_of, labels):
    found = class_selectivity(atlas_of(answers(labels), labels, sampled=[]), SITE, 0, shuffles=19)
    assert (found.index_code, found.sample.code, found.sampled) == ("OK", "NO_VALUES", 0)
    assert found.null is None
    assert np.isnan(found.to_frame()["median"]).all()


def test_a_cut_atlas_says_so_and_has_no_index_over_all_images(atlas_of, labels):
    values = answers(labels)
    whole, cut = (
        class_selectivity(atlas_of(values, labels, cut=kept), SITE, 0, shuffles=19) for kept in (None, 2)
    )
    assert (whole.kept, cut.kept, cut.index_code) == (None, 2, "CLASSES_CUT")
    assert np.isnan(cut.index)
    assert (cut.top_class, cut.second_class, cut.ratio) == (whole.top_class, whole.second_class, whole.ratio)
    assert cut.null == whole.null
    assert sorted(cut.to_frame()["code"]) == ["CLASSES_CUT", "CLASSES_CUT", "OK", "OK"]
    table = class_selectivities(atlas_of(values, labels, cut=2), SITE, shuffles=19)
    assert (set(table["index_code"]), set(table["kept"])) == ({"CLASSES_CUT"}, {2})
    assert np.isfinite(table["p"]).all()
    best = most_selective(atlas_of(values, labels, cut=2), "bee")
    assert (best["kept"] == 2).all()
    assert np.isnan(best["index"]).all()


def test_a_note_of_a_cut_that_cut_nothing_changes_nothing(atlas_of, labels):
    found = class_selectivity(atlas_of(answers(labels), labels, cut=20), SITE, 0, shuffles=19)
    assert (found.kept, found.index_code) == (None, "OK")


def test_images_without_a_finite_value_are_left_out(atlas_of, labels):
    values = answers(labels)
    atlas = atlas_of(values, labels)
    path = atlas.folder / "samples" / f"{SITE}.mean.npy"
    held = np.load(path)
    held[[3, 4], 0], held[:, 1] = np.nan, np.nan
    np.save(path, held)
    rows = read_table(atlas.folder, UNIT_CLASSES)
    write_table(rows[rows["unit"] != 1], atlas.folder / UNIT_CLASSES.file, UNIT_CLASSES)
    few, none, all_of_them = (class_selectivity(atlas, SITE, unit, shuffles=19) for unit in range(3))
    assert (few.sampled, none.sampled, all_of_them.sampled) == (46, 0, 48)
    assert (none.state, none.index_code, none.ratio_code, none.top_class) == (*["NO_VALUES"] * 3, None)
    assert set(none.to_frame()["code"]) == {"NO_VALUES"}
    table = class_selectivities(atlas, SITE, shuffles=19)
    assert table["sampled"].tolist() == [46, 0, 48]
    assert table["sampled_index"].tolist() == pytest.approx(
        [few.sample.index, np.nan, all_of_them.sample.index], nan_ok=True
    )


@pytest.mark.parametrize("by", ["auroc", "index"])
def test_the_search_finds_the_planted_unit_first(atlas_of, labels, by):
    values = np.random.default_rng(0).exponential(size=(48, 6))
    values[:, 4] += 5 * (labels == 3)
    found = most_selective(atlas_of(values, labels), "dog", k=3, by=by)
    assert (len(found), found["unit"][0], found["searched"][0], found["preferred"][0]) == (3, 4, 6, True)
    assert found[by].is_monotonic_decreasing
    page = class_selectivity(atlas_of(values, labels), SITE, 4)
    first = found.iloc[0]
    told = (page.auroc, *page.auroc_interval, page.average_precision, page.index)
    measured = first[["auroc", "auroc_low", "auroc_high", "average_precision", "index"]].astype(float)
    assert tuple(measured) == pytest.approx(told)
    assert (first["sampled"], first["sampled_of_class"], first["num_samples"], first["reliable"]) == (
        48,
        12,
        12,
        True,
    )


def test_the_search_refuses_what_is_not_there(atlas_of, labels):
    atlas = atlas_of(answers(labels), labels)
    for arguments, fault in (
        ({"class_name": "catt"}, "unknown class 'catt'; nearest: cat"),
        ({"class_name": 9}, "unknown class '9'"),
        ({"k": 0}, "k must be at least 1"),
        ({"by": "auc"}, "unknown measure of selectivity 'auc'; nearest: auroc"),
        ({"site": "nowhere"}, "unknown site"),
    ):
        with pytest.raises(UsageError, match=fault):
            most_selective(atlas, **{"class_name": "cat", **arguments})
    with pytest.raises(DataError, match="has no labels"):
        most_selective(atlas_of(answers(labels)), "cat")


def test_a_name_of_two_classes_must_be_a_number(atlas_of, labels):
    atlas = atlas_of(answers(labels), labels, names=["ant", "crane", "cat", "crane"])
    with pytest.raises(UsageError, match="several classes are called 'crane'; give the number: 1, 3"):
        most_selective(atlas, "crane")
    assert most_selective(atlas, 1)["sampled_of_class"][0] == 12


def test_population_sparseness_is_over_the_units_of_an_image(atlas_of, labels):
    values = np.random.default_rng(0).exponential(size=(48, 8)).astype(np.float32)
    values[0], values[1], values[2] = 0, np.eye(8)[2], 1
    found = population_sparseness(atlas_of(values), SITE)
    assert (found.units, found.sampled, found.codes[0], found.codes[1]) == (8, 47, "SILENT", "OK")
    assert found.vinje_gallant[1:3] == pytest.approx([1, 0])
    for measure in (treves_rolls, vinje_gallant, hoyer):
        assert getattr(found, measure.__name__)[1:] == pytest.approx(measure(values[1:].astype(np.float64)))
    assert found.interval[0] < found.mean < found.interval[1]
    assert found.to_frame()["code"].tolist() == ["SILENT", *["OK"] * 47]


def test_units_that_answer_in_turn_make_a_population_sparser_than_chance(atlas_of):
    rng = np.random.default_rng(0)
    turns = np.eye(6)[rng.integers(0, 6, 60)] * rng.random((60, 1))
    alone = population_sparseness(atlas_of(turns), SITE)
    assert alone.mean == pytest.approx(1)
    assert alone.null_high < 0.95
    independent = population_sparseness(atlas_of(rng.exponential(size=(200, 6))), SITE)
    assert independent.mean == pytest.approx(independent.null_mean, abs=0.02)


@pytest.mark.parametrize(
    ("values", "code"),
    [(np.zeros((9, 3)), "SILENT"), (np.full((9, 3), -1.0), "NEGATIVE"), (np.ones((9, 1)), "SINGLE_UNIT")],
)
def test_a_population_without_sparseness_says_why(atlas_of, values, code):
    found = population_sparseness(atlas_of(values), SITE)
    assert (found.code, set(found.codes), found.sampled) == (code, {code}, 0)
    assert np.isnan([found.mean, *found.interval, found.null_mean]).all()
