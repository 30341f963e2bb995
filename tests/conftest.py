"""What every test may lean on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from jaxtyping import install_import_hook
from xdist.scheduler import LoadScopeScheduling

install_import_hook("neurolupa.core", "beartype.beartype")  # shapes in signatures are proved on every test

DATA = Path(os.environ.get("NEUROLUPA_DATA", Path(__file__).parents[2] / "shared" / "data"))


class OneBrowser(LoadScopeScheduling):
    """The tests of tests/browser go to one worker, because each worker starts a server and a browser."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneBrowser:
    return OneBrowser(config, log)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real networks and pictures; tests that use it carry the mark `real`."""
    if not DATA.is_dir():
        pytest.skip(f"no real networks and pictures: {DATA} is not a folder (set NEUROLUPA_DATA)")
    return DATA


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Tiny networks gain nothing from threads, and lose much where several test runs share the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
