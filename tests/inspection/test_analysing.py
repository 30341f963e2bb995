"""One picture through a network: equal to record and predict, however the picture comes."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import neurolupa as nl
from neurolupa.capture import record, trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import UnreadableImage, load_images
from neurolupa.inspection import ImageAnalysis, inspect, inspect_layers
from neurolupa.models import load_model


def same(one: ImageAnalysis, other: ImageAnalysis) -> None:
    assert (one.site, one.link, one.point, one.spatial) == (
        other.site,
        other.link,
        other.point,
        other.spatial,
    )
    np.testing.assert_array_equal(one.maps, other.maps)
    assert (one.inputs is None) == (other.inputs is None)
    if one.inputs is not None:
        np.testing.assert_array_equal(one.inputs, other.inputs)
    assert one.units.equals(other.units)
    assert (one.prediction, one.true_label, one.convolution) == (
        other.prediction,
        other.true_label,
        other.convolution,
    )
    assert one.provenance == other.provenance
    assert (one.picture.crop, one.picture.size) == (other.picture.crop, other.picture.size)
    for name in ("original", "seen"):
        assert getattr(one.picture, name).tobytes() == getattr(other.picture, name).tobytes()


@pytest.mark.parametrize("site", ["stem", "relu:0", "relu", "norm", "head", "/add", "/mean"])
def test_maps_are_what_record_gives(model, picture, untouched, site):
    with untouched(model):
        analysis = inspect(model, picture, site)
    batch = model.prepare(picture)[None]
    [value] = record(model, batch, [trace(model).find(site)]).values()
    np.testing.assert_array_equal(analysis.maps.ravel(), value[0].numpy().ravel())
    assert analysis.spatial == (site not in ("head", "/mean"))
    assert analysis.maps.shape == ((5, 12, 12) if analysis.spatial else (value.shape[1], 1, 1))
    assert analysis.prediction == model.predict(picture)


@pytest.mark.parametrize(
    ("asked", "point", "address", "kind"),
    [
        ("conv1", "conv", "conv1:0", "own"),
        ("conv1", "norm", "norm:0", "own"),
        ("conv1", "relu", "relu:0", "own"),
        ("conv2", "relu", "relu:1", "after_add"),
    ],
)
def test_points_resolve_to_sites_and_keep_their_convolution(model, picture, asked, point, address, kind):
    analysis = inspect(model, picture, asked, point)
    assert (analysis.site.address, analysis.link.kind, analysis.point) == (address, kind, point)
    assert analysis.convolution.name == asked
    assert (analysis.provenance.asked, analysis.provenance.site) == (asked, address)
    maps = inspect(model, picture, asked).maps
    weights = model.module.get_submodule(asked)
    found = nn.functional.conv2d(torch.from_numpy(analysis.inputs)[None], weights.weight, weights.bias, 1, 1)
    np.testing.assert_allclose(found[0].detach().numpy(), maps, atol=1e-5)


def test_layers_at_once_are_the_layers_one_by_one(model, picture):
    sites = [site.name for site in trace(model)]
    together = inspect_layers(model, picture, "kind:all")
    assert [one.site.name for one in together] == sites
    for one, site in zip(together, sites, strict=True):
        same(one, inspect(model, picture, site))
    linked = inspect_layers(model, picture, "conv1, conv2", "relu")
    for one, site in zip(linked, ("conv1", "conv2"), strict=True):
        same(one, inspect(model, picture, site, "relu"))


def test_one_pass_is_enough(model, picture):
    trace(model)
    passes = []
    hook = model.module.register_forward_pre_hook(lambda module, args: passes.append(1))
    inspect_layers(model, picture, "kind:all")
    hook.remove()
    assert len(passes) == 1


def test_a_picture_is_the_same_however_it_comes(model, picture, tmp_path):
    path = tmp_path / "cat.png"
    picture.save(path)
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    ways = [path, str(path), encoded.getvalue(), picture, np.asarray(picture)]
    found = [inspect(model, way, "stem") for way in ways]
    for one in found[1:]:
        np.testing.assert_array_equal(one.maps, found[0].maps)
        assert one.provenance.image_digest == found[0].provenance.image_digest
    names = [one.provenance.image for one in found]
    assert names[:2] == ["cat.png", "cat.png"]
    assert set(names[2:]) == {f"sha256:{found[0].provenance.image_digest[:12]}"}


def test_a_picture_of_a_set_brings_its_label_and_id(model, picture):
    images = load_images([picture, picture.rotate(90)], labels=[0, 1], classes=["cat", "dog"])
    by_picture, by_index = (
        inspect(model, images[1], "stem", images=images),
        inspect(model, 1, "stem", images=images),
    )
    same(by_picture, by_index)
    assert by_index.true_label == "dog"
    assert by_index.provenance.image == images[1].id
    assert by_index.provenance.image_set == images.name
    assert inspect(model, picture, "stem").true_label is None


def test_what_was_seen_is_the_models_own_preprocessing(model):
    wide = Image.new("RGB", (96, 48), "red")
    wide.paste("blue", (24, 0, 72, 48))
    analysis = inspect(model, wide, "stem")
    assert analysis.picture.seen.size == (24, 24)
    assert analysis.picture.seen.tobytes() == model.preprocessing.picture(wide).tobytes()
    assert analysis.picture.crop == model.preprocessing.to_original((0, 0, 24, 24), wide.size)
    large = inspect(model, Image.new("RGB", (2000, 1000)), "stem").picture
    assert (large.original.size, large.size) == ((1024, 512), (2000, 1000))


def test_a_row_of_tokens_is_kept_as_a_row(picture):
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch, self.mix = nn.Conv2d(3, 4, 8, 8), nn.Linear(4, 6)

        def forward(self, x):
            return self.mix(self.patch(x).flatten(2).transpose(1, 2)).mean(1)

    model = load_model(Tokens(), input_size=24)
    analysis = inspect(model, picture, "mix")
    assert (analysis.maps.shape, analysis.spatial) == ((6, 1, 9), False)
    np.testing.assert_allclose(
        analysis.maps.mean((1, 2)), model.forward(model.prepare(picture)[None])[0], atol=1e-6
    )
    assert analysis.inputs.shape == (4, 1, 9)


def test_a_network_without_logits_has_no_prediction(picture):
    model = load_model(nn.Sequential(nn.Conv2d(3, 4, 3)), input_size=24)
    assert inspect(model, picture, "0").prediction == ()


def test_peak_and_field(model, picture):
    analysis = inspect(model, picture, "stem")
    for unit, one in enumerate(analysis.maps):
        row, column = analysis.peak(unit)
        assert one[row, column] == one.max()
    assert analysis.field_of(0, 0) == (0, 0, 2, 2)  # 3 x 3 from -1, clipped
    assert analysis.field_of(3, 4) == (7, 5, 10, 8)
    with pytest.raises(UsageError, match="no unit 5 at stem; units are 0 to 4"):
        analysis.peak(5)


def test_saved_and_loaded_it_is_the_same(model, picture, tmp_path):
    for number, site in enumerate(("conv2", "head", "/add")):
        analysis = inspect(model, picture, site, "relu" if site == "conv2" else None)
        folder = analysis.save(tmp_path / str(number))
        same(ImageAnalysis.load(folder), analysis)


def test_a_damaged_analysis_says_so(model, picture, tmp_path):
    folder = inspect(model, picture, "stem").save(tmp_path / "one")
    (folder / "maps.npz").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="damaged"):
        ImageAnalysis.load(folder)
    (folder / "analysis.json").write_text('{"schema": 99}')
    with pytest.raises(DataError, match="schema 99, not 1"):
        ImageAnalysis.load(folder)
    with pytest.raises(DataError, match="no analysis at"):
        ImageAnalysis.load(tmp_path / "two")


def test_the_table_takes_a_ranking(model, picture):
    analysis = inspect(model, picture, "conv1", "relu")
    ranking = analysis.rank("mean", 2)
    table = analysis.to_frame(ranking)
    assert table["rank"].notna().sum() == 2
    assert table.loc[ranking.units[0], "rank"] == 1
    np.testing.assert_array_equal(table["score"], table["mean"])
    assert "score" not in analysis.to_frame()


def test_what_cannot_be_inspected_is_said_in_one_line(model, picture, tmp_path):
    images = load_images([picture])
    cases = [
        (lambda: inspect(model, picture, "stam"), UsageError, "unknown site 'stam'; nearest: stem"),
        (
            lambda: inspect(model, picture, "stem", "rely"),
            UsageError,
            "unknown capture point 'rely'; nearest: relu",
        ),
        (lambda: inspect(model, picture, "relu", "conv"), UsageError, "relu has no point conv; it has relu"),
        (
            lambda: inspect(model, picture, "/add", "relu"),
            UsageError,
            "/add has no point relu; read the site itself",
        ),
        (lambda: inspect(model, 0, "stem"), UsageError, "image 0 of which image set"),
        (lambda: inspect(model, 3, "stem", images=images), UsageError, "no image 3 in .*; images are 0 to 0"),
        (lambda: inspect(model, b"nothing", "stem"), UnreadableImage, "not an image"),
        (lambda: inspect(model, tmp_path / "no.png", "stem"), UnreadableImage, "no.png: file not found"),
        (lambda: inspect(model, {}, "stem"), UsageError, "cannot open a dict as an image"),
    ]
    for call, error, words in cases:
        with pytest.raises(error, match=words):
            call()


def test_the_provenance_says_enough_and_no_folders(model, picture, tmp_path):
    path = tmp_path / "cat.png"
    picture.save(path)
    provenance = nl.inspect(model, path, "conv1", "relu").provenance
    facts = provenance.to_dict()
    assert facts["weights_digest"] == model.weights_digest
    assert facts["settings"]["preprocessing"] == model.preprocessing.to_dict()
    assert facts["versions"]["neurolupa"] == nl.__version__
    assert str(tmp_path) not in str(facts)
    assert "\n" not in provenance.one_line()
    for word in (model.name, model.weights_digest[:12], "relu:0", "conv1@relu(own)", "cat.png"):
        assert word in provenance.one_line()
