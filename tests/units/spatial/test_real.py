"""A trained network on photographs, against NumPy on its recorded maps."""

import numpy as np
import pytest
import torch
from tests.units.spatial.planting import halves_of

import neurolupa as nl
from neurolupa.units.spatial import mirrored_bias, spatial_bias, spatial_biases

SITE = "features.3.expand3x3_activation"
COUNT = 20


@pytest.fixture(scope="module")
def squeezenet(data):
    weights = data / "weights" / "squeezenet1_1-imagenet.pth"
    return nl.load_model("squeezenet1_1", weights=weights, device="cpu", input_size=112)


@pytest.fixture(scope="module")
def photographs(data):
    return nl.load_images(f"folder:{data / 'imagenet'}", sample=COUNT, seed=0)


@pytest.fixture(scope="module")
def atlas(squeezenet, photographs, tmp_path_factory):
    out = tmp_path_factory.mktemp("real") / "atlas"
    return nl.scan(squeezenet, photographs, SITE, out, workers=1, exemplars=1)


@pytest.fixture(scope="module")
def maps(squeezenet, photographs):
    batch = torch.stack([squeezenet.prepare(picture.image) for picture in photographs])
    return nl.record(squeezenet, batch, SITE)[SITE].numpy()


@pytest.mark.real
def test_the_halves_of_squeezenet_on_photographs_are_those_of_its_maps(atlas, maps):
    found = spatial_biases(atlas, SITE)
    for unit in (0, 17, 63):
        halves, row = halves_of(maps[:, unit]), found.loc[unit]
        for one, two, axis in (("left", "right", "horizontal"), ("top", "bottom", "vertical")):
            difference = halves[one] - halves[two]
            assert row[f"{axis}_difference"] == pytest.approx(difference.mean(), rel=1e-4, abs=1e-7)
            assert row[f"{axis}_ratio"] == pytest.approx(halves[one].mean() / halves[two].mean(), rel=1e-5)
            z = difference.sum() / np.sqrt((difference**2).sum())
            assert row[f"{axis}_z"] == pytest.approx(z, rel=1e-3)
        mean = maps[:, unit].astype(np.float64).mean(0)
        np.testing.assert_allclose(spatial_bias(atlas, SITE, unit).mean_map, mean, rtol=1e-4, atol=1e-6)
        assert found.loc[unit, "border_ring"] == pytest.approx(
            np.concatenate([mean[0], mean[-1], mean[1:-1, 0], mean[1:-1, -1]]).mean(), rel=1e-5
        )


@pytest.mark.real
def test_padding_shows_in_a_trained_network_where_the_field_reaches_beyond_the_picture(atlas):
    found = spatial_biases(atlas, SITE)
    assert 0 < found["border_padded"][0] < 0.3
    assert (found["border_code"] != "none").mean() > 0.2


@pytest.mark.real
def test_what_moves_and_what_stays_in_squeezenet_is_what_its_maps_say(squeezenet, photographs, maps):
    units = [3, 40]
    found = mirrored_bias(squeezenet, photographs, SITE, units).horizontal
    batch = torch.stack([squeezenet.prepare(picture.image) for picture in photographs]).flip(3)
    turned = nl.record(squeezenet, batch, SITE)[SITE].numpy()
    for place, unit in enumerate(units):
        plain, mirror = halves_of(maps[:, unit]), halves_of(turned[:, unit])
        one, two = plain["left"] - plain["right"], mirror["left"] - mirror["right"]
        assert found.content.mean[place] == pytest.approx((one - two).mean() / 2, rel=1e-4)
        assert found.network.mean[place] == pytest.approx((one + two).mean() / 2, rel=1e-4)
        stays = (one + two).sum() / np.sqrt(((one + two) ** 2).sum())
        assert found.network.z[place] == pytest.approx(stays, rel=1e-3)
