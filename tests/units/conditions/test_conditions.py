"""Planted units: each has the conditions that it was made with, and no others."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import norm
from tests.atlas.builder import build

import neurolupa as nl
from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.units.conditions import CONDITIONS, Thresholds, conditions
from neurolupa.units.conditions.finding import at_bound

PICTURES = 24


@pytest.fixture
def atlas(tmp_path):
    """Unit 0 lives, 1 is dead, 2 is dormant, 3 has collapsed, 4 is always negative (on a linear site)."""
    rng = np.random.default_rng(0)
    maps = np.maximum(rng.normal(1, 1, size=(PICTURES, 4, 3, 3)), 0)
    maps[:, 1] = 0
    maps[:, 2] *= 0.01
    maps[:, 3] = rng.permuted(np.tile(np.arange(9.0), (PICTURES, 1)), axis=1).reshape(PICTURES, 3, 3)
    linear = -1 - rng.random((PICTURES, 2))
    return open_atlas(build(tmp_path / "atlas", {"a.relu": maps, "fc": linear}, linear=["fc"]))


def of(found, site, unit) -> dict:
    row = found.units[(found.units["site"] == site) & (found.units["unit"] == unit)].iloc[0]
    return {name: row[name] for name in CONDITIONS}


def test_every_planted_unit_is_what_it_was_made_to_be(atlas):
    found = conditions(atlas)
    named = {
        unit: {name for name, held in of(found, "a.relu", unit).items() if held is not pd.NA and held}
        for unit in range(4)
    }
    assert named == {0: set(), 1: {"dead", "dormant"}, 2: {"dormant"}, 3: {"collapsed"}}
    assert of(found, "fc", 0)["dead"]
    assert found.sampled == PICTURES


def test_a_condition_without_meaning_is_missing_and_not_false(atlas):
    found = conditions(atlas)
    assert found.units["saturated"].isna().all()
    layers = found.layers().set_index(["site", "condition"])
    assert layers.loc[("a.relu", "saturated"), "units"] == 0
    assert pd.isna(layers.loc[("a.relu", "saturated"), "share"])


def test_shares_have_wilsons_interval(atlas):
    row = conditions(atlas).layers().set_index(["site", "condition"]).loc[("a.relu", "dead")]
    z, n, p = norm.ppf(0.975), 4, 0.25
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert (row["count"], row["units"], row["share"]) == (1, 4, 0.25)
    assert (row["low"], row["high"]) == pytest.approx((middle - reach, middle + reach))


def test_only_units_with_a_condition_are_listed(atlas):
    listed = conditions(atlas).to_frame()
    assert list(zip(listed["site"], listed["unit"], strict=True)) == [
        ("a.relu", 1), ("a.relu", 2), ("a.relu", 3), ("fc", 0), ("fc", 1),
    ]  # fmt: skip


def test_thresholds_move_the_borders(atlas):
    strict = conditions(atlas, Thresholds(dormant=0.0, collapsed=0.0))
    assert not of(strict, "a.relu", 2)["dormant"]
    with pytest.raises(UsageError, match="the threshold for dormant is 0 or more, not -1"):
        Thresholds(dormant=-1)


def test_few_pictures_show_no_collapse(tmp_path):
    atlas = open_atlas(build(tmp_path / "few", {"relu": np.ones((9, 2))}))
    assert conditions(atlas).units["collapsed"].isna().all()


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        ("Tanh", 0.97, 1.0, 0.015),
        ("Tanh", -1.0, -0.98, 0.01),
        ("Sigmoid", 0.0, 0.3, 0.3),
        ("ReLU6", 0.0, 0.0, 1.0),
        ("F.hardsigmoid", 0.9, 1.0, 0.1),
        ("ReLU", 5.0, 6.0, np.nan),
    ],
)
def test_the_distance_from_a_bound_is_that_of_95_percent_of_the_values(kind, low, high, expected):
    found = at_bound(pd.Series([low]), pd.Series([high]), kind)
    assert found[0] == pytest.approx(expected, nan_ok=True)


def test_a_saturated_unit_of_a_real_scan_is_found(tmp_path):
    import torch
    from torch import nn

    module = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU6(), nn.Flatten())
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].weight[0, 0] = 1
        module[0].bias[:] = torch.tensor([1.0, 50.0])
    images = nl.load_images("stimuli?target=shape&size=32&count=16")
    found = conditions(nl.scan(nl.load_model(module, input_size=32), images, "1", tmp_path / "a", workers=1))
    assert found.units["saturated"].tolist() == [False, True]
    assert found.units["collapsed"].tolist() == [False, True]


def test_why_a_condition_has_no_meaning_is_a_code_and_every_row_says_its_n(atlas, tmp_path):
    layers = conditions(atlas).layers().set_index(["site", "condition"])
    assert layers.loc[("a.relu", "saturated"), "code"] == "UNBOUNDED"
    assert layers.loc[("a.relu", "dead"), ["code", "images"]].tolist() == ["OK", PICTURES]
    few = open_atlas(build(tmp_path / "few", {"relu": np.ones((9, 2))}))
    codes = conditions(few).layers().set_index("condition")["code"]
    assert (codes["collapsed"], codes["dormant"]) == ("FEW_IMAGES", "OK")


def test_a_silent_layer_is_dead_and_its_dormancy_unknown(tmp_path):
    from torch import nn

    module = nn.Sequential(nn.Conv2d(3, 2, 1, bias=False), nn.ReLU(), nn.Flatten())
    torch.nn.init.zeros_(module[0].weight)
    images = nl.load_images([np.full((8, 8, 3), 20 * place, np.uint8) for place in range(12)])
    scanned = nl.scan(nl.load_model(module, input_size=8), images, "1", tmp_path / "a", workers=1)
    layers = conditions(scanned).layers().set_index("condition")
    assert layers["count"].tolist()[:1] == [2]
    assert layers["code"].to_dict() == {
        "dead": "OK", "dormant": "NO_VALUES", "saturated": "UNBOUNDED", "collapsed": "OK",
    }  # fmt: skip


def test_equal_means_alone_are_no_collapse(tmp_path):
    """What a norm over each picture gives: the mean is always 1, the map is not."""
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(20, 2, 4, 4))
    maps += 1 - maps.mean(axis=(2, 3), keepdims=True)
    found = conditions(open_atlas(build(tmp_path / "normed", {"norm": maps}, linear=["norm"])))
    assert found.units["collapsed"].tolist() == [False, False]


def test_a_sigmoid_near_its_bound_is_saturated_in_spite_of_a_few_other_values(tmp_path):
    """Values just below 1 share a bin with all above 15/16: three in a hundred elsewhere do not hide them."""
    from torch import nn

    module = nn.Sequential(nn.Conv2d(3, 2, 1), nn.Sigmoid(), nn.Flatten())
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].weight[:, 0] = torch.tensor([-9.0, 1.0])[:, None, None]
        module[0].bias[:] = torch.tensor([9.0, 0.0])
    pictures = [np.full((10, 10, 3), 0, np.uint8) for _ in range(10)]
    for picture in pictures:
        picture[0, :3] = 255
    images = nl.load_images(pictures)
    model = nl.load_model(module, input_size=10, mean=(0, 0, 0), std=(1, 1, 1))
    found = conditions(nl.scan(model, images, "1", tmp_path / "a", workers=1))
    assert found.units["saturated"].tolist() == [True, False]
