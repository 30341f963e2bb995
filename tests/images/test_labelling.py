"""The rules that label the files of a folder."""

from pathlib import Path

import pytest

from neurolupa.errors import DataError
from neurolupa.images.labelling import RULES, label_by_file_names, label_by_folders, label_paths

HERE = Path("no/such/folder")


def test_sub_folders_are_classes_sorted_as_text():
    paths = ["9/a.png", "10/a.png", "10/deep/b.png", "loose.png"]
    found = label_paths(HERE, paths)
    assert found.classes == ("10", "9")
    assert found.labels.tolist() == [1, 0, 0, -1]
    assert found.rule == "folders"


def test_the_class_index_at_the_head_is_the_label():
    found = label_paths(HERE, ["012_n01440764_tench.jpg", "003_n01494475_great_white_shark.jpg"])
    assert found.labels.tolist() == [12, 3]
    assert found.rule == "file names"
    assert len(found.classes) == 13
    assert (found.classes[12], found.classes[3], found.classes[0]) == (
        "tench",
        "great_white_shark",
        "class 0",
    )


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (["1_dog.jpg"], "dog"),
        (["1_dog_1.jpg", "1_dog_22.jpg"], "dog"),
        (["1_dog-1.jpg", "1_dog-2.jpg"], "dog"),
        (["1_dog.jpg", "1_cat.jpg"], "class 1"),
        (["1_000123.jpg", "1_000124.jpg"], "class 1"),
        (["1_n01440764.jpg"], "n01440764"),
        (["1_n01440764_10026.JPEG", "1_n01440764_2.JPEG"], "n01440764"),
        (["1_n01440764_red-breasted_merganser.jpg"], "red-breasted_merganser"),
        (["1_resnet18.jpg"], "resnet18"),
    ],
)
def test_the_class_name_from_the_rest_of_the_file_name(paths, name):
    assert label_by_file_names(HERE, paths).classes == ("class 0", name)


@pytest.mark.parametrize(
    "paths",
    [["20240101_120000.jpg"], ["1_dog.jpg", "dog.jpg"], ["a.jpg"], ["12.jpg"], ["x_12.jpg"], ["1-dog.jpg"]],
)
def test_other_names_carry_no_label(paths):
    found = label_paths(HERE, paths)
    assert (set(found.labels.tolist()), found.classes, found.rule) == ({-1}, (), "")


def test_a_rule_can_be_forced():
    paths = ["1_dog.jpg", "stray.jpg"]
    assert RULES["names"](HERE, paths).labels.tolist() == [1, -1]
    assert RULES["none"](HERE, ["1_dog.jpg"]).labels.tolist() == [-1]
    assert label_by_folders(HERE, ["1_dog.jpg"]).classes == ()


def table(root: Path, text: str, encoding: str = "utf-8") -> Path:
    (root / "labels.csv").write_bytes(text.encode(encoding))
    return root


def test_a_table_of_names(tmp_path):
    root = table(tmp_path, "file,label,by\nb.jpg,dog,me\nsub/a.jpg,cat,me\n./c.jpg,,\n")
    found = label_paths(root, ["b.jpg", "c.jpg", "new.jpg", "sub/a.jpg"])
    assert found.labels.tolist() == [1, -1, -1, 0]
    assert found.classes == ("cat", "dog")
    assert found.rule == "table"


def test_a_table_of_numbers_keeps_them(tmp_path):
    root = table(tmp_path, "\ufefffile,label\na.jpg,3\nb.jpg,-1\nc.jpg,0\n")
    found = label_paths(root, ["a.jpg", "b.jpg", "c.jpg"])
    assert found.labels.tolist() == [3, -1, 0]
    assert found.classes == ("class 0", "class 1", "class 2", "class 3")


def test_numbers_among_names_are_names(tmp_path):
    root = table(tmp_path, "file,label\na.jpg,3\nb.jpg,dog\n")
    assert label_paths(root, ["a.jpg", "b.jpg"]).classes == ("3", "dog")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,class\na.jpg,cat\n", "needs the columns file, label; it has name, class"),
        ("", "it has none"),
        ("file,label\n../a.jpg,cat\n", "line 2: '../a.jpg' is no path inside the folder"),
        ("file,label\n/etc/a.jpg,cat\n", "no path inside the folder"),
        ("file,label\n,cat\n", "no path inside the folder"),
        ("file,label\na.jpg,cat\na.jpg,dog\n", "several labels for 'a.jpg'; multi-label"),
        ("file,label\na.jpg,cat|dog\n", "several labels for 'a.jpg'; multi-label"),
        ("file,label\na.jpg,99999999\n", "99999999 is no class index"),
    ],
)
def test_faulty_tables_are_refused_in_one_line(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        label_paths(table(tmp_path, text), ["a.jpg"])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"cannot read labels\.csv"):
        label_paths(table(tmp_path, "file,label\na.jpg,ñandú\n", "latin-1"), ["a.jpg"])
