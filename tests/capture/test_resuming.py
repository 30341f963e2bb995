"""Going on from a site without the run up to it, against the whole run."""

import pickle

import pytest
import torch
from tests.capture.test_ablation import OneOnly, Residual, Statement, build  # noqa: F401 (the fixture)
from torch import nn
from torch.nn import functional as F

from neurolupa.capture import ablated_outputs, trace, view
from neurolupa.errors import UsageError

GROUPS = [0, (1, 3), ()]


class Head(nn.Module):
    """A stem and a head; what happens between them is the tests'."""

    def __init__(self):
        super().__init__()
        self.stem, self.conv, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Linear(4, 5)
        self.register_buffer("shift", torch.tensor(0.25))


class Peaks(Head):
    """Two results of one call, a number and a shape read off tensors, a random draw, a buffer."""

    def forward(self, x):
        maps = self.stem(x)
        highest, places = F.max_pool2d(maps, 2, return_indices=True)
        share = float((maps > 0).float().mean())
        noise = torch.rand(1, generator=torch.Generator().manual_seed(3))
        inner = F.relu(self.conv(highest)) * share + self.shift
        spread = F.max_unpool2d(inner, places, 2, output_size=maps.shape[2:])
        return self.head((spread + noise + x[:, :1, 1:-1, 1:-1]).mean((2, 3)))


class Writing(Head):
    """Writes behind the site to what was made before it."""

    def forward(self, x):
        maps = self.stem(x)
        inner = self.conv(maps)
        maps += 1
        return self.head((inner + maps).mean((2, 3)))


class Halves(Head):
    """Both halves of one tensor are read behind the site: a change of one may show in the other."""

    def forward(self, x):
        first, second = self.stem(x).chunk(2, 1)
        inner = self.conv(torch.cat([first, first], 1))
        return self.head((inner + torch.cat([first, second], 1)).mean((2, 3)))


class Double(torch.autograd.Function):
    """A function of the network's own."""

    @staticmethod
    def forward(context, x):
        return 2 * x

    @staticmethod
    def backward(context, gradient):
        return 2 * gradient


class Own(Head):
    def forward(self, x):
        maps = Double.apply(self.stem(x))
        return self.head((self.conv(maps) + maps).mean((2, 3)))


class Away(Head):
    """What leaves torch and comes back: nobody sees what happens to it."""

    def forward(self, x):
        maps = torch.from_numpy(2 * self.stem(x).detach().numpy())
        return self.head((self.conv(maps) + maps).mean((2, 3)))


class Wandering(Head):
    """Every other run goes another way before the site."""

    runs = 0

    def forward(self, x):
        type(self).runs += 1
        maps = torch.abs(self.stem(x)) if self.runs % 2 else torch.sigmoid(self.stem(x))
        return self.head(self.conv(maps).mean((2, 3)))


class Counting(Head):
    """The same way each time, with another number: only the trial finds it out."""

    runs = 0

    def forward(self, x):
        type(self).runs += 1
        return self.head(self.conv(self.stem(x)).mean((2, 3)) + self.runs)


@pytest.fixture
def picture():
    return torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def prefix_of(model, batch, address):
    site = trace(model).find(address)
    return view(model, batch, [site], resumed=site).prefix


def poison(module):
    """What is computed from here on is NaN."""
    with torch.no_grad():
        module.weight.fill_(torch.nan)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        *((Residual, address) for address in ("stem:0", "conv1:0", "norm:0", "relu:0", "relu:1", "head:0")),
        *((Residual, address) for address in ("/add:0", "/cat:0")),
        *((Statement, address) for address in ("relu:0", "/relu:0")),
        *((Peaks, address) for address in ("stem", "conv", "/relu:0")),
        (OneOnly, "conv"),
        (Own, "conv"),
        (Writing, "conv"),
    ],
)
def test_going_on_is_the_whole_run(build, untouched, picture, kind, address):  # noqa: F811
    model = build(kind)
    with untouched(model):
        prefix = prefix_of(model, picture, address)
        found = ablated_outputs(model, picture, address, GROUPS, prefix=prefix)
        again = ablated_outputs(model, picture, address, GROUPS, prefix=prefix)
    assert prefix is not None
    whole = ablated_outputs(model, picture, address, GROUPS)
    torch.testing.assert_close(found, whole, rtol=1e-5, atol=1e-6)
    assert torch.equal(found, again)  # nothing that is kept was written over
    assert not torch.allclose(found[:2], found[2:])  # the units matter, so that the comparison can fail


