"""The whole run: alone as in a batch, planted answers, faults, and the model left as found."""

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.errors import DataError, UsageError
from neurolupa.synthesis import L2, METHODS, Diversity, Logit, Recipe, Synthesis, Unit, synthesize
from neurolupa.synthesis.transforms import Crop, Noise

SHORT = {"fourier": 6, "pixel": 6, "maco": 3}
CROPPED = METHODS["maco"].altered(
    steps=3, enlarged=2.0, views=8, kept="last", transforms=(Crop(0.5, last=0.05), Noise(0.08))
)
PIXELS = Recipe("pixel", steps=150, rate=0.1, redirected=0)


@pytest.fixture
def made(plain_prior):
    def build(model, *args, **choices):
        return synthesize(model, *args, **{"prior": plain_prior, **choices})

    return build


@pytest.mark.parametrize("method", METHODS.names())
def test_a_batch_gives_what_each_gives_alone(linear, made, untouched, method):
    linear.module.double()
    with untouched(linear):
        batch = made(linear, "3", [0, 3, 5], method, steps=SHORT[method])
        alone = [made(linear, "3", unit, method, steps=SHORT[method]) for unit in (0, 3, 5)]
    for index, one in enumerate(alone):
        np.testing.assert_allclose(batch.images[index], one.images[0], atol=1e-6)
        assert batch.activations[index] == pytest.approx(one.activations[0], rel=1e-6)
    again = made(linear, "3", [0, 3, 5], method, steps=SHORT[method])
    assert again.images.tobytes() == batch.images.tobytes()
    other = made(linear, "3", [0, 3, 5], method, steps=SHORT[method], seed=1)
    assert np.abs(other.images - batch.images).max() > 1e-3


def test_a_batch_of_crops_gives_what_each_gives_alone(linear, made, untouched):
    linear.module.double()
    with untouched(linear):
        batch = made(linear, "3", [0, 3], recipe=CROPPED)
        alone = [made(linear, "3", unit, recipe=CROPPED) for unit in (0, 3)]
    assert batch.images.shape == (2, 3, 32, 32)
    for index, one in enumerate(alone):
        np.testing.assert_allclose(batch.images[index], one.images[0], atol=1e-6)
        assert batch.activations[index] == pytest.approx(one.activations[0], rel=1e-6)


def test_blocks_of_a_batch_change_nothing(linear, made):
    linear.module.double()
    whole = made(linear, "3", range(5), steps=4)
    done = []
    parts = made(linear, "3", range(5), steps=4, batch=2, report=lambda *step: done.append(step))
    np.testing.assert_allclose(whole.images, parts.images, atol=1e-6)
    assert done == [(step, 12) for step in range(1, 13)]


def test_the_optimum_of_a_linear_unit_is_its_kernel(linear, made):
    """max w.x - c |x - 1/2|^2 has x - 1/2 along w."""
    found = made(
        linear,
        objectives=[Unit("0", unit, (0, 0)) - 60 * L2() for unit in range(4)],
        recipe=PIXELS,
        size=5,
    )
    kernels = linear.module[0].weight.detach().numpy()
    for image, kernel in zip(found.images, kernels, strict=True):
        assert np.corrcoef(image.ravel(), kernel.ravel())[0, 1] > 0.99


def test_a_minus_b_is_a_minus_b(linear, made):
    both = made(linear, objectives=[Unit("2", 0) - Unit("2", 1)], steps=40)
    from neurolupa.capture import record

    maps = record(linear, torch.from_numpy(both.images), "2")["2"].mean((2, 3))[0]
    assert float(maps[0] - maps[1]) == pytest.approx(both.activations[0], rel=1e-4)
    single = made(linear, "2", 0, steps=40)
    apart = record(linear, torch.from_numpy(single.images), "2")["2"].mean((2, 3))[0]
    assert float(maps[0] - maps[1]) > float(apart[0] - apart[1])


