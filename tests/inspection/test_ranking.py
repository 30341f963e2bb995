"""Rankings against their definitions, written out by hand or slowly in plain Python."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurolupa.errors import UsageError
from neurolupa.inspection import CRITERIA, rank_units

TABLE = pd.DataFrame(
    {
        "mean": [0.10, 0.50, 0.40, 0.90, 0.20],
        "max": [5.00, 1.00, 3.00, 2.00, 4.00],
        "std": [1.00, 3.00, 2.00, 0.00, 3.00],
        "sparsity": [0.80, 0.20, 0.60, 0.10, 0.90],
    }
)

tables = st.lists(
    st.tuples(*[st.floats(-10, 10, width=32)] * 3, st.floats(0, 1, width=32)), min_size=1, max_size=12
).map(lambda rows: pd.DataFrame(rows, columns=["mean", "max", "std", "sparsity"]))


@pytest.mark.parametrize(
    ("by", "expected"), [("mean", (3, 1, 2)), ("max", (0, 4, 2)), ("std", (1, 4, 2)), ("mixed", (3, 0, 4))]
)
def test_plain_criteria(by, expected):
    ranking = rank_units(TABLE, by, 3)
    assert ranking.units == expected
    assert ranking.note is None


def test_balanced_is_the_weighted_sum_over_the_units_that_pass():
    ranking = rank_units(TABLE, "balanced", 2, min_sparsity=0.2, weight=0.25)
    # unit 3 is filtered out; the means 0.1 to 0.5 are stretched to 0, 1, 0.75, 0.25
    expected = [0.75 * 0.8, 0.25 + 0.75 * 0.2, 0.25 * 0.75 + 0.75 * 0.6, np.nan, 0.25 * 0.25 + 0.75 * 0.9]
    np.testing.assert_allclose(ranking.scores, expected)
    assert ranking.units == (4, 2)
    assert ranking.settings == {"k": 2, "min_sparsity": 0.2, "weight": 0.25}


def test_balanced_never_shows_a_unit_that_is_silent_on_the_picture():
    table = TABLE.assign(sparsity=[1.0, 0.2, 0.6, 0.1, 1.0])
    assert rank_units(table, "balanced", 2, min_sparsity=0.0, weight=0.0).units == (2, 1)
    everything = rank_units(table, "balanced", 4, min_sparsity=0.0)
    assert sorted(everything.units) == [1, 2, 3]
    assert (everything.note.code, dict(everything.note.nearest)) == ("others_silent", {})
    assert rank_units(table, "balanced", 4, min_sparsity=0.5).note.nearest == {"min_sparsity": 0.1}


@pytest.mark.parametrize(("weight", "expected"), [(0.0, (4, 0, 2)), (1.0, (1, 2, 4))])
def test_the_ends_of_the_weight_are_sparsity_alone_and_mean_alone(weight, expected):
    assert rank_units(TABLE, "balanced", 3, weight=weight).units == expected


def test_mixed_has_half_by_mean_then_by_max_without_repeats():
    table = pd.DataFrame(
        {"mean": [3.0, 2.0, 1.0, 0.0], "max": [9.0, 8.0, 1.0, 7.0], "std": 0.0, "sparsity": 0.0}
    )
    assert rank_units(table, "mixed", 4).units == (0, 1, 3, 2)
    assert rank_units(table, "mixed", 3).units == (0, 1, 3)
    np.testing.assert_array_equal(rank_units(table, "mixed", 3).scores, [3.0, 8.0, np.nan, 7.0])


def test_interesting_needs_both_thresholds_and_means_above_not_at():
    table = pd.DataFrame(
        {"mean": [0.3, 0.4, 0.9, 0.5], "max": [9.0, 2.0, 1.0, 2.1], "std": 0.0, "sparsity": 0.0}
    )
    assert rank_units(table, "interesting", 1).units == (3,)
    assert rank_units(table, "interesting", 4, mean_above=0.2, max_above=0.5).units == (2, 3, 1, 0)


def test_manual_keeps_the_order_and_every_unit():
    assert rank_units(TABLE, "manual", 1, units=[4, 0, 4, 2]).units == (4, 0, 2)


def test_a_filter_that_leaves_nothing_says_which_value_keeps_k():
    ranking = rank_units(TABLE, "balanced", 3, min_sparsity=0.95)
    assert ranking.units == ()
    assert ranking.note.code == "nothing_passes"
    assert ranking.note.nearest == {"min_sparsity": 0.6}
    assert np.isnan(ranking.scores).all()
    assert rank_units(TABLE, "balanced", 3, min_sparsity=0.85).note.code == "fewer_pass"
    assert rank_units(TABLE, "balanced", 5, min_sparsity=0.0).note is None


@pytest.mark.parametrize("thresholds", [(1.0, 2.0), (0.3, 100.0), (1.0, 0.0), (50.0, -1.0)])
def test_the_nearest_thresholds_of_interesting_keep_k_and_no_higher_ones_do(thresholds):
    asked = dict(zip(("mean_above", "max_above"), thresholds, strict=True))
    note = rank_units(TABLE, "interesting", 2, **asked).note
    assert note.code == "nothing_passes"
    assert len(rank_units(TABLE, "interesting", 2, **note.nearest)) == 2
    higher = {name: value + 0.01 * abs(value) for name, value in note.nearest.items()}
    assert len(rank_units(TABLE, "interesting", 2, **higher)) < 2


def test_without_exact_zeros_balanced_says_what_to_choose():
    ranking = rank_units(TABLE.assign(sparsity=np.nan), "balanced", 3)
    assert (ranking.units, ranking.note.code) == ((), "no_sparsity")
    for by in ranking.note.choices:
        assert by in CRITERIA
        rank_units(TABLE.assign(sparsity=np.nan), by, 3)


def test_units_without_a_finite_value_are_never_ranked():
    table = TABLE.copy()
    table.loc[3] = np.nan
    for by in ("mean", "max", "std", "balanced", "mixed", "interesting"):
        assert 3 not in rank_units(table, by, 5, min_sparsity=0.0, mean_above=-1, max_above=-1).units


@settings(deadline=None, max_examples=60)
@given(tables, st.integers(1, 14), st.floats(0, 1), st.floats(0, 1))
def test_laws_of_every_ranking(table, k, weight, least):
    for by in set(CRITERIA) - {"manual"}:
        ranking = rank_units(table, by, k, weight=weight, min_sparsity=least)
        assert len(set(ranking.units)) == len(ranking.units) <= k
        more = rank_units(table, by, k + 1, weight=weight, min_sparsity=least)
        if by != "mixed":  # its halves move with k
            assert more.units[: len(ranking.units)] == ranking.units
            assert list(ranking.scores[list(ranking.units)]) == sorted(
                ranking.scores[list(ranking.units)], reverse=True
            )
        most = min(k, int((table["sparsity"] < 1).sum()) if by == "balanced" else len(table))
        if ranking.note is None:
            assert len(ranking.units) == min(k, len(table))
        elif ranking.note.nearest:
            loosened = rank_units(table, by, k, weight=weight, **ranking.note.nearest)
            assert len(loosened.units) == most


@settings(deadline=None, max_examples=60)
@given(tables, st.floats(0, 1), st.floats(0, 1))
def test_balanced_against_plain_python(table, weight, least):
    rows = table.to_dict("records")
    passing = {unit: row for unit, row in enumerate(rows) if least <= row["sparsity"] < 1}
    means = [row["mean"] for row in passing.values()]
    scores = {}
    for unit, row in passing.items():
        spread = max(means) - min(means)
        stretched = (row["mean"] - min(means)) / spread if spread else 0.0
        scores[unit] = weight * stretched + (1 - weight) * row["sparsity"]
    expected = sorted(scores, key=lambda unit: (-scores[unit], unit))
    assert rank_units(table, "balanced", 99, weight=weight, min_sparsity=least).units == tuple(expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "balance"}, "unknown criterion 'balance'; nearest: balanced"),
        ({"k": 0}, "k is a whole number, at least 1, not 0"),
        ({"weight": 1.5}, "weight is a share from 0 to 1, not 1.5"),
        ({"min_sparsity": float("nan")}, "min_sparsity is a share from 0 to 1, not nan"),
        ({"by": "interesting", "mean_above": float("inf")}, "mean_above is a finite number"),
        ({"by": "manual"}, "needs units="),
        ({"by": "manual", "units": [5]}, "no unit 5; units are 0 to 4"),
    ],
)
def test_wrong_options_in_one_line(options, words):
    with pytest.raises(UsageError, match=words):
        rank_units(TABLE, **options)


def test_the_frame_of_a_ranking():
    frame = rank_units(TABLE, "max", 2).to_frame()
    assert frame.to_dict("list") == {"rank": [1, 2], "unit": [0, 4], "score": [5.0, 4.0]}
