"""A caricature looks, to the site, like its picture."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from neurolupa.capture import record
from neurolupa.errors import UsageError
from neurolupa.synthesis import Recipe, synthesize
from neurolupa.synthesis.caricaturing import caricature


def stripes(size=16):
    columns = (np.arange(size) // 2 % 2 * 200 + 20).astype(np.uint8)
    values = np.stack(
        [np.broadcast_to(columns, (size, size)), *[np.full((size, size), 60, np.uint8)] * 2], -1
    )
    return Image.fromarray(values)


def cosine(one, other):
    """Without the maps' means, which any grey picture has."""
    apart = [maps - maps.mean((1, 2), keepdim=True) for maps in (one, other)]
    return float(torch.nn.functional.cosine_similarity(*(maps.flatten() for maps in apart), dim=0))


def test_its_maps_are_those_that_the_network_gives(linear):
    wanted = caricature(linear, stripes(), "2")
    with torch.inference_mode():
        expected = linear.module[:3](linear.prepare(stripes())[None])[0]
    np.testing.assert_allclose(wanted.maps, expected, rtol=1e-5, atol=1e-6)
    assert wanted.site == "2:0"


def likeness(model, picture, wanted):
    """The cosine of a picture's maps with those wanted."""
    maps = record(model, torch.as_tensor(picture), wanted.site)
    return cosine(next(iter(maps.values()))[0], torch.from_numpy(wanted.maps))


def made(model, wanted, prior):
    recipe = Recipe("pixel", steps=60, rate=0.1)
    return synthesize(model, objectives=[wanted], prior=prior, recipe=recipe).images


@pytest.mark.parametrize("power", [0.0, 1.0, 4.0])
def test_the_optimised_picture_is_more_like_the_picture_to_the_site(linear, plain_prior, untouched, power):
    with untouched(linear):
        wanted = caricature(linear, stripes(), "0", power)
        picture = made(linear, wanted, plain_prior)
    torch.manual_seed(0)
    assert likeness(linear, torch.rand(1, 3, 16, 16), wanted) < 0.3
    assert likeness(linear, picture, wanted) > (0.6 if power == 0 else 0.8)


def test_it_is_an_exaggeration(linear, plain_prior):
    """The projection on the picture's own maps is larger than the picture's."""
    wanted = caricature(linear, stripes(), "0")
    maps = record(linear, torch.from_numpy(made(linear, wanted, plain_prior)), "0")["0"][0].numpy()
    norms = np.linalg.norm(wanted.maps, axis=0)
    assert ((maps * wanted.maps).sum(0) / norms).mean() > 1.2 * norms.mean()


def test_it_is_measured_at_the_size_of_the_synthesis(linear):
    assert caricature(linear, stripes(64), "0", size=(9, 13)).maps.shape == (4, 5, 9)


def test_what_cannot_be_is_said(linear, as_model):
    with pytest.raises(UsageError, match="0 or more"):
        caricature(linear, stripes(), "2", -1.0)
    with pytest.raises(UsageError, match="the smallest that works is 7"):
        caricature(linear, stripes(), "2", size=6)
    silent = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
    nn.init.constant_(silent[0].bias, -99.0)
    with pytest.raises(UsageError, match="nothing to exaggerate"):
        caricature(as_model(silent), stripes(), "1")
