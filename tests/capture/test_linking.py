"""From a convolution to its norm and its non-linearity."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from neurolupa.capture import trace
from neurolupa.errors import UsageError


@pytest.fixture(scope="module")
def resnet18(as_model):
    with torch.device("meta"):
        net = torchvision.models.resnet18(weights=None)
    return trace(as_model(net.to_empty(device="cpu"), 32))


@pytest.mark.parametrize(
    ("site", "point", "target", "kind"),
    [
        ("conv1", "conv", "conv1", "own"),
        ("conv1", "norm", "bn1", "own"),
        ("conv1", "relu", "relu", "own"),
        ("layer2.0.conv1", "relu", "layer2.0.relu:0", "own"),
        ("layer2.0.conv2", "norm", "layer2.0.bn2", "own"),
        ("layer2.0.conv2", "relu", "layer2.0.relu", "after_add"),
        ("layer2.0.downsample.0", "norm", "layer2.0.downsample.1", "own"),
        ("layer2.0.downsample.0", "relu", "layer2.0.relu", "after_add"),
        ("layer4.1.conv2", "relu", "layer4.1.relu", "after_add"),
        ("layer1.0.bn1", "norm", "layer1.0.bn1", "own"),
        ("layer1.0.bn1", "relu", "layer1.0.relu:0", "own"),
        ("layer1.0.relu:0", "relu", "layer1.0.relu:0", "own"),
        ("fc", "conv", "fc", "own"),
    ],
)
def test_resnet18(resnet18, site, point, target, kind):
    link = resnet18.resolve(site, point)
    assert (link.site.name, link.point, link.kind) == (target, point, kind)


@pytest.mark.parametrize(
    ("site", "point"), [("fc", "relu"), ("fc", "norm"), ("maxpool", "relu"), ("relu", "conv")]
)
def test_what_leads_nowhere(resnet18, site, point):
    link = resnet18.resolve(site, point)
    assert (link.site, link.kind) == (None, "none")


def test_link_of_a_site(resnet18):
    kinds = {
        name: resnet18.link_of(resnet18.find(name))
        for name in ("layer1.0.relu:0", "layer1.0.relu", "layer1.0")
    }
    assert kinds == {"layer1.0.relu:0": "own", "layer1.0.relu": "after_add", "layer1.0": None}
    assert resnet18.link_of(resnet18.find("layer1.0.conv2")) == "after_add"
    assert resnet18.link_of(resnet18.find("fc")) == "none"


def test_an_unknown_point_names_the_points(resnet18):
    with pytest.raises(UsageError, match="unknown capture point 'rely'; nearest: relu"):
        resnet18.resolve("conv1", "rely")


class Chain(nn.Module):
    """conv, norm, then whatever `tail` does with it."""

    def __init__(self, tail):
        super().__init__()
        self.conv, self.norm, self.act = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.other = nn.Conv2d(3, 4, 3, padding=1)
        self.drop, self.pool, self.same = nn.Dropout(), nn.MaxPool2d(2), nn.Identity()
        self.scale = nn.Parameter(torch.ones(4, 1, 1))
        self.tail = tail

    def forward(self, x):
        return self.tail(self, x)


TAILS = {
    "straight": (lambda n, x: n.act(n.norm(n.conv(x))), "own"),
    "functional": (lambda n, x: F.gelu(n.norm(n.conv(x))), "own"),
    "in place": (lambda n, x: n.norm(n.conv(x)).relu_(), "own"),
    "without norm": (lambda n, x: n.act(n.conv(x)), "own"),
    "shapes between": (lambda n, x: n.act(n.same(n.drop(n.conv(x))).permute(0, 2, 3, 1).contiguous()), "own"),
    "scaled": (lambda n, x: n.act(n.conv(x) * n.scale * 2 + 1), "own"),
    "pooled": (lambda n, x: n.act(n.pool(n.conv(x))), "own"),
    "sum": (lambda n, x: n.act(n.norm(n.conv(x)) + n.other(x)), "after_add"),
    "sum in place": (lambda n, x: n.act(n.norm(n.conv(x)).add_(n.other(x))), "after_add"),
    "two sums": (lambda n, x: n.act(n.other(x) + (n.conv(x) + x.mean(1, keepdim=True))), "after_add"),
    "positional bias": (lambda n, x: n.act(n.conv(x) + n.scale), "own"),
    "concatenated": (lambda n, x: n.act(torch.cat([n.conv(x), n.other(x)], 1)), "none"),
    "halved": (lambda n, x: n.act(n.conv(x).chunk(2, 1)[0]), "none"),
    "convolved again": (lambda n, x: n.act(n.other(n.conv(x)[:, :3])), "none"),
    "subtracted": (lambda n, x: n.act(n.conv(x) - n.other(x)), "none"),
    "linear only": (lambda n, x: n.norm(n.conv(x)), "none"),
}


@pytest.mark.parametrize("name", TAILS)
def test_kind_of_the_link(as_model, name):
    tail, kind = TAILS[name]
    table = trace(as_model(Chain(tail)))
    link = table.resolve("conv", "relu")
    assert link.kind == kind
    if kind != "none":
        assert link.site == table.select("kind:relu")[0]


def test_the_first_non_linearity_counts(as_model):
    """A sum that is carried on through later blocks does not change the links of the earlier ones."""

    class PreActivation(nn.Module):
        def __init__(self):
            super().__init__()
            self.convs = nn.ModuleList(nn.Conv2d(3, 3, 3, padding=1) for _ in range(3))
            self.norms = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(3))

        def forward(self, x):
            for conv, norm in zip(self.convs, self.norms, strict=True):
                x = x + conv(F.relu(norm(x)))
            return x

    table = trace(as_model(PreActivation()))
    assert table.resolve("norms.1", "relu").site.address == "/relu:1"
    assert (table.resolve("convs.0", "relu").site.address, table.resolve("convs.0", "relu").kind) == (
        "/relu:1",
        "after_add",
    )
    assert table.resolve("convs.0", "norm").site.name == "norms.1"
    assert table.resolve("convs.2", "relu").kind == "none"


def test_a_reused_layer_has_a_link_for_each_call(as_model):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.act, self.last = nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Tanh()

        def forward(self, x):
            return self.last(self.conv(self.act(self.conv(x))))

    table = trace(as_model(Twice()))
    assert table.resolve("conv:0", "relu").site.name == "act"
    assert table.resolve("conv:1", "relu").site.name == "last"
