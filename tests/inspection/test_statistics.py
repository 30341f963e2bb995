"""The table of units against NumPy and SciPy, column by column."""

import numpy as np
import pytest
from scipy.stats import percentileofscore

from neurolupa.inspection import unit_table


@pytest.fixture
def maps():
    values = np.random.default_rng(0).normal(size=(7, 5, 6)).astype(np.float32)
    values[2] = -1.0
    values[3] = 0.0
    values[4] = values[5]
    return values


def test_every_column(maps):
    rectified = np.maximum(maps, 0)
    table = unit_table(rectified, rectified=True)
    for unit, one in enumerate(rectified.astype(np.float64)):
        row = table.loc[unit]
        expected = [unit, one.mean(), one.max(), one.min(), one.std(), (one == 0).sum() / 30]
        np.testing.assert_allclose(row[["unit", "mean", "max", "min", "std", "sparsity"]].tolist(), expected)
    assert table["dead"].tolist() == [False, False, True, True, False, False, False]
    assert (table["nonfinite"] == 0).all()


def test_percentile_is_the_share_of_the_others_below(maps):
    table = unit_table(maps, rectified=False)
    for unit, mean in enumerate(table["mean"]):
        others = np.delete(table["mean"].to_numpy(), unit)
        assert table["percentile"][unit] == pytest.approx(percentileofscore(others, mean, kind="mean"))


def test_sparsity_is_not_available_without_exact_zeros(maps):
    assert unit_table(maps, rectified=False)["sparsity"].isna().all()


def test_what_is_not_finite_is_counted_and_poisons_nothing(maps):
    clean = unit_table(maps, rectified=False)
    maps[0, 0, 0], maps[0, 1, 1] = np.nan, np.inf
    maps[1] = np.nan
    table = unit_table(maps, rectified=False)
    assert table["nonfinite"].tolist() == [2, 30, 0, 0, 0, 0, 0]
    finite = np.delete(maps[0].ravel().astype(np.float64), [0, 7])
    np.testing.assert_allclose(
        table.loc[0, ["mean", "max", "std"]].tolist(), [finite.mean(), finite.max(), finite.std()]
    )
    assert table.loc[1, ["mean", "max", "min", "std", "percentile"]].isna().all()
    np.testing.assert_array_equal(table["mean"][2:], clean["mean"][2:])


def test_one_unit_is_in_the_middle_of_its_layer():
    assert unit_table(np.ones((1, 2, 2), np.float32), rectified=True)["percentile"].tolist() == [50.0]
