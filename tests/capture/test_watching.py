"""A pass that somebody else runs, watched: what is measured, what is let by, and that nothing stays."""

import copy
import io
import threading

import numpy as np
import pytest
import torch
from tests.monitoring.nets import hooks_of
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from neurolupa.capture.watching import NextPass, sites_of_module
from neurolupa.errors import DataError, UsageError


class Reused(nn.Module):
    """An in-place ReLU that is called twice, and a functional one; the maps are known by heart."""

    def __init__(self, fails=None):
        super().__init__()
        self.conv, self.relu, self.fails = nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True), fails
        with torch.no_grad():
            self.conv.weight.copy_(torch.tensor([1.0, -1.0]).view(2, 1, 1, 1))
            self.conv.bias.zero_()

    def forward(self, x):
        x = self.relu(self.conv(x))
        if self.fails is not None:
            raise self.fails
        x = self.relu(x - 1)
        return F.relu(x - 1)


PICTURES = torch.tensor([-2.0, 0.5, 3.0]).view(3, 1, 1, 1)
WRITTEN = {
    "relu:0": [[0, 2], [0.5, 0], [3, 0]],
    "relu": [[0, 1], [0, 0], [2, 0]],
    "/relu": [[0, 0], [0, 0], [1, 0]],
}


def told(site, value):
    return site.name, value.squeeze().tolist()


def watching(net, selection="kind:relu-calls", measure=told):
    return NextPass(net, lambda batch: sites_of_module(net, batch).select(selection), measure)


def test_every_call_is_measured_before_the_next_writes_over_it():
    net = Reused()
    watched = watching(net)
    net(PICTURES)
    assert dict(watched.found) == WRITTEN
    assert [name for name, _ in watched.found] == list(WRITTEN)
    assert watched.done
    assert not hooks_of(net)


def test_convolutions_are_measured_before_what_is_in_place():
    net = Reused()
    watched = watching(net, "conv")
    net(PICTURES)
    assert watched.found == [("conv", [[-2, 2], [0.5, -0.5], [3, -3]])]


def test_only_the_first_pass_in_training_mode_with_gradients_is_taken():
    net = Reused()
    watched = watching(net)
    net.eval()(PICTURES + 1)
    net.train()
    with torch.no_grad():
        net(PICTURES + 2)
    assert not watched.done
    net(PICTURES)
    net(PICTURES + 3)
    assert dict(watched.found) == WRITTEN


def test_the_graph_and_the_gradients_are_those_of_a_pass_that_nobody_watches():
    plain, net = Reused(), Reused()
    watching(net)
    for each in (plain, net):
        each(PICTURES).sum().backward()
    assert torch.equal(plain.conv.weight.grad, net.conv.weight.grad)
    assert net.conv._parameters["weight"]._version == plain.conv._parameters["weight"]._version


@pytest.mark.filterwarnings("ignore:None of the inputs")
@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpointed_part_is_measured_once_and_its_gradients_stay(reentrant):
    class Saving(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.one, self.part = nn.Conv2d(1, 2, 1), nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU())

        def forward(self, x):
            return checkpoint(self.part, self.one(x), use_reentrant=reentrant)

    plain, net = Saving(), Saving()
    watched = watching(net, "kind:all")
    for each in (plain, net):
        each(PICTURES).sum().backward()
    assert [name for name, _ in watched.found] == ["one", "part.0", "part.1", "part"]
    for one, other in zip(plain.parameters(), net.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_a_pass_that_fails_keeps_its_own_error_and_the_next_is_taken():
    net = Reused(fails=ZeroDivisionError("mine"))
    watched = watching(net)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="mine"):
            net(PICTURES)
        assert not watched.done
        assert not net.relu._forward_hooks
        assert torch._C._len_torch_function_stack() == 0
    net.fails = None
    net(PICTURES)
    assert dict(watched.found) == WRITTEN