def test_nothing_before_the_site_is_computed_again(build, picture):  # noqa: F811
    model = build(Residual)
    whole = ablated_outputs(model, picture, "relu:0", GROUPS)
    prefix = prefix_of(model, picture, "relu:0")
    poison(model.module.stem)
    poison(model.module.conv1)
    found = ablated_outputs(model, picture, "relu:0", GROUPS, prefix=prefix)
    torch.testing.assert_close(found, whole, rtol=1e-5, atol=1e-6)
    assert ablated_outputs(model, picture, "relu:0", GROUPS).isnan().all()


def test_only_what_the_rest_of_the_run_reads_is_kept(build, picture):  # noqa: F811
    model = build(Residual)
    prefix = prefix_of(model, picture, "norm:0")
    shapes = sorted(array.shape for array in prefix.kept.values())
    assert shapes == [(1, 4, 6, 6), (1, 4, 6, 6)]  # the site's value, and the shortcut
    assert len(prefix.calls) >= 3


def test_a_prefix_can_be_sent_elsewhere(build, picture):  # noqa: F811
    model = build(Residual)
    prefix = pickle.loads(pickle.dumps(prefix_of(model, picture, "relu:0")))
    found = ablated_outputs(model, picture, "relu:0", GROUPS, prefix=prefix)
    assert torch.equal(found, ablated_outputs(model, picture, "relu:0", GROUPS))


@pytest.mark.parametrize("kind", [Halves, Away])
def test_what_cannot_be_remembered_has_no_prefix(build, picture, kind):  # noqa: F811
    model = build(kind)
    assert prefix_of(model, picture, "conv") is None
    assert ablated_outputs(model, picture, "conv", [1], prefix=None).isfinite().all()


def test_a_network_that_goes_another_way_is_run_from_the_beginning(build, picture):  # noqa: F811
    model = build(Wandering)
    trace(model)
    Wandering.runs = 0
    prefix = prefix_of(model, picture, "conv")
    Wandering.runs = 1  # the trial is the second run, the whole run the third
    found = ablated_outputs(model, picture, "conv", [0], prefix=prefix)
    Wandering.runs = 0
    torch.testing.assert_close(found, ablated_outputs(model, picture, "conv", [0]))


def test_a_network_that_gives_something_else_is_run_from_the_beginning(build, picture):  # noqa: F811
    model = build(Counting)
    prefix = prefix_of(model, picture, "conv")
    poison(model.module.stem)
    assert ablated_outputs(model, picture, "conv", [0], prefix=prefix).isnan().all()


def test_a_prefix_belongs_to_its_picture_and_site(build, picture):  # noqa: F811
    model = build(Residual)
    prefix = prefix_of(model, picture, "relu:0")
    for batch, address in ((picture + 1, "relu:0"), (picture, "relu:1")):
        with pytest.raises(UsageError, match="another picture or site"):
            ablated_outputs(model, batch, address, [0], prefix=prefix)


def test_several_pictures_have_one_prefix(build, picture):  # noqa: F811
    model, pictures = build(Residual), torch.cat([picture, -picture])
    prefix = prefix_of(model, pictures, "relu:0")
    found = ablated_outputs(model, pictures, "relu:0", GROUPS, prefix=prefix)
    torch.testing.assert_close(found, ablated_outputs(model, pictures, "relu:0", GROUPS))
