"""Class names and labels."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.errors import DataError
from neurolupa.images.classes import checked_labels, complete_classes, encode_names, read_names


@given(st.lists(st.none() | st.sampled_from(["cat", "dog", "owl"])))
def test_encoded_names_can_be_read_back(values):
    labels, classes = encode_names(values)
    assert [None if label < 0 else classes[label] for label in labels.tolist()] == values
    assert list(classes) == sorted(set(values) - {None})


@given(st.lists(st.integers(-1, 30), min_size=1).map(np.array))
def test_every_label_indexes_the_completed_classes(labels):
    classes = complete_classes(labels, None, "x")
    assert len(classes) == labels.max() + 1
    assert all(classes[label] == f"class {label}" for label in labels.tolist() if label >= 0)


def test_given_names_may_be_more_but_not_fewer():
    assert complete_classes(np.array([0]), ["a", "b"], "x") == ("a", "b")
    with pytest.raises(DataError, match="x: label 2, but only 2 class names"):
        complete_classes(np.array([2]), ["a", "b"], "x")


def test_large_and_unsigned_labels():
    assert checked_labels(np.array([255], dtype=np.uint8), "x").tolist() == [255]
    for label in (2**40, -2):
        with pytest.raises(DataError, match=f"x: {label} is no class index"):
            checked_labels([0, label], "x")
    with pytest.raises(DataError, match="no class index"):
        checked_labels(np.array([2**63], dtype=np.uint64), "x")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "cat\n dog\nowl\n"),
        ("a.json", json.dumps(["cat", "dog", "owl"])),
        ("a.json", json.dumps({"2": "owl", "0": "cat", "1": "dog"})),
        ("a.json", json.dumps({"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "owl"]})),
    ],
)
def test_names_from_files(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_names(str(tmp_path / name)) == ("cat", "dog", "owl")


def test_gaps_in_a_file_are_called_by_their_number(tmp_path):
    (tmp_path / "a.json").write_text('{"2": "owl"}')
    assert read_names(str(tmp_path / "a.json")) == ("class 0", "class 1", "owl")


@pytest.mark.parametrize("text", ["{", "3", '"cat"', '{"a": "cat"}', "{}", "[[]]"])
def test_files_without_names(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match="no class names in"):
        read_names(str(tmp_path / "a.json"))


def test_a_missing_file():
    with pytest.raises(DataError, match=r"cannot read class names from 'no/such\.txt'"):
        read_names("no/such.txt")