def test_a_pass_that_is_cut_off_is_forgotten_by_the_next():
    net = Reused()
    sites = sites_of_module(net, PICTURES).select("kind:relu-calls")
    watched = NextPass(net, lambda batch: sites, told)
    net.fails = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        net(PICTURES)
    net.fails = None
    net(PICTURES)
    assert dict(watched.found) == WRITTEN
    assert not hooks_of(net)
    assert torch._C._len_torch_function_stack() == 0


def test_a_fault_of_measuring_does_not_end_the_pass_but_ctrl_c_does():
    def broken(site, value):
        raise fault

    net, fault = Reused(), ValueError("no")
    watched = watching(net, measure=broken)
    assert net(PICTURES).shape == (3, 2, 1, 1)
    assert watched.fault is fault
    fault = KeyboardInterrupt()
    watching(net, measure=broken)
    with pytest.raises(KeyboardInterrupt):
        net(PICTURES)
    assert not hooks_of(net)


@pytest.mark.parametrize(
    ("net", "batch", "fault"),
    [
        (Reused(), PICTURES, UsageError("unknown site 'nothing'; nearest: none")),
        (nn.Sequential(nn.Linear(3, 2), nn.ReLU()), torch.ones(4, 3), DataError("pictures")),
    ],
)
def test_a_pass_that_cannot_be_measured_goes_on_and_tells_why(net, batch, fault):
    watched = watching(net, "nothing")
    net(batch)
    assert isinstance(watched.fault, type(fault))
    assert not hooks_of(net)


def test_a_pass_in_another_thread_is_measured_there_and_a_second_one_meanwhile_let_by():
    net, other = Reused(), []

    def meanwhile(site, value):
        if not other:
            other.append(threading.Thread(target=net, args=(PICTURES + 5,)))
            other[0].start()
            other[0].join()
        return told(site, value)

    watched = watching(net, measure=meanwhile)
    thread = threading.Thread(target=net, args=(PICTURES,))
    thread.start()
    thread.join()
    assert dict(watched.found) == WRITTEN
    assert not hooks_of(net)


def test_copies_of_a_watched_network_are_free_and_it_can_be_written():
    net = Reused()
    watched = watching(net)
    twin = copy.deepcopy(net)
    twin(PICTURES)
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    torch.load(file, weights_only=False)(PICTURES)
    assert not watched.done
    net(PICTURES)
    assert dict(watched.found) == WRITTEN


def test_copies_that_share_the_hooks_are_told():
    net = Reused()
    watched = watching(net)
    copy.copy(net)(PICTURES)  # as DataParallel makes them
    assert "copies of it run" in str(watched.fault)
    assert not hooks_of(net)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_network_that_is_compiled_later_is_told():
    net = Reused()
    watched = watching(net)
    torch.compile(net, backend="eager")(PICTURES)
    assert "torch.compile" in str(watched.fault)
    watched.close()
    assert not hooks_of(net)


def test_random_numbers_and_modes_stay():
    net = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.ReLU(), nn.Dropout(0.5))
    net[1].eval()
    torch.manual_seed(1)
    watched = watching(net, "kind:relu")
    net(PICTURES)
    after = torch.get_rng_state()
    torch.manual_seed(1)
    F.dropout(torch.zeros(3, 2, 1, 1))
    assert np.array_equal(after, torch.get_rng_state())
    assert watched.done
    assert [part.training for part in net] == [True, False, True, True]


def test_pictures_are_found_among_named_arguments():
    class Named(Reused):
        def forward(self, pictures, scale=1.0):
            return super().forward(pictures * scale)

    net = Named()
    watched = watching(net)
    net(pictures=PICTURES, scale=torch.tensor(1.0))
    assert dict(watched.found) == WRITTEN


def test_closing_ends_the_wait():
    net = Reused()
    watched = watching(net)
    watched.close()
    assert not hooks_of(net)
    net(PICTURES)
    assert not watched.done
