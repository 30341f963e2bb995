"""One whole pass: values, what convolutions were given, the output."""

import torch
from torch import nn
from torch.nn import functional as F

from neurolupa.capture import Site, record, trace, view


class Inplace(nn.Module):
    """The input of each convolution is written over as soon as it has run."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.weight = (
            nn.Conv2d(3, 4, 3),
            nn.BatchNorm2d(4),
            nn.Parameter(torch.randn(2, 4, 1, 1)),
        )

    def forward(self, x):
        y = F.relu(self.norm(self.conv(input=x)))
        x.zero_()
        z = F.conv2d(y, self.weight)
        y.zero_()
        return z.mean((2, 3))


def test_inputs_are_those_of_the_call_not_what_became_of_them(as_model, untouched):
    torch.manual_seed(0)
    model = as_model(Inplace())
    batch = torch.randn(2, 3, 8, 8)
    sites = trace(model).select("conv, /conv2d, /relu")
    with torch.no_grad():
        rectified = F.relu(model.module.norm(model.module.conv(batch)))
    with untouched(model):
        seen = view(model, batch.clone(), sites, [site for site in sites if site.kind == "conv"])
    torch.testing.assert_close(seen.inputs["conv:0"], batch)
    torch.testing.assert_close(seen.inputs["/conv2d:0"], rectified)
    torch.testing.assert_close(seen.values["/relu:0"], rectified)
    torch.testing.assert_close(seen.output, F.conv2d(rectified, model.module.weight).mean((2, 3)))


def test_values_are_those_of_record_and_the_output_that_of_the_network(as_model):
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(True), nn.Flatten(), nn.Linear(144, 2))
    model = as_model(nn.Sequential(*layers))
    batch = torch.randn(2, 3, 8, 8)
    seen = view(model, batch, trace(model).select("kind:all"))
    for name, value in record(model, batch, "kind:all").items():
        torch.testing.assert_close(seen.values[f"{name}:0"], value, rtol=0, atol=0)
    torch.testing.assert_close(seen.output, model.forward(batch), rtol=0, atol=0)


def test_a_site_knows_the_convolution_whose_units_it_shows(as_model):
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 1)
            self.norm, self.relu, self.head = nn.BatchNorm2d(4), nn.ReLU(), nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.relu(self.norm(self.conv(x)) + self.down(x)).mean((2, 3)))

    table = trace(as_model(Block()))
    sources = {site.name: table.convolution_of(site) for site in table}
    named = {name: source and source.name for name, source in sources.items()}
    assert named["conv"] == "conv"
    assert named["norm"] == "conv"
    assert named["relu"] == "conv"  # of the two that the sum joins, the one that sees more
    assert named["down"] == "down"
    assert named["head"] == "head"
    assert named["/add"] is None
    assert isinstance(sources["relu"], Site)
