"""`neurolupa show` on a training log."""

import json

import pytest
import torch
from torch import nn

import neurolupa as nl
from tests.cli.conftest import Run


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    nn.init.constant_(net[0].bias, 5)
    with nl.monitor(net, tmp_path / "log", every=1) as watch:
        for step in range(6):
            if step == 2:
                nn.init.constant_(net[0].bias, -100)
            net(torch.rand(4, 3, 8, 8))
            watch.step(loss=1.0)


def test_the_last_step_and_what_died(log, run: Run) -> None:
    found = run("show log")
    assert found.code == 0, found.err
    assert "Training log of Sequential: 6 measured steps, the last is step 5." in found.out
    assert "step 4, 1: 4 died: 0, 1, 2, 3" in found.out
    assert "loss 1" in found.out


def test_json_and_bad_questions(log, run: Run) -> None:
    told = json.loads(run("show log --json --site 1").out)
    assert [row["step"] for row in told["rows"]] == list(range(6))
    assert told["changes"] == [{"step": 4, "site": "1", "change": "died", "units": [0, 1, 2, 3]}]
    wrong = run("show log --site 2")
    assert (wrong.code, "unknown site '2'" in wrong.err) == (2, True)
    other = run("show log units")
    assert (other.code, "a training log has a summary and no units" in other.err) == (2, True)
