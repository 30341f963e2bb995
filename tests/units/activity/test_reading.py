"""The reading of planted tables: each fault alone, all together, none, and what chance gives."""

import numpy as np
import pytest
from scipy.stats import binomtest, t

from neurolupa.units.activity import read_activity

IMAGES, UNITS = 60, 80


def healthy(seed=0):
    """Each unit answers to one picture in ten, by itself."""
    rng = np.random.default_rng(seed)
    table = np.where(rng.random((IMAGES, UNITS)) < 0.1, rng.exponential(size=(IMAGES, UNITS)), 0)
    table[:, :10] += rng.exponential(0.02, (IMAGES, 10))  # no picture without any answer
    table[np.arange(IMAGES), 10 + np.arange(IMAGES) % 70] += 1
    return table.astype(np.float32)


def only(table, **options):
    (found,) = read_activity(table, **options).findings
    return found


def test_a_sparse_layer_of_independent_units_is_healthy():
    assert only(healthy()).code == "healthy"


def test_a_unit_that_is_high_on_every_picture_is_always_on():
    table = healthy()
    table[:, 7] = 3
    found = only(table, units=np.arange(100, 100 + UNITS))
    assert (found.code, found.count, found.of, found.members) == ("always_on", 1, UNITS, (107,))


@pytest.mark.parametrize(("on", "flagged"), [(57, True), (56, False)])
def test_always_begins_at_nineteen_of_twenty_pictures(on, flagged):
    table = healthy()
    table[:, 7] = np.arange(IMAGES) < on
    assert ("always_on" in read_activity(table).codes) is flagged


def test_a_picture_without_answers_is_silent():
    table = healthy()
    table[[3, 9]] *= 0.001
    table[9] = 0
    found = only(table, images=np.arange(IMAGES) * 2)
    assert (found.code, found.count, found.of, found.members) == ("silent_image", 2, IMAGES, (18, 6))
    expected = binomtest(2, IMAGES).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_units_that_do_the_same_are_redundant():
    table = healthy()
    rng = np.random.default_rng(1)
    table[:, 20] = np.where(rng.random(IMAGES) < 0.4, rng.random(IMAGES), 0)
    table[:, 33] = 1.5 * table[:, 20]
    found = only(table)
    assert (found.code, found.count, set(found.members)) == ("redundant", 2, {20, 33})
    assert found.p == pytest.approx(1 / 20)


def test_units_that_answer_to_one_and_the_same_picture_are_not_taken_for_redundant():
    table = healthy()
    table[:, 20:40] = 0
    table[4, 20:40] = 1
    assert only(table).code == "healthy"


def test_a_layer_without_low_cells_is_not_sparse():
    rng = np.random.default_rng(0)
    table = rng.normal(5, 1, (IMAGES, UNITS)).astype(np.float32)
    table[:, :30] = healthy()[:, :30]
    (found,) = (each for each in read_activity(table).findings if each.code == "not_sparse")
    shares = (table > 0.1 * np.quantile(table, 0.995)).mean(1)
    assert (found.code, found.share) == ("not_sparse", pytest.approx(shares.mean()))
    interval = t.interval(0.95, IMAGES - 1, shares.mean(), shares.std(ddof=1) / np.sqrt(IMAGES))
    assert (found.low, found.high) == pytest.approx(interval, abs=1e-6)


def test_several_faults_stand_side_by_side():
    table = healthy()
    table[:, 7], table[5] = 3, 0
    assert read_activity(table).codes == ("always_on", "silent_image")


def test_a_layer_of_zeros_has_silent_pictures_only():
    found = only(np.zeros((IMAGES, UNITS)))
    assert (found.code, found.count) == ("silent_image", IMAGES)


def test_where_values_go_below_zero_being_on_and_sparse_mean_nothing():
    table = np.random.default_rng(0).normal(size=(IMAGES, UNITS))
    assert read_activity(table, rectified=False).codes == ("not_rectified",)
    table[:, 1] = 2 * table[:, 0] - 3
    assert read_activity(table, rectified=False).codes == ("redundant", "not_rectified")


def test_too_few_pictures_are_not_read():
    assert only(healthy()[:9]).code == "few_images"


def test_values_that_are_not_finite_count_as_zero():
    table = healthy()
    table[0, 0], table[1, 1] = np.nan, np.inf
    assert only(table).code == "healthy"


def test_one_picture_that_drives_many_units_does_not_make_them_redundant():
    table = healthy() + np.random.default_rng(2).exponential(0.02, (IMAGES, UNITS)).astype(np.float32)
    table[4] = 30 + np.arange(UNITS)
    assert "redundant" not in read_activity(table).codes


def test_chance_is_rarely_taken_for_redundancy():
    """Few pictures and many units: pairs above 0.95 occur, as often as when they are shuffled."""
    rng = np.random.default_rng(0)
    tables = rng.exponential(size=(100, 10, 60)) ** 3
    hits = sum("redundant" in read_activity(table).codes for table in tables)
    assert hits <= 10  # 5 % of 100, and two standard errors


def test_blocks_and_limits_change_nothing_that_is_found(monkeypatch):
    from neurolupa.units.activity import reading

    table = healthy()
    table[:, 20] = np.linspace(0, 1, IMAGES)
    table[:, 33] = table[:, 20] ** 1.1
    whole = read_activity(table)
    monkeypatch.setattr(reading, "_BLOCK", 7)
    assert read_activity(table) == whole
    assert "redundant" in whole.codes


def test_the_table_of_findings_has_a_row_for_each():
    table = healthy()
    table[:, 7], table[5] = 3, 0
    frame = read_activity(table).to_frame()
    assert frame["code"].tolist() == ["always_on", "silent_image"]
    assert frame["share"].tolist() == [1 / UNITS, 1 / IMAGES]
