"""Thresholds and levels against NumPy, whatever the blocks."""

import numpy as np
import pytest
import torch

from neurolupa.probing.dissection.thresholds import SAMPLED, SHARES, Extent, nothing_seen


def tails(maps, quantile, size):
    pictures, units, height, width = maps.shape
    found = nothing_seen(units, Extent(pictures, height * width), quantile)
    for start in range(0, pictures, size):
        found = found.seen(maps[start : start + size], start)
    return found


@pytest.mark.parametrize("quantile", [0.995, 0.9, 0.5, 0.123])
@pytest.mark.parametrize("size", [1, 7, 50])
def test_thresholds_are_numpy_quantiles_and_not_more_is_above(quantile, size):
    maps = torch.randn(50, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    maps[:, 1] = maps[:, 1].relu()  # half of it is zero
    maps[:, 2] = maps[:, 2].round()  # many are alike
    found = tails(maps, quantile, size).thresholds()
    values = maps.numpy().transpose(1, 0, 2, 3).reshape(3, -1)
    np.testing.assert_array_equal(found, np.quantile(values, quantile, axis=1, method="inverted_cdf"))
    assert ((values > found[:, None]).mean(1) <= 1 - quantile + 1e-9).all()


def test_levels_are_quantiles_of_everything_where_it_fits():
    maps = torch.randn(30, 2, 6, 6, generator=torch.Generator().manual_seed(1))
    values = maps.numpy().transpose(1, 0, 2, 3).reshape(2, -1)
    expected = np.quantile(values, 1 - SHARES, axis=1, method="inverted_cdf").T
    for size in (4, 30):
        np.testing.assert_array_equal(tails(maps, 0.99, size).levels(), expected)


def test_the_sample_is_bounded_and_meets_every_position():
    maps = torch.arange(16.0).reshape(1, 1, 4, 4).expand(5000, 1, 4, 4)
    extent = Extent(5000, 16)
    found = tails(maps, 0.995, 512)
    sampled = torch.cat(found.sample, 1)
    assert sampled.numel() <= SAMPLED * 5 // 4
    counts = np.bincount(sampled.numpy().astype(int).ravel(), minlength=16)
    assert counts.min() > 0
    assert counts.max() - counts.min() <= 1
    assert extent.step == 5


def test_values_are_not_changed():
    maps = torch.rand(4, 2, 3, 3)
    before = maps.clone()
    tails(maps, 0.9, 2)
    assert torch.equal(maps, before)
