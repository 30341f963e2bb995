"""Which files of a folder count, and in which order."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.errors import DataError
from neurolupa.images.listing import list_images, missing, natural_key

paths = st.lists(st.text("a1B02/_.", min_size=1, max_size=8), unique=True)


def test_natural_order_by_hand():
    expected = ["2.jpg", "10.jpg", "a/9.jpg", "a/010.jpg", "a/10.jpg", "a-b/1.jpg", "B.jpg", "c.jpg"]
    arrived = [expected[place] for place in (5, 0, 7, 3, 1, 6, 4, 2)]
    assert sorted(arrived, key=natural_key) == expected


@given(paths, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_arrival(names, chance):
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert sorted(shuffled, key=natural_key) == sorted(names, key=natural_key)


def test_the_file_system_order_does_not_matter(fill, monkeypatch):
    root = fill(["b/2.png", "b/10.png", "a/1.png", "3.png"])
    expected = ["3.png", "a/1.png", "b/2.png", "b/10.png"]
    assert list_images(root) == (expected, 0)
    scandir = os.scandir

    class Backwards:
        def __init__(self, folder):
            self.items = scandir(folder)

        def __enter__(self):
            return reversed(list(self.items.__enter__()))

        def __exit__(self, *error):
            return self.items.__exit__(*error)

    monkeypatch.setattr(os, "scandir", Backwards)
    assert list_images(root) == (expected, 0)


def test_hidden_files_are_passed_over_and_others_counted(fill):
    root = fill(["a.png", "B.JPG", ".hidden.png", ".git/c.png", "notes.txt", "x.heic", "sub/readme"])
    assert list_images(root) == (["a.png", "B.JPG"], 3)


def test_links_to_folders_are_followed_but_not_in_a_circle(fill, tmp_path):
    root = fill(["a/1.png"])
    (root / "b").symlink_to(root / "a")
    (root / "a" / "again").symlink_to(root)
    found, _ = list_images(root)
    assert found == ["a/1.png", "b/1.png"]


def test_a_dangling_link_is_listed(fill):
    root = fill(["a.png"])
    (root / "b.png").symlink_to(root / "nothing")
    assert list_images(root)[0] == ["a.png", "b.png"]


def test_a_folder_that_cannot_be_listed_is_named(fill, monkeypatch):
    root = fill(["a/1.png"])

    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"cannot list the folder .*: Permission denied"):
        list_images(root)


def test_a_missing_path_names_its_neighbours(fill):
    root = fill(["photos/a.png"])
    assert str(missing("folder", root / "fotos")).endswith("; nearest: photos")
    assert str(missing("folder", Path("no/such/place"))) == "no folder 'no/such/place'"
