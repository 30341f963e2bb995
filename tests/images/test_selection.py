"""Laws of subsets."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neurolupa.errors import DataError, UsageError
from neurolupa.images import Selection
from neurolupa.images.selection import parse_selection

CLASSES = ("cat", "dog", "cat", "owl")  # two classes may share a name, as ImageNet's cranes do
labels_st = st.lists(st.integers(-1, 3), max_size=40).map(lambda values: np.array(values, dtype=np.int64))
count_st = st.none() | st.integers(1, 50)


def name(index: int) -> str:
    return f"picture/{index:06d}"


def chosen(labels, classes=CLASSES, **fields) -> list[int]:
    return Selection(**fields).indices(labels, classes, name).tolist()


@given(labels_st, count_st, count_st, count_st, st.integers(0, 5))
def test_order_is_kept_and_nothing_is_invented_or_doubled(labels, per_class, sample, limit, seed):
    found = chosen(labels, per_class=per_class, sample=sample, limit=limit, seed=seed)
    assert found == sorted(set(found))
    assert set(found) <= set(range(len(labels)))


@given(labels_st, st.integers(1, 6))
def test_per_class_gives_the_first_of_each_class(labels, count):
    found = chosen(labels, per_class=count)
    available = Counter(label for label in labels.tolist() if label >= 0)
    assert Counter(labels[found].tolist()) == {label: min(count, n) for label, n in available.items()}
    for label in available:
        assert [i for i in found if labels[i] == label] == np.flatnonzero(labels == label)[:count].tolist()


@given(labels_st, st.sets(st.sampled_from(["cat", "dog", "owl"]), min_size=1))
def test_classes_keep_exactly_the_images_of_these_names(labels, wanted):
    assume(wanted <= {CLASSES[label] for label in labels if label >= 0})
    expected = [i for i, label in enumerate(labels) if label >= 0 and CLASSES[label] in wanted]
    assert Selection(classes=tuple(wanted)).indices(labels, CLASSES, name).tolist() == expected


@given(labels_st, st.integers(1, 50), st.integers(0, 3))
def test_a_sample_is_repeatable_of_the_size_asked_and_nested(labels, count, seed):
    found = chosen(labels, sample=count, seed=seed)
    assert found == chosen(labels, sample=count, seed=seed)
    assert len(found) == min(count, len(labels))
    assert set(found) <= set(chosen(labels, sample=count + 1, seed=seed))


@given(labels_st, st.integers(1, 50))
def test_limit_gives_the_first(labels, count):
    assert chosen(labels, limit=count) == list(range(len(labels)))[:count]


def test_a_sample_depends_on_the_seed_and_on_the_ids_alone():
    labels = np.zeros(1000, dtype=np.int64)
    first, second = (set(chosen(labels, sample=100, seed=seed)) for seed in (0, 1))
    assert first != second
    # two independent samples of 100 in 1000 share 10 on average; more than 30 has a chance below 1e-8
    assert len(first & second) <= 30
    backwards = Selection(sample=100).indices(labels, CLASSES, lambda index: name(999 - index))
    assert {999 - index for index in backwards.tolist()} == first


def test_a_class_may_be_given_by_its_label():
    labels = np.array([0, 1, 2, 3, -1])
    assert Selection(classes=("2",)).indices(labels, CLASSES, name).tolist() == [2]
    assert Selection(classes=("cat",)).indices(labels, CLASSES, name).tolist() == [0, 2]
    assert Selection(classes=("7",)).indices(np.array([1, 0]), ("x", "7"), name).tolist() == [0]


def test_the_options_apply_in_the_stated_order():
    labels = np.array([1, 0, 0, 0, 1, 1])
    assert Selection(classes=("cat",), limit=2).indices(labels, ("cat", "dog"), name).tolist() == [1, 2]
    assert Selection(per_class=1, limit=2).indices(labels, ("cat", "dog"), name).tolist() == [0, 1]
    sampled = Selection(per_class=2, sample=4).indices(labels, ("cat", "dog"), name).tolist()
    assert sampled == [0, 1, 2, 4]


def test_unknown_and_absent_classes():
    labels = np.array([0, 1])
    with pytest.raises(UsageError, match="unknown class 'kat'; nearest: cat"):
        Selection(classes=("kat",)).indices(labels, CLASSES, name)
    with pytest.raises(UsageError, match="unknown class 'owl'"):
        Selection(classes=("owl",)).indices(labels, CLASSES, name)
    for asked in (Selection(classes=("cat",)), Selection(per_class=1)):
        with pytest.raises(DataError, match="the set is unlabelled"):
            asked.indices(np.array([-1, -1]), (), name)


@pytest.mark.parametrize("option", ["limit", "sample", "per_class"])
@pytest.mark.parametrize("value", ["0", 0, "-3", -3, "x", "1.5", 1.5, "", None, True, [1]])
def test_senseless_counts(option, value):
    with pytest.raises(UsageError, match=f"{option}="):
        parse_selection({option: value})


@pytest.mark.parametrize("value", ["-1", "x", 0.5])
def test_senseless_seeds(value):
    with pytest.raises(UsageError, match="seed="):
        parse_selection({"sample": 3, "seed": value})


@pytest.mark.parametrize("value", ["", "cat,,dog", ["cat", ""], []])
def test_senseless_classes(value):
    with pytest.raises(UsageError, match="classes"):
        parse_selection({"classes": value})


def test_text_and_python_values_mean_the_same():
    text = {"classes": "cat, dog", "per_class": "5", "sample": "3", "seed": "7", "limit": "2"}
    values = {"classes": ["cat", "dog"], "per_class": 5, "sample": np.int64(3), "seed": 7, "limit": 2}
    assert parse_selection(text) == parse_selection(values)
    assert not parse_selection({})
    assert parse_selection({"limit": 1})
