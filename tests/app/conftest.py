"""The dashboard over a tiny network whose forward passes are counted."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from streamlit import config
from streamlit.testing.v1 import AppTest
from torch import nn

from neurolupa.app import main
from neurolupa.models import NETWORKS, Architecture, Preprocessing
from neurolupa.models.torchvision_networks import not_downloaded

SCRIPT = Path(str(main.__file__))
SIDE = 8


class Tiny(nn.Module):
    """Units 0 to 2 of `first` are red, green and blue; unit 3 is never above zero. `runs` counts passes."""

    runs = 0

    def __init__(self) -> None:
        super().__init__()
        self.first, self.relu = nn.Conv2d(3, 4, 1), nn.ReLU()
        self.second, self.fc = nn.Conv2d(4, 2, 1), nn.Linear(2, 2)
        with torch.no_grad():
            self.first.weight.copy_(torch.eye(4, 3).view(4, 3, 1, 1))
            self.first.bias.copy_(torch.tensor([-0.5, -0.5, -0.5, -1.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        type(self).runs += 1
        return self.fc(self.relu(self.second(self.relu(self.first(x)))).mean((2, 3)))


def architecture(name: str, **options: object) -> Callable[[], Architecture]:
    seen = Preprocessing(input_size=(SIDE, SIDE), resize=SIDE, mean=(0.0,) * 3, std=(1.0,) * 3)
    described = {"build": lambda outputs: Tiny(), "preprocessing": seen, "outputs": 2, **options}
    return lambda: Architecture(name=name, **described)


def _unreachable() -> dict[str, torch.Tensor]:
    fault = OSError("no route to host")
    raise not_downloaded("alexnet", fault) from fault


def query(page: AppTest) -> dict[str, str | list[str]]:
    """The parameters of the address; older Streamlit gives lists of one value."""
    found = {name: page.query_params[name] for name in page.query_params}
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in found.items()
    }


def keyed(page: AppTest, key: str) -> Any:
    """The one control of a key; AppTest itself finds it since Streamlit 1.63."""
    (found,) = [node for node in page._tree if getattr(node, "key", None) == key]
    return found


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Nothing that another test cached."""
    st.cache_resource.clear()
    config.set_option("server.address", "127.0.0.1")  # wherever the tests are started from
    yield
    st.cache_resource.clear()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> type[Tiny]:
    """In place of the embedded network the tiny one, of alexnet one whose weights cannot be fetched."""
    torch.manual_seed(0)
    held = Tiny().state_dict()
    names = {"published": lambda: held, "categories": ("day", "night")}
    monkeypatch.setitem(NETWORKS._entries, "embedded", architecture("embedded", **names))
    monkeypatch.setitem(NETWORKS._entries, "alexnet", architecture("alexnet", published=_unreachable))
    Tiny.runs = 0
    return Tiny


@pytest.fixture
def visit(tiny: type[Tiny]) -> Callable[..., AppTest]:
    """Open the dashboard as a new visitor, with the parameters of a link."""

    def open_page(**query: str | list[str]) -> AppTest:
        page = AppTest.from_file(SCRIPT, default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return open_page
