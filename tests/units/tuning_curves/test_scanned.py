"""Tuning from an atlas of generated pictures, against planted units and the pass of `tuning` itself."""

import pytest
import torch
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet
from neurolupa.units.tuning_curves import has_tuning, scanned_tuning


def colours() -> nn.Sequential:
    """Unit 0 sees how much more red than green there is, unit 1 nothing, unit 2 brightness at the left."""
    kernel = nn.Conv2d(3, 3, 1, bias=False)
    kernel.weight.data = torch.tensor([[1.0, -1, 0], [0, 0, 0], [0, 0, 1]])[:, :, None, None]
    return nn.Sequential(kernel, nn.ReLU(), nn.Flatten())


def scanned(spec, folder, module=None):
    model = nl.load_model(module or colours(), input_size=32, device="cpu")
    return model, nl.scan(model, nl.load_images(spec), ["1"], folder / "atlas", workers=1)


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    return scanned(
        "stimuli?target=shape&size=32&count=400&texture=solid", tmp_path_factory.mktemp("objects")
    )[1]


def test_a_unit_of_red_minus_green_prefers_a_reddish_hue_and_no_shape(objects):
    found = scanned_tuning(objects, "1", 0).to_frame().set_index("factor")
    assert found.loc["hue", "preferred"] in ("red", "magenta", "orange")
    assert found.loc["hue", "p"] < 0.01 < found.loc["shape", "p"]
    assert found["pictures"].tolist() == [400] * 3


def test_a_unit_that_sees_nothing_is_silent_for_every_factor(objects):
    assert set(scanned_tuning(objects, "1", 1).to_frame()["state"]) == {"SILENT"}


def test_gratings_give_the_curves_of_the_pass_with_its_window_opened(tmp_path):
    spec = "gratings?size=32"
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Flatten())
    model, atlas = scanned(spec, tmp_path, module)
    passed = nl.tuning(model, "1", 2, factors="orientation,frequency", stimuli={"gratings": spec}, window=1.0)
    read = scanned_tuning(atlas, "1", 2)
    assert read.factors == passed.factors
    for one, other in zip(
        passed.to_frame().to_dict("records"), read.to_frame().to_dict("records"), strict=True
    ):
        assert (one["preferred"], one["level"], one["n"]) == (other["preferred"], other["level"], other["n"])
        for number in ("peak", "angle", "width", "index", "p"):
            assert one[number] == pytest.approx(other[number], rel=1e-4, nan_ok=True)


def test_silent_units_alone_have_no_numbers_and_no_fault():
    blind = nn.Sequential(nn.Conv2d(3, 1, 1), nn.ReLU(), nn.Flatten())
    nn.init.zeros_(blind[0].weight)
    nn.init.constant_(blind[0].bias, -1.0)
    assert set(nl.tuning(blind, "1", factors="shape,hue", shuffles=9).to_frame()["state"]) == {"SILENT"}


def test_an_atlas_of_photographs_has_no_factors(objects, tmp_path):
    _, atlas = scanned("samples", tmp_path)
    assert has_tuning(objects)
    assert not has_tuning(atlas)
    with pytest.raises(UsageError, match="samples has no factors to be tuned to; scan one of: gratings"):
        scanned_tuning(atlas, "1", 0)


def test_pictures_that_are_not_those_that_were_scanned_are_refused(objects, monkeypatch):
    monkeypatch.setattr(ImageSet, "digest", lambda self: "of another version")
    with pytest.raises(DataError, match="are not those that were scanned"):
        scanned_tuning(objects, "1", 0)
