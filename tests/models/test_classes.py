import json

import pytest

from neurolupa.errors import DataError, UsageError
from neurolupa.models.classes import read_classes


@pytest.fixture
def file(tmp_path):
    def write(content, name="names.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        ["árbol", "crane", "crane"],
        {"0": "árbol", "2": "crane", "1": "crane"},
        {"0": ["n01", "árbol"], "1": ["n02", "crane"], "2": ["n03", "crane"]},
    ],
)
def test_json_files_name_classes_in_order_and_names_may_repeat(file, content):
    assert read_classes(file(content)) == ("árbol", "crane", "crane")


def test_a_dictionary_from_name_to_index_is_turned_round(file):
    assert read_classes(file({"dog": 1, "cat": 0})) == ("cat", "dog")


def test_text_files_have_a_name_a_line(file):
    assert read_classes(str(file("cat\r\ntiger cat \ndog\n\n", "names.txt"))) == ("cat", "tiger cat", "dog")


def test_a_byte_order_mark_is_no_part_of_a_name(file):
    assert read_classes(file("\ufeffcat\ndog", "names.txt")) == ("cat", "dog")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("{", "names.json", "names.json is not JSON"),
        (3, "names.json", "neither a list nor a dictionary"),
        ([], "names.json", "holds no class names"),
        ("", "names.txt", "holds no class names"),
        ("cat\n\ndog", "names.txt", "class 1 of names.txt is ''"),
        (["cat", 3], "names.json", "class 1 of names.json is 3"),
        ({"0": "cat", "2": "dog"}, "names.json", "none for class 1"),
        ({"a": "cat"}, "names.json", "not class indices"),
    ],
)
def test_files_that_name_no_classes_are_told(file, content, name, message):
    with pytest.raises(DataError, match=message):
        read_classes(file(content, name))


def test_missing_files_and_other_kinds_are_told(file):
    with pytest.raises(DataError, match=r"no file of class names at missing\.txt"):
        read_classes("missing.txt")
    with pytest.raises(UsageError, match=r"\.json or \.txt"):
        read_classes(file("a,b", "names.csv"))


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(b"\xff\xfe\x00cat")
    with pytest.raises(DataError, match=r"names\.txt cannot be read"):
        read_classes(path)
