"""One pass for each kind of pictures, as far as the site, and the network left as found."""

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.capture import Site, trace
from neurolupa.images import load_images
from neurolupa.units.tuning_curves import tuning
from neurolupa.units.tuning_curves.showing import answers, central, windowed

FEW = {
    "gratings": "gratings?size=32&orientations=4&frequencies=2&phases=2",
    "hues": "hues?size=32&hues=6&saturation=1&value=1",
    "stimuli": "stimuli?size=32&count=72&design=crossed&cross=shape,position&texture=solid",
}
PICTURES = 16 + 6 + 72


class Counting(nn.Module):
    """Counts the pictures that come by."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(len(x))
        return x


@pytest.mark.parametrize("window", [0.01, 0.3, 0.5, 0.875, 1.0])
def test_a_window_holds_the_places_whose_centres_lie_in_it(window):
    for side in range(1, 60):
        centres = (np.arange(side) + 0.5) / side
        inside = np.flatnonzero(abs(centres - 0.5) <= window / 2 + 1e-9).tolist()
        middle = [side // 2 - 1, side // 2][side % 2 :]
        assert np.arange(side)[central(side, window)].tolist() == (inside or middle)


def test_only_the_window_answers():
    planes = torch.zeros(1, 1, 8, 8)
    planes[0, 0, 0, 0], planes[0, 0, 3, 4] = 9.0, 2.0
    site = Site("relu", shape=(1, 8, 8))
    assert windowed(planes, site, 0.5).amax() == 2
    assert windowed(planes, site, 1.0).amax() == 9
    tokens = Site("tokens", shape=(8, 8), channel_axis=2)
    assert windowed(planes, tokens, 0.5).shape == planes.shape


def test_pictures_reach_the_network_as_they_are(network):
    images = load_images("gratings?size=32&orientations=3&frequencies=2&phases=2")
    model = network(nn.Identity())
    site = Site("", shape=(3, 32, 32))
    module = nn.Sequential(nn.Identity(), nn.Identity())
    model = network(module)
    site = trace(model).find("0")
    found = answers(model, site, [0, 2], images, 1.0, batch_size=5)
    expected = [np.asarray(picture.image).max((0, 1))[[0, 2]] / 255 for picture in images]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_each_kind_is_shown_once_and_nothing_runs_beyond_the_site(network):
    before, after = Counting(), Counting()
    model = network(nn.Sequential(before, nn.Conv2d(3, 4, 3), nn.ReLU(), after, nn.Flatten()))
    trace(model)
    before.seen.clear()
    after.seen.clear()
    blocks = []
    tuning(model, "2", stimuli=FEW, shuffles=9, batch_size=40, on_block=lambda *told: blocks.append(told))
    assert before.seen == [16, 6, 40, 32]
    assert after.seen == []
    assert blocks == [(16, PICTURES), (22, PICTURES), (62, PICTURES), (94, PICTURES)]


def test_block_size_and_choice_of_units_change_nothing(network):
    torch.manual_seed(1)
    model = network(nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU()))
    whole = tuning(model, "1", stimuli=FEW, shuffles=50)
    part = tuning(model, "1", [4, 1], stimuli=FEW, shuffles=50, batch_size=7)
    assert part.units == (4, 1)
    for factor in whole.factors:
        one, two = whole.of(factor), part.of(factor)
        np.testing.assert_allclose(two.response, one.response[[4, 1]], rtol=1e-5)
        np.testing.assert_allclose(two.null_high, one.null_high[[4, 1]], rtol=1e-4)
        np.testing.assert_allclose(two.p, one.p[[4, 1]], atol=0.021)


def test_the_same_seed_gives_the_same_bytes(network):
    model = network(nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU()))
    first, again, other = (tuning(model, "1", stimuli=FEW, shuffles=50, seed=seed) for seed in (3, 3, 4))
    for factor in first.factors:
        np.testing.assert_array_equal(first.of(factor).null_high, again.of(factor).null_high)
        np.testing.assert_array_equal(first.of(factor).response, other.of(factor).response)
    assert (first.of("shape").null_high != other.of("shape").null_high).any()


def test_the_network_is_left_as_found(network, untouched):
    model = network(nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3), nn.Dropout(), nn.ReLU(inplace=True)))
    model.module[2].train()
    with untouched(model):
        tuning(model, "1", stimuli=FEW, shuffles=9)


def test_sites_without_rows_and_columns_and_grey_networks(network):
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 3))
    found = tuning(network(module, channels=1), "3", stimuli=FEW, shuffles=9)
    assert found.factors == ("orientation", "frequency", "shape", "position")
    assert found.of("shape").response.shape == (3, 8)


def test_oblong_and_tiny_inputs(network):
    from dataclasses import replace

    for size in ((8, 8), (40, 64)):
        model = network(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()))
        model = replace(model, preprocessing=replace(model.preprocessing, input_size=size))
        found = tuning(model, "1", factors="hue", shuffles=9)
        assert f"size={max(32, *size)}" in found.source.stimuli["hues"]["spec"]
