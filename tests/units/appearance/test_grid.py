"""Cells of a map over a picture: areas, against scikit-image and windows counted by hand."""

import numpy as np
import pytest
import torch
from skimage.transform import downscale_local_mean
from torch import nn

from neurolupa.capture import trace
from neurolupa.units.appearance.grid import Grid

from .networks import as_model


def grid_of(*layers, side=16):
    model = as_model(nn.Sequential(*layers), side)
    return Grid.of(trace(model).find(str(len(layers) - 1)), (side, side))


@pytest.fixture
def picture():
    return np.random.default_rng(0).random((1, 16, 16))


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_cells_of_a_pooling_are_its_windows(picture, size):
    grid = grid_of(nn.Conv2d(3, 2, 1), nn.AvgPool2d(size))
    assert grid.by_field
    np.testing.assert_allclose(grid.means(picture)[0], downscale_local_mean(picture[0], (size, size)))


def test_a_convolution_without_padding_looks_at_its_own_centres(picture):
    np.testing.assert_allclose(grid_of(nn.Conv2d(3, 2, 5)).means(picture), picture[:, 2:-2, 2:-2])


def test_strides_and_padding_shift_the_cells_by_half_a_pixel(picture):
    """3 x 3, stride 2, padding 1: position i is centred on pixel 2 i, with half of each neighbour."""
    found = grid_of(nn.Conv2d(3, 2, 3, stride=2, padding=1)).rows
    assert found[3, 5:8] == pytest.approx([0.25, 0.5, 0.25])
    assert found[0, :2] == pytest.approx([2 / 3, 1 / 3])  # cut off at the border
    np.testing.assert_allclose(found.sum(1), 1)


def test_the_cells_are_where_an_impulse_is_answered_most():
    """A stack of strided layers with all weights one: the answers to each pixel peak in its own cell."""
    layers = [nn.Conv2d(3, 1, 3, stride=2, padding=1, bias=False) for _ in range(2)]
    layers[1] = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)
    for layer in layers:
        nn.init.ones_(layer.weight)
    grid, network = grid_of(*layers), nn.Sequential(*layers)
    rows = torch.zeros(16, 3, 16, 16)
    rows[torch.arange(16), :, torch.arange(16), 8] = 1
    answers = network(rows).detach().numpy()[:, 0, :, 2].T
    centres = (answers @ np.arange(16)) / answers.sum(1)
    np.testing.assert_allclose((grid.rows @ np.arange(16))[1:], centres[1:], atol=0.01)


@pytest.mark.parametrize("size", [3, 5])
def test_where_no_regular_grid_is_known_the_picture_is_cut_into_equal_parts(picture, size):
    from neurolupa.capture import Site

    grid = Grid.of(Site("x", shape=(1, size, size)), (15, 15))
    assert not grid.by_field
    expected = downscale_local_mean(picture[0, :15, :15], (15 // size,) * 2)
    np.testing.assert_allclose(grid.means(picture[:, :15, :15])[0], expected)


def test_a_gate_that_sees_everything_leaves_equal_parts():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.gate = nn.Conv2d(3, 3, 1), nn.Sigmoid()

        def forward(self, x):
            x = self.conv(x)
            return torch.relu(x * self.gate(x.mean((2, 3), keepdim=True)))

    model = as_model(Gated(), 16)
    grid = Grid.of(trace(model).find("/relu"), (16, 16))
    np.testing.assert_allclose(grid.rows, np.eye(16))
