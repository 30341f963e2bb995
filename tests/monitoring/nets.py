"""A small network and its training, watched or not."""

import torch
from torch import nn
from torch.nn import functional as F

import neurolupa as nl


class Net(nn.Module):
    """One in-place ReLU that is called twice, a functional one, batch norm and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.norm, self.two = nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.Conv2d(6, 5, 3)
        self.relu, self.drop, self.head = nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(5, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.norm(self.one(x)))
        x = self.relu(self.two(x))
        return self.head(self.drop(F.relu(x - 0.05).mean((2, 3))))


def batches(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(8, 3, 8, 8, generator=generator) for _ in range(count)]


def trained(out=None, steps=12, change=None, every=2, **options):
    """The weights and losses after a training, watched where `out` is given."""
    torch.manual_seed(0)
    net = Net()
    rule, losses = torch.optim.SGD(net.parameters(), 0.05), []
    watch = nl.monitor(net, out, every=every, **options) if out is not None else None
    for step, batch in enumerate(batches(steps)):
        if change is not None:
            change(step, net)
        loss = F.cross_entropy(net(batch), torch.arange(8) % 3)
        rule.zero_grad()
        loss.backward()
        rule.step()
        losses.append(float(loss.detach()))
        if watch is not None:
            watch.step(loss=losses[-1])
    if watch is not None:
        watch.close()
    return net, losses


def hooks_of(net):
    """Whatever hooks are on a network and its parts."""
    return [
        value for part in net.modules() for name, value in vars(part).items() if "hooks" in name and value
    ]
