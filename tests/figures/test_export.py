from functools import partial

import numpy as np
import pytest
from PIL import Image
from tests.atlas.builder import build
from tests.atlas.conftest import EARLY, LABELS

from neurolupa.atlas import open_atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import export, export_figures, kernels

NAMES = [
    "class_statistics_early%2Frelu.png",
    "dead_units.png",
    "distributions.png",
    "evolution.png",
    "kernels_conv1.png",
    "layer_statistics.png",
    "unit_heat_map_early%2Frelu.png",
]


KERNELS = {"conv1": np.ones((2, 3, 3, 3), np.float32)}


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    folder = tmp_path_factory.mktemp("single") / "atlas"
    return open_atlas(build(folder, {"early/relu": EARLY}, LABELS, ["cat", "dog"], kernels=KERNELS))


@pytest.fixture(scope="module")
def exported(single, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export_figures(single, folder)
    return folder


def test_every_figure_has_its_file(exported):
    assert sorted(path.name for path in exported.iterdir()) == NAMES


def test_the_pictures_are_of_readable_size_without_metadata_that_changes(exported):
    for path in exported.iterdir():
        with Image.open(path) as picture:
            assert 1200 <= picture.width <= 1600
            assert set(picture.info) <= {"dpi"}


def test_two_exports_are_the_same_bytes(single, exported, tmp_path):
    written = export_figures(single, tmp_path)
    assert [path.name for path in written] == NAMES
    assert all(path.read_bytes() == (exported / path.name).read_bytes() for path in written)


def test_a_figure_that_fails_leaves_nothing(single, tmp_path, monkeypatch):
    pairs = [("good", partial(kernels, KERNELS["conv1"])), ("bad", partial(kernels, np.ones((2, 3))))]
    monkeypatch.setattr(export, "_figures", lambda atlas: iter(pairs))
    with pytest.raises(UsageError, match="kernels need"):
        export_figures(single, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_unlabelled_atlas_has_no_class_figures(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": EARLY}))
    names = [name for name, _ in export._figures(atlas)]
    assert names == [*("layer_statistics", "distributions", "dead_units", "evolution"), "unit_heat_map_relu"]


def test_an_unknown_language_and_a_folder_that_is_a_file(single, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="en, es"):
        export_figures(single, tmp_path / "out", lang="fr")
    monkeypatch.setattr(export, "_figures", lambda atlas: iter(()))
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot write to"):
        export_figures(single, tmp_path / "file")
