"""The text that people type."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images


def ids(images) -> list[str]:
    return [images.entry(index).id for index in range(len(images))]


@pytest.fixture
def pets(fill) -> Path:
    return fill(["cat/1.png", "cat/2.png", "dog/1.png", "a&b, c/1.png"])


def test_a_folder_by_its_path_text_or_prefix(pets):
    expected = ids(load_images(f"folder:{pets}"))
    assert len(expected) == 4
    assert ids(load_images(pets)) == ids(load_images(str(pets))) == expected


def test_a_relative_and_a_home_path(pets, monkeypatch):
    monkeypatch.chdir(pets.parent)
    assert load_images("pictures?limit=2").spec == "folder:pictures?limit=2"
    monkeypatch.setenv("HOME", str(pets.parent))
    assert len(load_images("folder:~/pictures")) == len(load_images("~/pictures")) == 4


def test_options_in_the_text_or_as_keywords_or_mixed(pets):
    expected = ["cat/1.png", "dog/1.png"]
    assert ids(load_images(f"{pets}?classes=cat,dog&per_class=1")) == expected
    assert ids(load_images(pets, classes=["cat", "dog"], per_class=1)) == expected
    assert ids(load_images(f"{pets}?classes=cat,dog", per_class="1", limit=None)) == expected


def test_class_names_with_commas_are_escaped(pets):
    assert ids(load_images(f"{pets}?classes=a%26b%2C c")) == ["a&b, c/1.png"]
    images = load_images(pets, classes=["a&b, c", "cat"], limit=2)
    assert ids(load_images(images.spec)) == ids(images)


@pytest.mark.parametrize(
    "options",
    [{}, {"limit": 2}, {"sample": 2, "seed": 5}, {"classes": "dog", "per_class": 1}, {"labels": "none"}],
)
def test_the_spec_gives_the_set_again(pets, options):
    images = load_images(pets, **options)
    again = load_images(images.spec)
    assert (ids(again), again.spec, again.digest()) == (ids(images), images.spec, images.digest())


def test_a_folder_with_a_question_mark_in_its_name(fill):
    root = fill(["1.png"])
    odd = root.rename(root.parent / "which?limit=one")
    assert len(load_images(str(odd))) == 1
    assert len(load_images(f"{odd}?limit=1")) == 1


def test_the_name_of_a_kind_wins_over_a_folder_of_that_name(fill, monkeypatch):
    root = fill(["samples/1.png"])
    monkeypatch.chdir(root)
    assert load_images("samples").name == "samples"
    assert load_images("samples").entry(0).id.startswith("skimage/")
    assert ids(load_images("./samples")) == ids(load_images("folder:samples")) == ["1.png"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("samplse", "unknown image set 'samplse'; nearest: samples"),
        ("foldr:x", "unknown image set 'foldr'; nearest: folder"),
        ("", "unknown image set ''"),
        ("samples?limits=3", "unknown option of samples 'limits'; nearest: limit"),
        ("samples?split=test", "unknown option of samples 'split'; nearest: limit"),
        ("samples?classes=kat", "unknown class 'kat'; nearest: cat"),
        ("samples?limit", "option 'limit' is not of the form name=value"),
        ("samples?limit=", "option 'limit=' is not of the form name=value"),
        ("samples?limit=1&limit=2", "option 'limit' is given twice"),
        ("samples?limit=many", "limit=many is not a whole number"),
        ("samples?max_pixels=0", "max_pixels=0 is not a whole number of at least 1"),
        ("samples?seed=1", "seed goes with sample=N"),
        ("samples:somewhere", "samples takes no path"),
        ("npz:", "npz needs a file"),
        ("parquet:", "parquet needs a file"),
        ("cifar10:", "cifar10 needs a folder"),
        ("cifar10:x?split=val", "unknown split 'val'; choose from: test, train"),
    ],
)
def test_rejected_text_is_a_usage_error_in_one_line(spec, message):
    with pytest.raises(UsageError) as caught:
        load_images(spec)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_given_twice_in_two_ways():
    with pytest.raises(UsageError, match="option 'limit' is given twice"):
        load_images("samples?limit=1", limit=1)


def test_a_missing_folder_is_named(pets):
    with pytest.raises(DataError, match="nearest: pictures"):
        load_images(f"{pets}s")
    with pytest.raises(DataError, match="no folder 'no/such/place'"):
        load_images("no/such/place")


def test_max_pixels_in_the_text():
    images = load_images("samples?max_pixels=1000")
    assert images.max_pixels == 1000
    assert isinstance(images.labels, np.ndarray)


@pytest.mark.parametrize("spec", [3, None, b"photos", {"photos": 1}, Image.new("L", (2, 2))])
def test_what_names_no_images_is_refused_by_its_type(spec):
    with pytest.raises(UsageError, match=rf"or a list of images, not of type {type(spec).__name__}$"):
        load_images(spec)


def test_a_notebook_shows_the_card_with_odd_names_escaped():
    shown = load_images([bytes(2)], labels=["<b>"]).info()._repr_html_()
    assert shown.startswith("<pre>memory: 1 images\n")
    assert "&lt;b&gt; 1" in shown
    assert "<b>" not in shown
