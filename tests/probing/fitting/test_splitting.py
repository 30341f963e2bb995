"""The laws of a split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.errors import DataError
from neurolupa.probing.fitting.splitting import split
from neurolupa.probing.targets import Targets


def classes(counts: list[int], outside: int = 0) -> Targets:
    values = np.repeat(np.arange(len(counts)), counts)
    values = np.append(values, np.full(outside, -1))
    order = np.random.default_rng(0).permutation(len(values))
    return Targets("kind", tuple(f"class {place}" for place in range(len(counts))), values[order])


@given(
    counts=st.lists(st.integers(5, 30), min_size=2, max_size=5),
    outside=st.integers(0, 5),
    share=st.sampled_from([0.1, 0.2, 0.5]),
    seed=st.integers(0, 5),
)
def test_every_picture_is_in_one_part_and_every_class_in_both(
    counts: list[int], outside: int, share: float, seed: int
) -> None:
    targets = classes(counts, outside)
    found = split(targets, share, 5, seed)
    assert sorted([*found.train, *found.test]) == np.flatnonzero(targets.applies).tolist()
    tested = np.bincount(targets.values[found.test], minlength=len(counts))
    np.testing.assert_array_equal(tested, np.maximum(np.rint(share * np.array(counts)), 1))
    for label in range(len(counts)):
        dealt = np.bincount(found.folds[targets.values[found.train] == label], minlength=5)
        assert dealt.max() - dealt.min() <= 1
    sizes = np.bincount(found.folds, minlength=5)
    assert sizes.max() - sizes.min() <= 1


def test_the_seed_and_nothing_else_decides() -> None:
    targets = classes([20, 20])
    one, again, other = (split(targets, 0.25, 5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.test, again.test)
    np.testing.assert_array_equal(one.folds, again.folds)
    assert one.test.tolist() != other.test.tolist()


def test_the_test_part_of_a_number_spans_its_range() -> None:
    values = np.random.default_rng(0).normal(size=200) ** 3
    values[:10] = np.nan
    found = split(Targets("size", (), values), 0.2, 5, 0)
    ranks = np.argsort(np.argsort(values[10:]))[found.test - 10]
    assert np.bincount(ranks // 19).tolist() == [4] * 10  # a fifth of the 19 pictures of each tenth
    assert not set(found.test) & set(range(10))


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(DataError, match="kind: 4 pictures are too few for a test and 5 folds"):
        split(classes([2, 2]), 0.2, 5, 0)


def test_few_numbers_are_halved_when_half_is_for_the_test() -> None:
    found = split(Targets("size", (), np.random.default_rng(0).normal(size=40)), 0.5, 2, 0)
    assert len(found.test) == 20
