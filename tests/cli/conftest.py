"""A tiny network with written-down answers, a few pictures, and the command line as a function."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from neurolupa.cli import main

NETWORK = '''
import torch
from torch import nn

INPUT_SIZE, MEAN, STD = 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


class Net(nn.Module):
    """Unit 0 is the red channel, unit 1 always negative before its ReLU; the ReLU is called twice."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Linear(2, 2)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()
            self.conv.weight[0, 0] = 1.0
            self.conv.bias[1] = -1.0

    def forward(self, x):
        return self.fc(self.relu(self.relu(self.conv(x))).mean((2, 3)))


class Poisoned(Net):
    def forward(self, x):
        return super().forward(torch.where(x > 0.9, torch.nan, x))


class Many(Net):
    def forward(self, x):
        return super().forward(x), x


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.relu = nn.Embedding(10, 4), nn.ReLU()

    def forward(self, x):
        return self.relu(self.embed(x))


def broken():
    raise RuntimeError("out of luck")
'''
RED = {"bright": 255, "dark": 51}


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


def furnish(folder: Path) -> Path:
    """`net.py`, and `photos/` with two bright and two dark red pictures of 8 x 8 pixels."""
    (folder / "net.py").write_text(NETWORK)
    for name, red in RED.items():
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("RGB", (8, 8), (red, 0, 0)).save(folder / "photos" / name / f"{number}.png")
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The furnished folder, in which the command runs."""
    monkeypatch.chdir(furnish(tmp_path))
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("scan net.py:Net photos", "--out", "a folder")`: the first text is split at blanks."""
    monkeypatch.delenv("COLUMNS", raising=False)  # parallel test runners set it

    def command(line: str, *more: str) -> Outcome:
        words = [*line.split(), *more]
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)

        told = capsys.readouterr()
        return Outcome(int(left.value.code or 0), told.out, told.err)

    return command


@pytest.fixture(scope="session")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished folder with the finished atlas `atlas`; to be read only."""
    folder = furnish(tmp_path_factory.mktemp("cli"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(SystemExit, match="0"):
            main(["scan", "net.py:Net", "photos", "--sites", "kind:relu-calls,conv", "--out", "atlas"])
    return folder


@pytest.fixture
def atlas(shared_place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The finished atlas `atlas` in the folder in which the command runs."""
    monkeypatch.chdir(shared_place)
    return shared_place / "atlas"
