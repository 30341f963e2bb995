"""What cannot be asked of an atlas is said in one line; what can is read fast and from few rows."""

import pytest
import torch
from tests.units.spatial.planting import SIDE, as_model, numbered
from torch import nn

import neurolupa as nl
from neurolupa.atlas import Atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.locales import LANGUAGES, catalogue
from neurolupa.units.spatial import spatial_bias, spatial_biases


class Tokens(nn.Module):
    def forward(self, x):
        return x.flatten(2).transpose(1, 2)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    module.insert(1, nn.Identity())
    out = tmp_path_factory.mktemp("asking") / "atlas"
    return nl.scan(as_model(module), nl.load_images(numbered(5)), ["0", "2", "4"], out, workers=1)


@pytest.mark.parametrize("site", ["2", "4"])
@pytest.mark.parametrize("ask", [lambda *asked: spatial_bias(*asked, 0), spatial_biases])
def test_sites_without_rows_and_columns_are_refused(atlas, site, ask):
    with pytest.raises(UsageError, match=f"the units of {site} have no maps with rows and columns"):
        ask(atlas, site)


def test_rows_of_tokens_have_no_left_and_right(tmp_path):
    model = as_model(nn.Sequential(Tokens(), nn.Linear(3, 3)))
    scanned = nl.scan(model, nl.load_images(numbered(4)), "1", tmp_path / "atlas", workers=1)
    assert scanned.mean_map("1").shape == (3, 1, SIDE * SIDE)
    with pytest.raises(UsageError, match="no maps with rows and columns"):
        spatial_bias(scanned, "1", 0)


def test_unknown_sites_and_units_name_what_there_is(atlas):
    with pytest.raises(UsageError, match=r"unknown site '7'; choose from: 0, 0:0, 2"):
        spatial_bias(atlas, "7", 0)
    with pytest.raises(UsageError, match="0 has no unit 4; its units are 0 to 3"):
        spatial_bias(atlas, "0", 4)
    assert spatial_bias(atlas, "0:0", 3).site == "0"


def test_one_unit_does_not_read_the_rows_of_all(atlas, monkeypatch):
    def refuse(self):
        raise AssertionError("the whole table was read")

    monkeypatch.setattr(Atlas, "units", property(refuse))
    monkeypatch.setattr(Atlas, "_units", property(refuse))
    assert spatial_bias(atlas, "0", 1).images == 5
    assert len(spatial_biases(atlas, "0")) == 4


def test_a_damaged_file_is_named(atlas, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(atlas.folder, copy)
    next((copy / "arrays").glob("0.*")).write_bytes(b"broken")
    with pytest.raises(DataError, match=r"0\.safetensors is damaged"):
        spatial_bias(nl.open_atlas(copy), "0", 0)


CODES = {
    "contrast": ["none", "silent", "negative", "no_halves", "not_finite"]
    + [f"{level}_{side}" for level in ("strong", "moderate") for side in ("left", "right", "top", "bottom")],
    "dominant": ["horizontal", "vertical", "mixed", "none", "undecided"],
    "border": ["raised", "lowered", "none", "too_small", "not_finite"],
    "mirrored": ["content", "network", "both", "none", "no_halves", "not_finite"],
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", CODES)
def test_every_code_has_words(lang, kind):
    stem = f"units.spatial.{kind}."
    held = {key.removeprefix(stem) for key in catalogue(lang) if key.startswith(stem)}
    assert held == set(CODES[kind])
