"""A training watched: what is found, and that nothing is changed."""

import pytest
import torch
from tests.monitoring.nets import Net, batches, hooks_of, trained
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError
from neurolupa.monitoring import open_log


def test_a_watched_training_is_the_same_to_the_bit(tmp_path):
    (one, losses), (other, watched) = trained(), trained(tmp_path / "log", every=1, sites="kind:all")
    assert losses == watched
    for first, second in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(first, second)
    assert not hooks_of(other)
    assert torch._C._len_torch_function_stack() == 0


def test_nothing_is_attached_from_one_measured_pass_to_the_next(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=3) as watch:
        waiting = []
        for batch in batches(6):
            waiting.append(bool(hooks_of(net)))
            net(batch)
            assert not hooks_of(net)
            watch.step()
    assert waiting == [True, False, False, True, False, False]


def test_a_pass_that_failed_and_was_skipped_leaves_no_row_of_its_own(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1, example=batches(1)[0]) as watch:
        with pytest.raises(RuntimeError):
            net(torch.zeros(2, 3, 2, 2))
        net(batches(1)[0])
        watch.step()
    assert [row["n"] for row in open_log(tmp_path / "log").samples[0]["sites"]] == [8, 8]


def test_rows_are_those_of_every_call_and_of_the_steps_asked_for(tmp_path):
    trained(tmp_path / "log", sites="kind:relu-calls")
    log = open_log(tmp_path / "log")
    assert log.steps == (0, 2, 4, 6, 8, 10)
    assert log.sites == ("relu:0", "relu", "/relu")
    frame = log.to_frame()
    assert (frame["n"] == 8).all()
    assert frame["loss"].notna().all()


def test_a_layer_killed_on_purpose_is_found_at_its_step_and_site_and_its_return_too(tmp_path):
    kept = {}

    def change(step, net):
        with torch.no_grad():
            if step == 6:
                kept["bias"] = net.two.bias.clone()
                net.two.bias.fill_(-100)
            if step == 16:
                net.two.bias.copy_(kept["bias"])

    trained(tmp_path / "log", 24, change, sites="kind:relu-calls")
    log = open_log(tmp_path / "log")
    frame = log.to_frame().pivot(index="step", columns="site", values="silent")
    assert (frame.loc[6:14, "relu"] == 5).all()
    assert (frame.loc[:4, "relu"] < 5).all()
    died = [change for change in log.changes() if change[1:3] == ("relu", "died")]
    assert died[-1][0] == 10
    assert [change[0] for change in log.changes() if change[1:3] == ("relu", "revived")][-1] == 16
    assert not [change for change in log.changes() if change[1] == "relu:0" and len(change[3]) == 6]


def test_passes_for_validation_and_of_several_to_a_step_are_let_by(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1) as watch:
        net.eval()
        net(batches(1)[0])
        net.train()
        net(batches(1)[0])
        net(torch.zeros(3, 3, 8, 8))
        watch.step()
        with pytest.warns(UserWarning, match="nothing was measured from step 1 to step 2"):
            watch.step()
    log = open_log(tmp_path / "log")
    assert log.steps == (0,)
    assert log.samples[0]["sites"][0]["n"] == 8


def test_a_training_that_fails_leaves_no_hook_and_a_readable_log(tmp_path):
    net = Net()

    def loop():
        with nl.monitor(net, tmp_path / "log", every=1) as watch:
            net(batches(1)[0])
            watch.step()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop()
    assert open_log(tmp_path / "log").steps == (0,)
    assert not hooks_of(net)


def test_a_pass_that_fails_leaves_no_hook(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1), pytest.raises(RuntimeError):
        net(torch.zeros(2, 4, 8, 8))
    assert not hooks_of(net)


def test_autocast_is_measured(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1) as watch, torch.autocast("cpu", torch.bfloat16):
        net(batches(1)[0])
        watch.step()
    assert open_log(tmp_path / "log").samples[0]["sites"][0]["not_finite"] == 0


def test_batches_that_are_no_pictures_are_told_at_the_step(tmp_path):
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    with nl.monitor(net, tmp_path / "log") as watch:
        net(torch.zeros(4, 3))
        with pytest.raises(DataError, match=r"step 0 could not be measured: .* pictures \(N, C, H, W\)"):
            watch.step()
