"""What it costs to watch a training: the same loop with and without `monitor`, sampled every 100 steps."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import neurolupa as nl
from benchmarks.arms import seconds
from benchmarks.results import Row
from benchmarks.scan import network

EVERY = 100


def overhead(steps: int, size: int, batch: int, repeats: int, target: float) -> Iterator[Row]:
    """Time of a hundred watched steps over that of a hundred others, in per cent more, in turn."""
    net = network(size).module.train()
    pictures, labels = torch.randn(batch, 3, size, size), torch.arange(batch) % 10
    rule = torch.optim.SGD(net.parameters(), 1e-4)
    _loop(net, rule, pictures, labels, 3, None)
    more = []
    for _ in range(repeats):
        alone = seconds(lambda: _loop(net, rule, pictures, labels, steps, None))
        with (
            tempfile.TemporaryDirectory() as folder,
            nl.monitor(net, Path(folder) / "log", every=EVERY) as watch,
        ):
            watched = seconds(lambda: _loop(net, rule, pictures, labels, steps, watch))
        more.append(100 * (watched / alone - 1))
    facts = {"a step ms": round(1e3 * alone / steps, 1)}
    name = f"monitor, one step in {EVERY}, ResNet-18 at {size} px, batch {batch}: more time"
    yield Row(name, tuple(np.array(more).tolist()), target, at_least=False, unit="%", facts=facts)


def _loop(net: nn.Module, rule: torch.optim.Optimizer, pictures, labels, steps: int, watch) -> None:
    for _ in range(steps):
        loss = F.cross_entropy(net(pictures), labels)
        rule.zero_grad()
        loss.backward()
        rule.step()
        if watch is not None:
            watch.step(loss=float(loss.detach()))


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "monitor": lambda: overhead(100, 32, 16, 5, 2.0),
}
