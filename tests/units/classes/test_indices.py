"""The formulas, written a second time, and the laws that they must keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neurolupa.units.classes.codes import index_codes, level_of, states_of
from neurolupa.units.classes.indices import best_two, contrast, ratios, selectivity_index
from neurolupa.units.classes.sparseness import hoyer, treves_rolls, vinje_gallant

MEANS = arrays(np.float64, st.integers(2, 9), elements=st.floats(0, 100))
SOME = MEANS.filter(lambda means: means.max() > 1e-3)


def index_of(means):
    """(max - mean of the others) / (max + mean of the others), with a list and no array."""
    rest = sorted(means)[:-1]
    others = sum(rest) / len(rest)
    return (max(means) - others) / (max(means) + others)


@given(SOME)
def test_the_index_is_its_formula_and_lies_in_0_to_1(means):
    found = selectivity_index(means)
    assert found == pytest.approx(index_of(means.tolist()), abs=1e-12)
    assert -1e-12 <= found <= 1


@given(SOME, st.floats(1e-3, 1e3))
def test_no_index_changes_with_the_scale(means, scale):
    for measure in (selectivity_index, treves_rolls, vinje_gallant, hoyer):
        assert measure(scale * means) == pytest.approx(measure(means), abs=1e-9)


@given(SOME, st.randoms(use_true_random=False))
def test_no_index_changes_with_the_order_of_the_classes(means, chance):
    mixed = means.copy()
    chance.shuffle(mixed)
    for measure in (selectivity_index, treves_rolls, vinje_gallant, hoyer):
        assert measure(mixed) == pytest.approx(measure(means), abs=1e-9)


@given(SOME)
def test_sparseness_is_its_formula(answers):
    n, total, squares = len(answers), answers.sum(), (answers**2).sum()
    spread = (total / n) ** 2 / (squares / n)
    assert treves_rolls(answers) == pytest.approx(spread, rel=1e-9)
    assert vinje_gallant(answers) == pytest.approx((1 - spread) / (1 - 1 / n), abs=1e-9)
    peaked = (np.sqrt(n) - total / np.sqrt(squares)) / (np.sqrt(n) - 1)
    assert hoyer(answers) == pytest.approx(peaked, abs=1e-7)


@pytest.mark.parametrize("n", [2, 3, 50])
def test_one_answer_alone_is_1_and_all_alike_is_0(n):
    alone, alike = np.eye(n)[0] * 7, np.full(n, 0.3)
    for measure in (selectivity_index, vinje_gallant, hoyer):
        assert measure(alone) == pytest.approx(1)
        assert measure(alike) == pytest.approx(0, abs=1e-9)
    assert treves_rolls(alone) == pytest.approx(1 / n)


def test_tiny_and_huge_answers_do_not_leave_the_range_of_numbers():
    for scale in (1e-200, 1e200):
        assert vinje_gallant(scale * np.array([0.0, 1.0])) == pytest.approx(1)


@given(MEANS, st.data())
def test_the_contrast_of_the_best_class_is_the_index_and_of_no_other_more(means, data):
    chosen = data.draw(st.integers(0, len(means) - 1))
    if means.max() > 1e-3:
        assert contrast(means, np.array(means.argmax())) == selectivity_index(means)
        assert contrast(means, np.array(chosen)) <= selectivity_index(means) + 1e-12


def test_nothing_answered_has_no_index_and_does_not_warn():
    for measure in (selectivity_index, treves_rolls, vinje_gallant, hoyer):
        assert np.isnan(measure(np.zeros(3)))


@given(arrays(np.float64, (4, 6), elements=st.sampled_from([0.0, 1.0, 2.0, -3.0, np.nan])))
def test_the_best_two_are_those_of_a_stable_sort(means):
    best, second = best_two(means)
    order = np.argsort(-np.where(np.isnan(means), -np.inf, means), axis=1, kind="stable")
    some = ~np.isnan(means).all(1)
    assert (best[some] == order[some, 0]).all()
    assert (second[some] == order[some, 1]).all()
    assert (best[some] != second[some]).all()


@pytest.mark.parametrize(
    ("best", "second", "ratio", "code"),
    [
        (3.0, 2.0, 1.5, "OK"),
        (3.0, 0.0, np.inf, "EXCLUSIVE"),
        (0.0, 0.0, np.nan, "SILENT"),
        (3.0, -1.0, np.nan, "NEGATIVE"),
        (-1.0, -2.0, np.nan, "NEGATIVE"),
        (0.0, -2.0, np.nan, "NEGATIVE"),
        (3.0, np.nan, np.nan, "SINGLE_CLASS"),
        (np.nan, np.nan, np.nan, "NO_VALUES"),
    ],
)
def test_a_ratio_or_the_reason_why_there_is_none(best, second, ratio, code):
    found, told = ratios(np.array([best]), np.array([second]))
    assert (told[0], found[0]) == (code, pytest.approx(ratio, nan_ok=True))


@pytest.mark.parametrize(
    ("ratio", "level"),
    [(2.01, "very_high"), (2.0, "high"), (1.51, "high"), (1.5, "moderate"), (1.21, "moderate"), (1.2, "low"),
     (1.0, "low"), (np.inf, "very_high"), (np.nan, "not_applicable")],
)  # fmt: skip
def test_levels_begin_above_their_bounds(ratio, level):
    assert level_of(ratio) == level


@pytest.mark.parametrize(
    ("low", "high", "classes", "state", "index"),
    [
        (0.0, 1.0, 2, "OK", "OK"),
        (-0.5, 1.0, 2, "OK", "NEGATIVE"),
        (-2.0, -1.0, 2, "OK", "NEGATIVE"),
        (0.0, 0.0, 2, "SILENT", "SILENT"),
        (3.0, 3.0, 2, "CONSTANT", "OK"),
        (-3.0, -3.0, 2, "CONSTANT", "NEGATIVE"),
        (0.0, 1.0, 1, "SINGLE_CLASS", "SINGLE_CLASS"),
        (np.nan, np.nan, 0, "NO_VALUES", "NO_VALUES"),
    ],
)
def test_what_can_be_said_of_a_unit(low, high, classes, state, index):
    states = states_of(np.array([low]), np.array([high]), np.array([classes]))
    assert (states[0], index_codes(states, np.array([low]))[0]) == (state, index)
