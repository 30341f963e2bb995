"""Exemplars of the embedded network on generated pictures, against the recorded maps themselves."""

import numpy as np
import pytest
import torch

import neurolupa as nl
from neurolupa.errors import UsageError
from neurolupa.units.exemplars import exemplar_maps, unit_exemplars

SITE = "layer2.0.relu"


@pytest.fixture(scope="module")
def model():
    return nl.load_model("embedded", device="cpu")


@pytest.fixture(scope="module")
def images():
    return nl.load_images("stimuli?target=shape&size=40&count=48")


@pytest.fixture(scope="module")
def atlas(model, images, tmp_path_factory):
    out = tmp_path_factory.mktemp("exemplars") / "atlas"
    return nl.scan(model, images, [SITE, "fc"], out, workers=1)


@pytest.fixture(scope="module")
def maps(model, images):
    """(N, H, W) of unit 3, by the recorder."""
    batch = torch.stack([model.prepare(picture.image) for picture in images])
    return nl.record(model, batch, SITE)[SITE][:, 3].numpy()


def test_top_and_bottom_are_the_pictures_with_the_highest_and_lowest_peaks(atlas, maps):
    found = unit_exemplars(atlas, SITE, 3)
    peaks = maps.max((1, 2))
    top = found.band("top")
    assert [each.image for each in top] == np.argsort(-peaks, kind="stable")[: len(top)].tolist()
    for each in top:
        assert each.value == pytest.approx(maps[each.image, each.row, each.column], rel=1e-5)
    assert {each.value for each in found.band("bottom")} <= set(np.sort(peaks)[: len(top)].tolist())


def test_each_says_which_picture_it_is_and_of_which_class(atlas, images):
    for each in unit_exemplars(atlas, SITE, 3).exemplars:
        picture = images[each.image]
        assert (each.id, each.label, each.class_name) == (
            picture.id,
            picture.label,
            images.classes[picture.label],
        )


def test_the_table_has_a_row_for_each_and_knows_its_unit(atlas):
    found = unit_exemplars(atlas, SITE, 3)
    frame = found.to_frame()
    assert len(frame) == len(found.exemplars)
    assert set(frame["site"]) == {SITE}
    assert set(frame["unit"]) == {3}
    first = found.exemplars[0]
    assert (frame.loc[0, "box_x0"], frame.loc[0, "seen_y1"]) == (first.box[0], first.seen[3])


def test_units_of_a_linear_layer_see_the_whole_picture(atlas):
    found = unit_exemplars(atlas, "fc", 1)
    assert {each.box for each in found.exemplars} == {(0, 0, 40, 40)}
    assert {(each.row, each.column) for each in found.exemplars} == {(0, 0)}


@pytest.mark.parametrize("again", [True, False], ids=["from the images", "from the kept pictures"])
def test_the_maps_are_those_of_the_scan(atlas, model, images, maps, again):
    found = exemplar_maps(atlas, model, unit_exemplars(atlas, SITE, 3), images if again else None)
    assert found.from_thumbs is not again
    for each, unit_map in zip(found.exemplars.exemplars, found.maps, strict=True):
        np.testing.assert_allclose(unit_map, maps[each.image], atol=1e-4)


def test_contours_are_at_half_the_highest_value_and_nowhere_for_a_silent_unit(atlas, model):
    found = exemplar_maps(atlas, model, unit_exemplars(atlas, SITE, 3))
    assert found.contour_level == pytest.approx(found.exemplars.band("top")[0].value / 2, rel=1e-4)
    assert np.isnan(type(found)(found.exemplars, np.zeros_like(found.maps), True).contour_level)


def test_another_network_other_images_and_units_without_maps_are_refused(atlas, model):
    found = unit_exemplars(atlas, SITE, 3)
    with pytest.raises(UsageError, match="is not the network that was scanned"):
        exemplar_maps(atlas, nl.load_model("embedded", weights=None), found)
    with pytest.raises(UsageError, match="is not the image set that was scanned, stimuli"):
        exemplar_maps(atlas, model, found, nl.load_images("samples"))
    with pytest.raises(UsageError, match="the units of fc have one value a picture and no maps"):
        exemplar_maps(atlas, model, unit_exemplars(atlas, "fc", 1))


def test_only_the_rows_of_the_named_images_are_read(atlas):
    rows = atlas.image_rows([40, 3])
    assert rows["image"].tolist() == [3, 40]
