"""Frames, files, provenance, and one line for what is not there."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from tests.units.tuning_curves.test_showing import FEW
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.units.tuning_curves import FACTORS, Tuning, tuning
from neurolupa.units.tuning_curves.design import arrange
from neurolupa.units.tuning_curves.factors import chosen_factors


@pytest.fixture(scope="module")
def model(network):
    torch.manual_seed(0)
    block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    block[0].weight.data[2], block[0].bias.data[2] = 0.0, -1.0
    return network(block)


@pytest.fixture(scope="module")
def found(model) -> Tuning:
    return tuning(model, "0", [3, 0, 2], point="relu", stimuli=FEW, shuffles=19, seed=5)


def test_the_top_level_name_is_this_function():
    assert nl.tuning is tuning


def test_a_frame_has_a_row_for_each_unit_and_factor(found):
    frame = found.to_frame()
    assert list(zip(frame["unit"], frame["factor"], strict=True)) == [
        (unit, factor) for unit in (3, 0, 2) for factor in FACTORS
    ]
    row = frame.iloc[0]
    curves = found.of("orientation")
    assert row["preferred"] == curves.values[curves.best[0]]
    assert (row["peak"], row["index"], row["p"]) == (curves.response[0].max(), curves.index[0], curves.p[0])
    assert (row["n"], row["pictures"], row["at"]) == (8, 16, "frequency")
    assert frame[frame["unit"] == 2]["state"].tolist() == ["SILENT"] * 5


def test_a_curve_has_its_null_and_its_n(found):
    curve = found.curve("shape", 0)
    assert list(curve) == ["value", "mean", "error", "n", "null_low", "null_high"]
    assert curve["n"].tolist() == [9] * 8
    middle = (curve["null_low"] + curve["null_high"]) / 2
    np.testing.assert_allclose(middle, curve["mean"].mean())
    every = found.curves_frame()
    pd.testing.assert_frame_equal(
        every[(every["unit"] == 0) & (every["factor"] == "shape")]
        .drop(columns=["unit", "factor"])
        .reset_index(drop=True),
        curve,
        check_dtype=False,
    )


def test_it_says_where_it_comes_from(found, model):
    source = found.source
    assert (source.model, source.weights_digest) == ("hand-made", model.weights_digest)
    assert (source.site, source.address, source.point, source.link) == ("2", "2:0", "relu", "own")
    assert (source.shuffles, source.seed, source.pictures) == (19, 5, 94)
    assert source.stimuli["hues"] == {
        "spec": FEW["hues"].replace("hues=6&saturation=1&value=1", "").split("?")[0]
        + "?hues=6&saturation=1&size=32&value=1",
        "digest": nl.load_images(FEW["hues"]).digest(),
        "pictures": 6,
        "window": 0.5,
    }
    json.dumps(source.to_dict())


def test_saved_and_loaded_it_is_the_same(found, tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        found.save(folder)
    again = Tuning.load(tmp_path / "one")
    assert (again.units, again.source, again.factors) == (found.units, found.source, found.factors)
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame())
    pd.testing.assert_frame_equal(again.curves_frame(), found.curves_frame())
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize("damage", ["missing", "arrays", "json", "schema", "empty"])
def test_what_cannot_be_read_says_so_in_one_line(found, tmp_path, damage):
    found.save(tmp_path)
    head, arrays = tmp_path / "tuning.json", tmp_path / "tuning.safetensors"
    if damage in ("missing", "arrays"):
        (head if damage == "missing" else arrays).unlink()
    elif damage == "schema":
        head.write_text(head.read_text().replace('"schema": 1', '"schema": 99'))
    else:
        (head if damage == "json" else arrays).write_text("{" if damage == "json" else "")
    expected = {"missing": "no tuning.json", "arrays": "no tuning.safetensors", "schema": "schema 99"}
    with pytest.raises(DataError, match=expected.get(damage, "damaged")) as caught:
        Tuning.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_place_that_is_no_folder_is_refused(found, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        found.save(tmp_path / "file")


def test_the_strongest_come_first_and_the_silent_last(found):
    assert found.strongest(9)[-1] == 2
    margins = {
        unit: max(c.index[p] - c.null_high[p] for c in found.curves.values()) for p, unit in enumerate((3, 0))
    }
    assert found.strongest(1) == (max(margins, key=margins.get),)


BAD = [
    ({"site": "rleu"}, "unknown site"),
    ({"site": "0", "units": 4}, "no unit 4; its units are 0 to 3"),
    ({"site": "0", "units": [0, -1]}, "no unit -1; its units are 0 to 3"),
    ({"site": "0", "units": []}, "units 0 to 3"),
    ({"site": "0", "units": "0-3"}, "whole number"),
    ({"site": "0", "units": 1.5}, "whole number"),
    ({"site": "0", "factors": "colour"}, "choose from: frequency, hue, orientation, position, shape"),
    ({"site": "0", "factors": "orientatoin"}, "factor 'orientatoin'; choose from: frequency, "),
    ({"site": "0", "factors": []}, "choose from: orientation"),
    ({"site": "0", "factors": 3}, "names"),
    ({"site": "0", "point": "rleu"}, "nearest: relu"),
    ({"site": "3", "point": "relu"}, "leads to no relu"),
    ({"site": "0", "shuffles": 0}, "at least 1"),
    ({"site": "0", "seed": -1}, "at least 0"),
    ({"site": "0", "batch_size": 0}, "at least 1"),
    ({"site": "0", "window": 0}, "above 0"),
    ({"site": "0", "window": "wide"}, "number"),
    ({"site": "0", "stimuli": {"grating": "gratings"}}, "nearest: gratings"),
    ({"site": "0", "stimuli": {"gratings": "samples"}}, "no table"),
    ({"site": "0", "stimuli": {"gratings": "hues"}}, "no orientation"),
    ({"site": "0", "stimuli": {"hues": "hues?hues=1"}}, "two values"),
    ({"site": "0", "stimuli": {"hues": "hues?hue=1"}}, "unknown option"),
]


@pytest.mark.parametrize(("asked", "told"), BAD, ids=[told for _, told in BAD])
def test_bad_input_is_one_line_with_what_is_valid(model, asked, told):
    with pytest.raises(UsageError, match=told) as caught:
        tuning(model, **asked)
    assert "\n" not in str(caught.value)


def test_what_was_not_measured_is_named(found):
    with pytest.raises(UsageError, match="unit 1 of 2 was not measured; 3, 0, 2 were"):
        found.curve("hue", 1)
    with pytest.raises(UsageError, match="nearest: shape"):
        found.curve("shap", 0)


def test_grey_networks_have_no_hue():
    with pytest.raises(UsageError, match="grey"):
        chosen_factors("hue", channels=1)


def test_designs_must_be_crossed():
    table = pd.DataFrame({"orientation": [0.0, 90.0, 0.0], "frequency": [2.0, 2.0, 4.0]})
    with pytest.raises(UsageError, match="every orientation at every frequency"):
        arrange(table, FACTORS["orientation"])


def test_pictures_to_which_a_factor_does_not_apply_are_left_out():
    table = pd.DataFrame({"shape": ["star", None, "ring", "star"]})
    design = arrange(table, FACTORS["shape"], ("circle", "ring", "star"))
    assert design.values == ("ring", "star")
    assert design.pictures.tolist() == [[0, 2, 3]]
    assert design.labels.tolist() == [1, 0, 1]
