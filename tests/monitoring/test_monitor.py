"""A training watched: what is found, and that nothing is changed."""

import json

import numpy as np
import pytest
import torch
from tests.figures.test_every_figure import is_cut
from torch import nn
from torch.nn import functional as F

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import training
from neurolupa.locales import LANGUAGES
from neurolupa.monitoring import open_log
from neurolupa.monitoring.measuring import effective_rank, row_of


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


def test_a_watched_training_is_the_same_to_the_bit(tmp_path):
    (one, losses), (other, watched) = trained(), trained(tmp_path / "log", every=1, sites="kind:all")
    assert losses == watched
    for first, second in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(first, second)
    hooks = [
        value for part in other.modules() for name, value in vars(part).items() if "hooks" in name and value
    ]
    assert hooks == []
    assert torch._C._len_torch_function_stack() == 0


def test_rows_are_those_of_every_call_and_of_the_steps_asked_for(tmp_path):
    trained(tmp_path / "log", sites="kind:relu-calls")
    log = open_log(tmp_path / "log")
    assert log.steps == (0, 2, 4, 6, 8, 10)
    assert log.sites == ("relu:0", "relu", "/relu")
    frame = log.to_frame()
    assert (frame["n"] == 8).all()
    assert frame["loss"].notna().all()


def test_values_are_those_of_a_slow_measurement(tmp_path):
    torch.manual_seed(3)
    net = nn.Sequential(nn.Conv2d(3, 7, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(7 * 36, 2))
    batch = batches(1)[0]
    with nl.monitor(net, tmp_path / "log", every=1) as watch:
        net(batch)
        watch.step()
    values = net[0](batch).relu().detach().numpy().astype(float)
    row = open_log(tmp_path / "log").samples[0]["sites"][0]
    means = values.mean((2, 3)) - values.mean((2, 3)).mean(0)
    sizes = np.linalg.svd(means, compute_uv=False)
    shares = sizes[sizes > 1e-12 * sizes.sum()] / sizes.sum()
    assert row["silent"] == np.flatnonzero(values.max((0, 2, 3)) <= 1e-6).tolist()
    magnitude = np.abs(values).mean((0, 2, 3))
    assert row["dormant"] == (magnitude <= 0.025 * magnitude.mean()).sum()
    assert np.isclose(row["sparsity"], (values == 0).mean())
    assert np.isclose(row["mean"], values.mean(), atol=1e-6)
    assert np.isclose(row["std"], values.std(), atol=1e-6)
    assert np.isclose(row["effective_rank"], np.exp(-(shares * np.log(shares)).sum()), rtol=1e-4)
    assert row["rank_bound"] == 7


def test_effective_rank_of_known_spectra():
    assert np.isclose(effective_rank(torch.diag(torch.tensor([1.0, -1.0])).double()), 1)
    assert np.isnan(effective_rank(torch.ones(4, 3).double()))


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
    assert not net._forward_pre_hooks
    assert not net._forward_hooks


def test_a_pass_that_fails_leaves_no_hook(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1), pytest.raises(RuntimeError):
        net(torch.zeros(2, 4, 8, 8))
    hooks = [
        value for part in net.modules() for name, value in vars(part).items() if "hooks" in name and value
    ]
    assert hooks == []


def test_autocast_is_measured(tmp_path):
    net = Net()
    with nl.monitor(net, tmp_path / "log", every=1) as watch, torch.autocast("cpu", torch.bfloat16):
        net(batches(1)[0])
        watch.step()
    assert open_log(tmp_path / "log").samples[0]["sites"][0]["not_finite"] == 0


def test_values_that_are_no_numbers_are_counted_and_poison_nothing():
    from neurolupa.capture import Site

    value = torch.tensor([[[[float("nan"), 1.0]], [[float("inf"), 3.0]]]])
    row = row_of(Site("relu", shape=(2, 1, 2), rectified=True), value)
    assert (row.not_finite, row.mean) == (2, 2.0)
    json.dumps(row.to_dict(), allow_nan=False)


class TestLog:
    def test_a_torn_last_line_is_left_out_and_mended_on_resuming(self, tmp_path):
        trained(tmp_path / "log")
        rows = tmp_path / "log" / "rows.jsonl"
        rows.write_bytes(rows.read_bytes()[:-40])
        log = open_log(tmp_path / "log")
        assert log.torn
        assert log.steps == (0, 2, 4, 6, 8)
        trained(tmp_path / "log", steps=4, resume=True)
        again = open_log(tmp_path / "log")
        assert again.steps == (0, 2, 4, 6, 8, 10, 12)
        assert not again.torn

    def test_the_log_of_another_network_or_other_files_are_not_written_to(self, tmp_path):
        trained(tmp_path / "log")
        with pytest.raises(DataError, match="is the log of something else"):
            nl.monitor(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), tmp_path / "log", resume=True)
        with pytest.raises(DataError, match="holds files"):
            nl.monitor(Net(), tmp_path / "log")

    def test_damage_in_the_middle_is_told(self, tmp_path):
        trained(tmp_path / "log")
        rows = tmp_path / "log" / "rows.jsonl"
        rows.write_bytes(b"{" + rows.read_bytes())
        with pytest.raises(DataError, match="is damaged"):
            open_log(tmp_path / "log")

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_figure_is_not_cut(self, lang, tmp_path):
        trained(tmp_path / "log")
        figure = training(open_log(tmp_path / "log"), lang)
        assert not is_cut(figure)
        lines = figure.axes[0].get_lines()
        assert len(lines) == len(open_log(tmp_path / "log").sites)

    def test_nothing_measured_yet(self, tmp_path):
        nl.monitor(Net(), tmp_path / "log").close()
        with pytest.raises(DataError, match="nothing was measured yet"):
            training(open_log(tmp_path / "log"))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (nn.DataParallel(nn.Linear(2, 2)), "watch the network inside DataParallel"),
        ("net", "a network is watched, not a str"),
    ],
)
def test_what_cannot_be_watched(module, line, tmp_path):
    with pytest.raises(UsageError, match=line):
        nl.monitor(module, tmp_path / "log")


def test_batches_that_are_no_pictures_are_told_at_the_step(tmp_path):
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    with nl.monitor(net, tmp_path / "log") as watch:
        net(torch.zeros(4, 3))
        with pytest.raises(DataError, match=r"step 0 could not be measured: .* pictures \(N, C, H, W\)"):
            watch.step()
