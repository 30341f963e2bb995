"""`plan`: figures that agree with each other, on the command line and in Python."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.errors import UsageError
from neurolupa.images import load_images
from neurolupa.models import load_model
from neurolupa.scanning import plan
from neurolupa.scanning.trial import Trial
from tests.cli.conftest import Run


def images(count: int = 3) -> list[np.ndarray]:
    return [np.full((8, 8, 3), 40 * index, np.uint8) for index in range(count)]


def module() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())


@pytest.mark.parametrize("options", ["--limit 1", "--batch-size 1", "--batch-size 4"])
def test_the_whole_is_no_less_than_its_stages(place: Path, run: Run, options: str) -> None:
    found = json.loads(run(f"plan net.py:Net photos {options} --json").out)
    times = found["times"]
    assert times["image"] >= max(times["decode"], times["forward"] + times["measuring"])
    assert found["seconds"] >= times["image"] * found["images"]


def clocked(monkeypatch: pytest.MonkeyPatch, forward: list[float], whole: list[float]) -> list[str]:
    """Stages that take what is written down; gives the order in which they are asked for."""
    asked: list[str] = []

    def takes(name: str, seconds: list[float]):
        return lambda *_: (asked.append(name), seconds.pop(0))[1]

    monkeypatch.setattr(Trial, "_forward", takes("forward", forward))
    monkeypatch.setattr(Trial, "_measure", takes("whole", whole))
    return asked


def test_stages_are_compared_in_turns_by_their_shortest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = clocked(monkeypatch, [0.5, 0.2, 9.0], [99.0, 3.0, 8.0, 0.8])
    found = plan(load_model(module(), input_size=8), load_images(images(2)), "1", batch_size=2)
    assert asked == ["whole", *["forward", "whole"] * 3]
    assert found.times.forward == pytest.approx(0.1)
    assert found.times.measuring == pytest.approx(0.3)
    assert found.times.image >= 0.4
    assert "forward pass 100 ms, measuring 300 ms" in str(found)


def test_what_cannot_be_told_apart_is_not_given_as_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    clocked(monkeypatch, [0.2] * 3, [0.1] * 4)
    found = plan(load_model(module(), input_size=8), load_images(images(2)), "1", batch_size=2)
    assert "forward pass 100 ms, measuring too little to tell; together" in str(found)
    assert found._repr_html_() == f"<pre>{found}</pre>"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_networks_of_every_precision_are_planned(dtype: torch.dtype) -> None:
    model = load_model(module().to(dtype), input_size=8, device="cpu")
    assert plan(model, load_images(images()), "0,1", batch_size=2).units == 4


def test_a_module_or_a_name_will_do_for_a_model() -> None:
    assert plan(module(), load_images(images(1)), "1", batch_size=1).units == 2
    with pytest.raises(UsageError, match="nearest: resnet18"):
        plan("resnet81", load_images(images(1)))
    with pytest.raises(UsageError, match="not a int"):
        plan(3, load_images(images(1)))  # type: ignore[arg-type]
