"""One finished scan for the tests that only look."""

import pytest

import neurolupa as nl
from tests.scanning.networks import SITES, image_set, kept_in_memory, tiny


@pytest.fixture(scope="package")
def scanned(tmp_path_factory):
    model, images = tiny(), image_set()
    folder = tmp_path_factory.mktemp("scan") / "atlas"
    atlas = nl.scan(model, images, SITES, folder, batch_size=5, exemplars=4, workers=2)
    return atlas, kept_in_memory(model, images, SITES), images, model
