"""What every test may lean on."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("NEUROLUPA_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real networks and pictures; tests that use it carry the mark `real`."""
    if not DATA.is_dir():
        pytest.skip(f"no real networks and pictures: {DATA} is not a folder (set NEUROLUPA_DATA)")
    return DATA
