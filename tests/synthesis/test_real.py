"""Trained networks: what is made for a unit drives it more than photographs do."""

import numpy as np
import pytest
import torch

import neurolupa as nl
from neurolupa.models.info import digest_tensors
from neurolupa.synthesis import synthesize
from neurolupa.synthesis.caricaturing import caricature
from neurolupa.synthesis.dreaming import dream
from neurolupa.synthesis.levelling import levels

SHARE = 0.9
SMALL, SQUEEZED = "layer1.0.relu", "features.6.expand3x3_activation"
STIMULI = "stimuli?target=shape&size=32&count=1000"


def above(found):
    """For each picture whether its unit's mean is above the 99th percentile of natural pictures."""
    return np.array([one.mean > one.natural_99 for one in found.quality])


@pytest.fixture(scope="module")
def embedded():
    return nl.load_model("embedded", device="cpu")


@pytest.fixture(scope="module")
def natural(embedded, data, tmp_path_factory):
    images = nl.load_images(f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}")
    return nl.scan(embedded, images, "kind:relu", tmp_path_factory.mktemp("real") / "atlas", workers=1)


@pytest.fixture(scope="module")
def live(natural):
    """Of every site the units that answer any of the 500 pictures."""
    units = natural.units
    return {
        site: units.loc[(units["site"] == site) & ~units["dead"], "unit"].tolist() for site in natural.sites
    }


@pytest.mark.real
@pytest.mark.parametrize(("method", "site"), [("fourier", SMALL), ("maco", "layer3.0.relu")])
def test_some_units_of_the_embedded_network_want_what_is_made_for_them(
    embedded, data, tmp_path, method, site
):
    images = nl.load_images(f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}", sample=200)
    atlas = nl.scan(embedded, images, [site], tmp_path / "atlas", workers=1)
    found = synthesize(embedded, site, range(4), method, atlas=atlas)
    assert above(found).all()
    assert {one.sampled for one in found.quality} == {200}


@pytest.mark.real
@pytest.mark.nightly
def test_nine_of_ten_live_units_of_the_embedded_network_are_driven_above_natural_pictures(
    embedded, natural, live
):
    reached = {
        site: above(synthesize(embedded, site, units, atlas=natural)) for site, units in live.items() if units
    }
    print({site: f"{each.mean():.3f} of {len(each)}" for site, each in reached.items()})
    assert len(reached) == 9
    assert np.concatenate(list(reached.values())).mean() >= SHARE
    assert all(each.mean() >= SHARE for site, each in reached.items() if site != "relu")


@pytest.mark.real
@pytest.mark.nightly
def test_pixels_reach_it_in_the_first_layer_too(embedded, natural, live):
    assert above(synthesize(embedded, "relu", live["relu"], "pixel", atlas=natural)).mean() >= SHARE


@pytest.mark.real
@pytest.mark.nightly
def test_units_of_squeezenet_are_driven_above_photographs(data, tmp_path):
    weights = data / "weights" / "squeezenet1_1-imagenet.pth"
    model = nl.load_model("squeezenet1_1", weights=weights, device="cpu", input_size=96)
    photographs = nl.load_images(f"folder:{data / 'imagenet'}", sample=200, seed=0)
    atlas = nl.scan(model, photographs, [SQUEEZED], tmp_path / "atlas", workers=1)
    units = atlas.units
    found = synthesize(model, SQUEEZED, units.loc[~units["dead"], "unit"].tolist()[:8], atlas=atlas)
    print([f"{one.mean / one.natural_99:.2f}" for one in found.quality])
    assert above(found).mean() >= SHARE


@pytest.mark.real
@pytest.mark.nightly
def test_the_first_layer_is_low_level_and_the_last_less_so(embedded, natural, tmp_path):
    stimuli = nl.scan(embedded, nl.load_images(STIMULI), ["relu", "layer4.1.relu"], tmp_path / "a", workers=1)
    first, last = (levels(stimuli, natural, site, shuffles=19) for site in ("relu", "layer4.1.relu"))
    assert first.counts["LOW_LEVEL"] >= 0.9 * len(first)
    assert last.counts["LOW_LEVEL"] <= 0.5 * len(last)
    assert last.counts["HIGH_LEVEL"] > 0


@pytest.mark.real
def test_a_photograph_is_dreamed_into_and_caricatured(data, embedded):
    picture = nl.load_images(f"folder:{data / 'imagenet'}")[7]
    found = dream(embedded, picture, "layer3.0.relu", octaves=3, steps=3, most=8000)
    assert all(one.after > one.before for one in found.octaves)
    width, height = picture.image.size
    rows, columns = found.picture.shape[1:]
    assert rows * columns <= 8000
    assert columns / rows == pytest.approx(width / height, rel=0.03)
    wanted = caricature(embedded, picture, SMALL)
    made = synthesize(embedded, objectives=[wanted], steps=10)
    assert made.activations[0] > made.curves[0, 0]


class StopError(Exception):
    """A fault from outside, in the middle of a run."""


def after_three(done, _):
    if done == 3:
        raise StopError


def outside(model):
    """All that a run could have changed, without a copy of the tensors."""
    modules, tensors = list(model.module.modules()), list(model.module.parameters())
    return (
        digest_tensors(model.module.state_dict()),
        [(id(one), one.requires_grad, one.stride(), one.grad is None) for one in tensors],
        [(one.training, len(one._forward_hooks), len(one._forward_pre_hooks)) for one in modules],
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch._C._len_torch_function_stack(),
        torch.get_rng_state().tolist(),
    )


@pytest.mark.parametrize("site", ["layer1.0.relu", "layer3.1.conv2"])
def test_a_resnet_18_is_as_it_was_after_an_exception_in_the_middle(site):
    model = nl.load_model("resnet18", weights=None, input_size=64, device="cpu")
    nl.layers(model)
    next(model.module.parameters()).requires_grad_(False)
    before = outside(model)
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    with pytest.raises(StopError):
        synthesize(model, site, [0, 1], size=48, report=after_three)
    assert outside(model) == before
    with pytest.raises(StopError):
        dream(model, picture, site, octaves=2, steps=2, report=after_three)
    assert outside(model) == before