class Detectors(nn.Module):
    """Units that want red, green, blue, vertical bars, horizontal bars; unit 5 never gets above zero."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 5, padding=2, bias=True)
        bars = torch.cos(torch.arange(5) * 2 * np.pi / 4)
        bars = (bars - bars.mean()).expand(3, 5, 5) / 10
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.bias.zero_()
            for channel in range(3):
                self.conv.weight[channel] = -0.5 / 25
                self.conv.weight[channel, channel] = 1 / 25
            self.conv.weight[3], self.conv.weight[4] = bars, bars.transpose(1, 2)
            self.conv.weight[5], self.conv.bias[5] = 1 / 75, -9.0
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv(x))


@pytest.mark.parametrize("method", ["fourier", "pixel"])
def test_planted_colours_and_orientations_are_found(as_model, made, method):
    model = as_model(Detectors(), size=24)
    found = made(model, "relu", range(6), method, steps=60)
    colours = found.images.mean((2, 3))
    for channel in range(3):
        assert colours[channel].argmax() == channel
        assert colours[channel, channel] > 0.1 + np.delete(colours[channel], channel).max()
    across, down = (np.abs(np.diff(found.images[3:5], axis=axis)).mean((1, 2, 3)) for axis in (3, 2))
    assert across[0] > 1.5 * down[0]
    assert down[1] > 1.5 * across[1]
    assert found.states[:5] == ("GOOD",) * 5
    assert found.states[5] in ("NOT_ACTIVATED", "BLANK")
    assert found.quality[0].rank == 1


def test_redirected_rectifiers_wake_a_silent_unit(as_model, made):
    conv = nn.Conv2d(3, 1, 1)
    nn.init.constant_(conv.weight, 1.0)
    nn.init.constant_(conv.bias, -2.0)  # grey pictures give -0.5
    model = as_model(nn.Sequential(conv, nn.ReLU(inplace=True)), size=8)
    asleep = made(model, "1", 0, "pixel", recipe=METHODS["pixel"].altered(steps=30, redirected=0))
    awake = made(model, "1", 0, "pixel", steps=30)
    assert asleep.activations[0] == 0
    assert awake.activations[0] > 0.3


class Breaking(nn.Module):
    """Some of its runs give NaN for the second unit of the second picture."""

    def __init__(self, breaks):
        super().__init__()
        self.conv, self.out, self.breaks, self.runs = nn.Conv2d(3, 2, 1), nn.Softplus(), breaks, 0

    def forward(self, x):
        self.runs += 1
        out = self.conv(x)
        if self.runs in self.breaks:
            out = out.clone()
            out[1:, 1] = torch.nan
        return self.out(out)


@pytest.mark.parametrize(("breaks", "state"), [((9,), "RESTARTED"), ((9, 10), "FAILED")])
def test_a_sample_that_breaks_is_restarted_once_and_the_other_does_not_notice(as_model, made, breaks, state):
    torch.manual_seed(0)
    module = Breaking(breaks)
    model = as_model(module, size=8)
    from neurolupa.capture import trace

    trace(model)
    module.runs = 0
    found = made(model, "out", [0, 1], size=8, recipe=Recipe(steps=20, looks=2, rate=1.0), batch=2)
    calls = module.runs
    assert calls > max(breaks)
    assert found.states[1] == state
    assert found.states[0] == "GOOD"
    assert np.isfinite(found.images).all()
    module.breaks = ()
    whole = made(model, "out", [0, 1], size=8, recipe=Recipe(steps=20, looks=2, rate=1.0), batch=2)
    np.testing.assert_array_equal(found.images[0], whole.images[0])


def test_of_the_looks_the_best_is_kept_or_the_last(linear, made):
    away = Recipe("pixel", steps=8, looks=8, rate=3.0)
    best, last = (made(linear, "3", 0, recipe=away.altered(kept=kept)) for kept in ("best", "last"))
    assert best.curves.tolist() == last.curves.tolist()
    assert best.activations[0] == best.curves[0].max()
    assert last.activations[0] == last.curves[0, -1]


def test_phases_climb_and_come_to_rest(linear, made):
    """A rate that does not fall throws phases about to the end, and what is reached with them."""
    found = made(linear, "3", range(4), "maco", steps=64)
    gained = found.curves[:, -1] - found.curves[:, 0]
    assert (gained > 0).all()
    assert (np.abs(found.curves[:, -1] - found.curves[:, -2]) < 0.02 * gained).all()


def test_bfloat16_climbs_and_is_measured_in_full(linear, made, untouched):
    with untouched(linear):
        usual, short = (made(linear, "3", [0, 4], steps=32, precision=one) for one in ("model", "bf16"))
    assert short.images.dtype == usual.images.dtype
    np.testing.assert_allclose(short.activations, usual.activations, rtol=0.05)
    assert np.abs(short.images - usual.images).max() > 0
    measured = made(linear, "3", [0, 4], steps=1).curves[:, 0]
    np.testing.assert_array_equal(short.curves[:, 0], measured)


def test_ctrl_c_gives_what_is_there(linear, made, untouched):
    def stop(done, of):
        if done == 3:
            raise KeyboardInterrupt

    with untouched(linear):
        found = made(linear, "3", range(4), steps=50, batch=2, report=stop)
    assert found.interrupted
    assert len(found) == 2
    assert found.steps[-1] == 3
    assert (found.activations >= found.curves[:, 0]).all()


def test_copies_differ_and_diversity_drives_them_apart(linear, made):
    together = made(linear, "3", [0, 1], copies=3, steps=20)
    apart = made(linear, "3", [0, 1], copies=3, steps=20, diversity=50.0)
    assert together.copies == (0, 1, 2, 0, 1, 2)
    assert np.abs(together.images[0] - together.images[1]).max() > 1e-3
    likeness = [np.mean([one.stability for one in made_.quality]) for made_ in (together, apart)]
    assert likeness[0] > likeness[1]
    assert str(apart.targets[0]) == "3:0#0"


def test_logits_and_sizes(linear, made):
    found = made(linear, objectives=[Logit(0), Logit(2)], steps=20)
    logits = linear.forward(torch.from_numpy(found.images))
    assert logits[0, 0] > logits[1, 0]
    assert logits[1, 2] > logits[0, 2]
    np.testing.assert_allclose(found.activations, [logits[0, 0], logits[1, 2]], rtol=1e-4)
    assert found.source.site is None
    assert found.units == (-1, -1)
    assert made(linear, "0", 0, steps=2, size=(9, 13)).images.shape == (1, 3, 9, 13)


def test_it_comes_back_from_disk(linear, made, tmp_path):
    found = made(linear, "3", [0, 1], steps=3)
    found.save(tmp_path / "x")
    again = Synthesis.load(tmp_path / "x")
    assert again.images.tobytes() == found.images.tobytes()
    assert again.to_frame().equals(found.to_frame())
    assert again.source.to_dict() == found.source.to_dict()
    (tmp_path / "x" / "synthesis.json").write_text("{}")
    with pytest.raises(DataError, match="damaged"):
        Synthesis.load(tmp_path / "x")
    with pytest.raises(DataError, match="no synthesis in"):
        Synthesis.load(tmp_path)


class Cut(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 2, 3), nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv(x).detach())


def test_what_cannot_be_is_said(linear, made, as_model):
    with pytest.raises(DataError, match="no gradient comes back from relu:0"):
        made(as_model(Cut()), "relu", 0, steps=2)
    with pytest.raises(UsageError, match="units are 0 to 5"):
        made(linear, "3", 6)
    with pytest.raises(UsageError, match="the smallest that works is 7"):
        made(linear, "2", 0, size=6)
    with pytest.raises(UsageError, match="one of the two"):
        made(linear, "3", 0, objectives=[Unit("3", 0)])
    with pytest.raises(UsageError, match="nothing to drive"):
        made(linear, objectives=[])
    with pytest.raises(UsageError, match="unknown method 'furier'; nearest: fourier"):
        made(linear, "3", 0, "furier")
    with pytest.raises(UsageError, match="steps must be at least 1"):
        made(linear, "3", 0, steps=0)
    with pytest.raises(UsageError, match="at most 1024"):
        made(linear, "3", 0, size=5000)
    with pytest.raises(UsageError, match="not a str"):
        made(linear, objectives=["3"])
    with pytest.raises(UsageError, match="seed must be at least 0, not -1"):
        made(linear, "3", 0, seed=-1)
    with pytest.raises(UsageError, match="unknown precision 'bf1'; nearest: bf16"):
        made(linear, "3", 0, precision="bf1")
    with pytest.raises(UsageError, match="momenta lie between 0 and 1"):
        Recipe(momenta=(1.0, 0.9))
    assert Diversity("3").sites == ("3",)
