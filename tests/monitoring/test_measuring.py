"""The row of one site in one batch: against slow formulas, and on values that are no numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from tests.monitoring.nets import batches
from torch import nn

import neurolupa as nl
from neurolupa.capture import Site
from neurolupa.core.device_measurement import measure_on_device
from neurolupa.core.measurement import Measurement
from neurolupa.monitoring import measuring, open_log
from neurolupa.monitoring.measuring import effective_rank, row_of


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_rows_are_those_of_a_slow_measurement(layout, tmp_path):
    torch.manual_seed(3)
    net = nn.Sequential(nn.Conv2d(3, 7, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(7 * 36, 2))
    nn.init.constant_(net[0].bias[4:6], -100)
    batch = torch.cat(batches(9))[:70]  # in more than one part
    with nl.monitor(net, tmp_path / "log", every=1, sites=["0", "1", "3"]) as watch:
        net(batch.to(memory_format=layout))
        watch.step()
    record = nl.record(nl.load_model(net, input_size=8), batch, ["0", "1", "3"])
    rows = open_log(tmp_path / "log").samples[0]["sites"]
    assert [row["site"] for row in rows] == ["0", "1", "3"]
    for row in rows:
        values = record[row["site"]].double().numpy()
        expected = slow_row(values.reshape(*values.shape[:2], -1))
        assert row["silent"] == expected.pop("silent")
        if row["site"] != "1":
            expected["sparsity"] = np.nan
        found = [np.nan if row[name] is None else row[name] for name in expected]
        np.testing.assert_allclose(found, list(expected.values()), rtol=1e-5, atol=1e-7)
    assert {4, 5} <= set(rows[1]["silent"])


@pytest.mark.parametrize("broken", [False, True])
def test_an_accelerator_tells_the_same(broken, monkeypatch):
    value = torch.randn(40, 6, 5, 4, generator=torch.Generator().manual_seed(0)).relu()
    value[:, 2] = 0
    if broken:
        value[3, 4, 0, 1:3] = torch.tensor([float("nan"), float("inf")])
    site = Site("relu", shape=(6, 5, 4), rectified=True)
    here = row_of(site, value)
    monkeypatch.setattr(
        measuring, "measure", lambda part, **options: Measurement(**measure_on_device(part, **options))
    )
    there = row_of(site, value)
    real = ("sparsity", "effective_rank", "mean", "std")
    assert replace(there, **{name: getattr(here, name) for name in real}) == here
    for name in real:
        assert np.isclose(getattr(there, name), getattr(here, name), rtol=1e-5)
    assert here.not_finite == 2 * broken


def slow_row(values):
    """What a row says of (N, C, positions), from the formulas."""
    magnitude = np.abs(values).mean((0, 2))
    means = values.mean(2)
    sizes = np.sqrt(np.clip(np.linalg.eigvalsh(np.cov(means.T, bias=True)), 0, None) * len(means))
    shares = sizes[sizes > 1e-7 * sizes.sum()] / sizes.sum()
    return {
        "silent": [unit for unit in range(values.shape[1]) if (values[:, unit] <= 1e-6).all()],
        "dormant": sum(magnitude[unit] / magnitude.mean() <= 0.025 for unit in range(len(magnitude))),
        "sparsity": (values == 0).sum() / values.size,
        "effective_rank": np.exp(entropy(shares)),
        "rank_bound": min(len(values) - 1, values.shape[1]),
        "mean": values.mean(),
        "std": np.sqrt(((values - values.mean()) ** 2).mean()),
        "n": len(values),
        "not_finite": 0,
    }


def test_effective_rank_of_known_spectra():
    axes = np.vstack([np.eye(5), -np.eye(5)])
    assert np.isclose(effective_rank(axes), 5)
    assert np.isclose(effective_rank(np.outer([1.0, -1.0, 3.0], [1.0, 2.0])), 1)
    assert np.isclose(effective_rank(axes * [3, 1, 0, 0, 0]), np.exp(entropy([0.75, 0.25])))
    assert np.isnan(effective_rank(np.ones((4, 3))))
    assert np.isnan(effective_rank(np.empty((0, 3))))


@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 6))
def test_effective_rank_keeps_its_bounds_and_does_not_see_scale_shift_or_order(seed, pictures, units):
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(pictures, units))
    found = effective_rank(values)
    assert 1 - 1e-9 <= found <= min(pictures - 1, units) + 1e-9
    turned = np.linalg.qr(draw.normal(size=(units, units)))[0]
    moved = 3.5 * draw.permutation(values) @ turned + draw.normal(size=units)
    assert np.isclose(effective_rank(moved), found)


def test_values_that_are_no_numbers_are_counted_and_poison_nothing():
    value = torch.rand(5, 4, 2, 3) + 1
    value[:, 1] = 0
    clean = row_of(Site("relu", shape=(4, 2, 3), rectified=True), value)
    value = torch.cat([value, value[:1]])
    value[5] = float("nan")
    value[5, 2, 0] = float("inf")
    row = row_of(Site("relu", shape=(4, 2, 3), rectified=True), value)
    assert (row.n, row.not_finite) == (6, 24)
    assert replace(row, n=5, not_finite=0, mean=clean.mean, std=clean.std) == clean
    assert np.allclose((row.mean, row.std), (clean.mean, clean.std))
    lost = row_of(Site("relu", shape=(4, 2, 3), rectified=True), torch.full((2, 4, 2, 3), float("nan")))
    assert (lost.silent, lost.dormant, lost.rank_bound, lost.not_finite) == ((), 0, 0, 48)
    told = json.loads(json.dumps(lost.to_dict(), allow_nan=False))
    assert [told[name] for name in ("mean", "std", "sparsity", "effective_rank")] == [None] * 4
