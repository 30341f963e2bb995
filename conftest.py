"""What examples in docstrings may lean on: an atlas in the folder where they run."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `atlas`: the embedded network on 64 generated pictures, labelled by their shapes."""
    import neurolupa as nl

    folder = tmp_path_factory.mktemp("examples")
    images = nl.load_images("stimuli?target=shape&size=32&count=64")
    nl.scan(nl.load_model("embedded"), images, ["relu", "layer4.1.relu"], folder / "atlas", workers=1)
    return folder


@pytest.fixture(autouse=True)
def _beside_an_atlas(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples that open the atlas run in the folder that has one."""
    if isinstance(request.node, pytest.DoctestItem) and 'open_atlas("atlas")' in request.node.dtest.docstring:
        monkeypatch.chdir(request.getfixturevalue("examples"))
