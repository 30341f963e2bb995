"""A pass ends once the deepest asked site is there, whatever the network does about exceptions."""

import pytest
import torch
from tests.capture.watching import watch
from torch import nn

from neurolupa.capture import observe, trace


class Counting(nn.Module):
    """Counts its calls."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def forward(self, x):
        self.count += 1
        return x


def test_the_pass_stops_after_the_deepest_site(as_model):
    net = nn.Sequential(nn.Conv2d(3, 4, 1), Counting(), nn.ReLU(), Counting())
    model = as_model(net)
    table = trace(model)
    net[1].count = net[3].count = 0
    with observe(model, table.select("2, 0"), lambda site, value: None) as run:
        assert run(torch.zeros(1, 3, 8, 8)) is None
    assert (net[1].count, net[3].count) == (1, 0)


def test_a_site_inside_a_deeper_one_does_not_stop_it(as_model):
    """A container is there after its children, whatever the order of asking."""
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU()), Counting())
    assert list(watch(as_model(net), ["0", "0.0"], torch.zeros(1, 3, 8, 8))) == ["0.0:0", "0:0"]


class Swallowing(nn.Module):
    """Catches every Exception of its layers and goes on."""

    def __init__(self):
        super().__init__()
        self.first, self.after = nn.Conv2d(3, 4, 1), Counting()

    def forward(self, x):
        try:
            x = self.first(x)
        except Exception:
            x = x[:, :1]
        return self.after(x)


def test_a_network_that_catches_exceptions_does_not_swallow_the_stop(as_model):
    model = as_model(Swallowing())
    table = trace(model)
    model.module.after.count = 0
    with observe(model, table.select("first"), lambda site, value: None) as run:
        run(torch.zeros(1, 3, 8, 8))
    assert model.module.after.count == 0


@pytest.mark.parametrize("selection", ["first", "first, after"])
def test_a_network_that_catches_exceptions_does_not_swallow_a_callback_s(as_model, selection):
    model = as_model(Swallowing())

    def fail(site, value):
        raise ZeroDivisionError("in the callback")

    with (
        pytest.raises(ZeroDivisionError, match="in the callback"),
        observe(model, trace(model).select(selection), fail) as run,
    ):
        run(torch.zeros(1, 3, 8, 8))
