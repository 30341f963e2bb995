"""The photographs that ship inside other packages."""

import subprocess
import sys

import pytest

from neurolupa.errors import DataError
from neurolupa.images import load_images, samples


def test_all_seven_open_and_have_a_class_each():
    images = load_images("samples")
    assert images.classes == ("cat", "astronaut", "coffee", "rocket", "motorcycle", "china", "flower")
    assert [picture.class_name for picture in images] == list(images.classes)
    sizes = {picture.class_name: picture.image.size for picture in images}
    assert (sizes["cat"], sizes["astronaut"], sizes["china"]) == ((451, 300), (512, 512), (640, 427))


def test_the_photographs_are_those_of_scikit_image():
    import numpy as np
    from skimage import data

    images = load_images("samples?classes=cat,astronaut,coffee,rocket")
    for picture, load in zip(images, [data.chelsea, data.astronaut, data.coffee, data.rocket], strict=True):
        # another JPEG decoder may round a rocket's pixel differently
        assert np.abs(np.asarray(picture.image).astype(int) - load()).max() <= 2


def test_what_is_not_installed_is_left_out(monkeypatch):
    find = samples.find_spec
    monkeypatch.setattr(samples, "find_spec", lambda name: None if name == "skimage" else find(name))
    images = load_images("samples")
    assert [picture.class_name for picture in images] == ["china", "flower"]
    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="none of the sample photographs"):
        load_images("samples")


def test_looking_at_them_imports_nothing_heavy():
    code = (
        "import sys, neurolupa.images as i; i.load_images('samples')[0];"
        "heavy = ('torch', 'pandas', 'matplotlib', 'skimage', 'sklearn', 'pyarrow');"
        "print([m for m in heavy if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
