"""Scans of odd numbers, odd shapes and real networks, against NumPy."""

from pathlib import Path

import numpy as np
import pytest
from torch import nn

import neurolupa as nl
from neurolupa.images import load_images
from neurolupa.models import load_model
from tests.scanning.networks import SITES, Reused, Spoilt, image_set, kept_in_memory, pictures, tiny


def test_nan_and_infinity_are_counted_and_left_out(tmp_path):
    model, images = tiny(Spoilt), image_set()
    atlas = nl.scan(model, images, "relu", tmp_path / "atlas", batch_size=7)
    kept = kept_in_memory(model, images, ["relu"])["relu"]
    row = atlas.layers.iloc[0]
    assert row["nan_count"] == np.isnan(kept).sum() > 0
    assert row["inf_count"] == np.isinf(kept).sum() > 0
    finite = kept[np.isfinite(kept)]
    assert row["mean"] == pytest.approx(finite.mean(), rel=1e-6)
    assert row["max"] == finite.max()
    assert atlas.units["mean"].notna().all()
    assert atlas.manifest["counts"]["nan"] == row["nan_count"]


class AllNaN(Reused):
    """Unit 3 has no finite value at all."""

    def forward(self, x):
        value = self.conv1(x).clone()
        value[:, 3] = float("nan")
        return self.relu(value)


def test_a_unit_without_a_finite_value_is_not_dead_and_has_no_exemplars(tmp_path):
    atlas = nl.scan(tiny(AllNaN), image_set(), "relu", tmp_path / "atlas")
    row = atlas.units.set_index("unit").loc[3]
    assert (row["n"], row["dead"], row["active"]) == (0, False, False)
    assert row[["mean", "std", "min", "max", "median"]].isna().all()
    assert atlas.exemplars("relu", 3).empty
    assert atlas.layers["dead"].sum() == len(atlas.dead()) == 1


class Tokens(nn.Module):
    """Patches as a row of tokens, as a vision transformer has them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 2, 2)
        self.linear = nn.Linear(6, 5)
        self.act = nn.GELU()

    def forward(self, x):
        return self.act(self.linear(self.conv1(x).flatten(2).transpose(1, 2))).mean(1)


def test_rows_of_tokens_are_scanned_like_maps_of_height_one(tmp_path):
    model, images = tiny(Tokens), image_set(7)
    atlas = nl.scan(model, images, "kind:all", tmp_path / "atlas", batch_size=3)
    for site, kept in kept_in_memory(model, images, list(atlas.sites)).items():
        row = atlas.layers.set_index("site").loc[site]
        np.testing.assert_allclose([row["mean"], row["max"]], [kept.mean(), kept.max()], rtol=1e-5)
    tokens = kept_in_memory(model, images, ["act"])["act"]
    units = atlas.units[atlas.units["site"] == "act"]
    np.testing.assert_allclose(units["mean"], tokens.mean((0, 1)), rtol=1e-5)
    assert atlas.mean_map("act").shape == (5, 1, 16)


def test_an_image_without_a_finite_value_is_nan_in_the_samples(tmp_path):
    atlas = nl.scan(tiny(AllNaN), image_set(4), "relu", tmp_path / "atlas")
    samples = atlas.samples("relu")
    assert np.isnan(samples.max[:, 3]).all()
    assert np.isfinite(samples.max[:, [0, 1, 2, 4, 5]]).all()


def test_bfloat16_stays_near_float32(tmp_path, scanned):
    atlas, _, _, _ = scanned
    half = nl.scan(tiny(), image_set(), SITES, tmp_path / "half", dtype="bfloat16", exemplars=4)
    np.testing.assert_allclose(half.layers["mean"], atlas.layers["mean"], rtol=0.05, atol=0.02)
    assert half.manifest["settings"]["dtype"] == "bfloat16"


def test_resnet18_at_32_pixels_has_the_notebooks_shapes(tmp_path):
    model = load_model("resnet18", weights=None, input_size=32)
    images = load_images(pictures(8, 32), labels=[0] * 8, classes=("only",))
    atlas = nl.scan(model, images, "kind:relu,fc", tmp_path / "atlas", batch_size=4)
    shapes = dict(zip(atlas.layers["site"], atlas.layers["shape"], strict=True))
    assert shapes["relu"] == "[8, 64, 16, 16]"
    assert shapes["layer3.1.relu"] == "[8, 256, 2, 2]"
    assert shapes["layer4.1.relu"] == "[8, 512, 1, 1]"
    assert shapes["fc"] == "[8, 1000]"
    assert len(shapes) == 10


@pytest.mark.real
@pytest.mark.parametrize("name", ["squeezenet", "resnet20"])
def test_real_networks_equal_numpy(name, data, tmp_path):
    root = Path(__file__).parents[2]
    if name == "squeezenet":
        model = load_model("squeezenet1_1", weights=data / "weights" / "squeezenet1_1-imagenet.pth")
        images = load_images(f"folder:{data / 'imagenet'}?sample=24&seed=1")
    else:
        weights = data / "weights" / "cifar10-resnet20-12fca82f.th"
        model = load_model(f"{root / 'examples' / 'cifar_resnet.py'}:resnet20", weights=weights)
        images = load_images(f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}?limit=96")
    atlas = nl.scan(model, images, "kind:relu", tmp_path / "atlas", batch_size=12)
    values = kept_in_memory(model, images, list(atlas.sites))
    for row in atlas.layers.itertuples():
        kept = values[row.site]
        np.testing.assert_allclose(
            [row.mean, row.std, row.min, row.max],
            [kept.mean(), kept.std(), kept.min(), kept.max()],
            rtol=2e-5,
        )
        assert abs(row.zeros - (kept == 0).sum()) <= 1e-4 * kept.size  # another batch may flip a few zeros
        for level, found in ((0.25, row.q25), (0.5, row.median), (0.75, row.q75)):
            below, above = (kept < found * (1 - 1e-6)).mean(), (kept <= found * (1 + 1e-6)).mean()
            assert below - 0.005 <= level <= above + 0.005, (row.site, level)
        units = atlas.units[atlas.units["site"] == row.site]
        np.testing.assert_allclose(units["mean"], kept.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(units["max"], kept.max((0, 2, 3)), rtol=1e-4, atol=1e-5)
