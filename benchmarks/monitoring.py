"""What it costs to watch a training: steps that are measured beside steps that are not, in turn."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch.nn import functional as F

import neurolupa as nl
from benchmarks.arms import seconds
from benchmarks.results import Row
from benchmarks.scan import network

EVERY = 100


def overhead(name: str, model: nl.Model, batch: int, pairs: int, target: float) -> Iterator[Row]:
    """The additional time of a measured step, in per cent of a hundred others."""
    net, channels = model.module.train(), model.preprocessing.channels
    height, width = model.preprocessing.input_size
    pictures, labels = torch.randn(batch, channels, height, width), torch.arange(batch) % 10
    rule = torch.optim.SGD(net.parameters(), 1e-4)

    def learn() -> None:
        loss = F.cross_entropy(net(pictures), labels)
        rule.zero_grad()
        loss.backward()
        rule.step()
        watch.step(loss=float(loss.detach()))

    with tempfile.TemporaryDirectory() as folder, nl.monitor(net, Path(folder) / "log", every=2) as watch:
        first, warm = seconds(learn), seconds(learn)
        times = [(seconds(learn), seconds(learn)) for _ in range(pairs)]
    told = f"monitor, one step in {EVERY}, {name} at {height} px, batch {batch}: more time"
    more = tuple(100 * (measured / plain - 1) / EVERY for measured, plain in times)
    facts = {
        "a step ms": round(1e3 * min(plain for _, plain in times), 1),
        "a measured step ms": round(1e3 * min(measured for measured, _ in times), 1),
        "once, to find the sites and compile, ms": round(1e3 * (first - warm)),
    }
    yield Row(told, more, target, at_least=False, unit="%", facts=facts)


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "monitor": lambda: overhead("ResNet-18", network(32), 64, 12, 2.0),
    "monitor_embedded": lambda: overhead("the embedded network", nl.load_model("embedded"), 64, 40, 2.0),
}
