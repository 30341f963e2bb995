"""A scan against NumPy on everything that the notebook would have kept in memory."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import neurolupa as nl
from neurolupa.core.sketch import COARSE
from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.scanning.sampling import choose, hash_ids
from tests.scanning.networks import CLASSES, SITES, files_of, image_set, kept_in_memory, pictures, tiny


def names(atlas):
    return list(atlas.sites)


def test_the_layer_table_is_the_notebooks(scanned):
    atlas, values, _, _ = scanned
    assert names(atlas) == ["conv1", "relu:0", "relu", "/relu", "fc"]
    for row in atlas.layers.itertuples():
        kept = values[row.site]
        assert row.shape == str(list(kept.shape))
        assert row.total_elements == kept.size
        expected = [kept.mean(), kept.std(), kept.min(), kept.max()]
        np.testing.assert_allclose([row.mean, row.std, row.min, row.max], expected, rtol=1e-6, atol=1e-7)
        axes = tuple(i for i in range(kept.ndim) if i != 1)
        assert row.active_neurons == (kept != 0).any(axis=axes).sum()
        assert row.total_neurons == kept.shape[1]
        assert row.dead == (kept.max(axis=axes) <= 1e-6).sum()
        assert row.zeros == (kept == 0).sum()


def test_quantiles_are_within_the_stated_error(scanned):
    atlas, values, _, _ = scanned
    for row in atlas.layers.itertuples():
        kept = np.sort(values[row.site].ravel())
        for level, found in ((0.25, row.q25), (0.5, row.median), (0.75, row.q75)):
            rank = (len(kept) - 1) * level
            low, high = kept[int(np.floor(rank))], kept[int(np.ceil(rank))]
            slack = 2.0**-8 * max(abs(low), abs(high)) + 1e-12
            assert low - slack <= found <= high + slack


def test_sparsity_is_shown_only_behind_a_relu(scanned):
    atlas, values, _, _ = scanned
    table = atlas.layers.set_index("site")["sparsity_%"]
    for name in ("relu:0", "relu", "/relu"):
        assert table[name] == pytest.approx(100 * (values[name] == 0).mean())
    assert table[["conv1", "fc"]].isna().all()


def test_unit_rows_equal_numpy(scanned):
    atlas, values, images, _ = scanned
    for (site, unit), row in atlas.units.set_index(["site", "unit"]).iterrows():
        kept = values[site][:, unit]
        assert row["n"] == kept.size
        assert row["images"] == len(images)
        np.testing.assert_allclose(
            row[["mean", "std", "min", "max"]].astype(float),
            [kept.mean(), kept.std(), kept.min(), kept.max()], rtol=1e-5, atol=1e-6,
        )  # fmt: skip
        assert row["dead"] == (kept.max() <= 1e-6)
        layer = abs(values[site]).mean(axis=tuple(range(2, values[site].ndim))).mean(0).mean()
        assert row["dormancy"] == pytest.approx(abs(kept).mean() / layer, rel=1e-5, abs=1e-9)
        if kept.ndim == 3:
            left, right = (
                kept[:, :, : kept.shape[2] // 2].mean((1, 2)),
                kept[:, :, -(kept.shape[2] // 2) :].mean((1, 2)),
            )
            assert row["left"] == pytest.approx(left.mean(), rel=1e-5, abs=1e-6)
            assert row["left_std"] == pytest.approx(left.std(), rel=1e-5, abs=1e-6)
            covariance = (left * right).mean() - left.mean() * right.mean()
            assert row["left_right_cov"] == pytest.approx(covariance, rel=1e-4, abs=1e-6)
        else:
            assert np.isnan(row["left"])


def test_the_planted_dead_unit_is_found(scanned):
    atlas, _, _, _ = scanned
    dead = atlas.dead()
    assert ("relu:0", 5) in set(zip(dead["site"], dead["unit"], strict=True))
    assert atlas.unit("relu:0", 5).dead


def test_class_tables_equal_numpy(scanned):
    atlas, values, images, _ = scanned
    for site, kept in values.items():
        table = atlas.classes(site).set_index("class_name")
        assert list(table.index) == list(CLASSES)
        units = atlas.unit_classes(site).set_index(["unit", "class_id"])
        for label, name in enumerate(CLASSES):
            mine = kept[images.labels == label]
            assert table.loc[name, "num_samples"] == len(mine)
            np.testing.assert_allclose(
                table.loc[name, ["mean", "std"]].astype(float),
                [mine.mean(), mine.std()],
                rtol=1e-6,
                atol=1e-7,
            )
            means = mine.reshape(*mine.shape[:2], -1).mean(2)
            for unit in range(kept.shape[1]):
                row = units.loc[(unit, label)]
                np.testing.assert_allclose(
                    row[["mean", "std", "min", "max"]].astype(float),
                    [means[:, unit].mean(), means[:, unit].std(), means[:, unit].min(), means[:, unit].max()],
                    rtol=1e-5, atol=1e-6,
                )  # fmt: skip


def test_exemplars_samples_and_mean_maps_agree_with_the_values(scanned):
    atlas, values, images, _ = scanned
    for site, kept in values.items():
        maxima = kept.reshape(*kept.shape[:2], -1).max(2)
        samples = atlas.samples(site)
        assert samples.images.tolist() == list(range(len(images)))
        np.testing.assert_allclose(samples.max, maxima, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(
            samples.mean, kept.reshape(*kept.shape[:2], -1).mean(2), rtol=1e-5, atol=1e-6
        )
        np.testing.assert_allclose(
            atlas.mean_map(site).reshape(kept.shape[1:]), kept.mean(0), rtol=1e-4, atol=1e-5
        )
        for unit in range(kept.shape[1]):
            shown = atlas.exemplars(site, unit).set_index(["band", "rank"])
            top = np.argsort(-maxima[:, unit], kind="stable")[:4]
            np.testing.assert_allclose(shown.loc["top", "value"], maxima[top, unit], rtol=1e-6, atol=1e-7)
            nearest = np.argsort(abs(maxima[:, unit] - np.median(maxima[:, unit])), kind="stable")[:4]
            np.testing.assert_allclose(shown.loc["middle", "value"], maxima[nearest, unit], rtol=1e-5)
            first = shown.loc[("top", 0)]
            if kept.ndim == 4:
                assert kept[
                    int(first["image"]), unit, int(first["row"]), int(first["column"])
                ] == pytest.approx(first["value"])


def test_boxes_are_receptive_fields_inside_the_picture(scanned):
    atlas, _, _, _ = scanned
    rows = atlas.exemplars("relu:0", 0)
    for row in rows.itertuples():
        assert (row.input_x0, row.input_y0) == (max(row.column - 1, 0), max(row.row - 1, 0))
        assert (row.input_x1, row.input_y1) == (min(row.column + 2, 8), min(row.row + 2, 8))
        assert (row.box_x0, row.box_y1) == (row.input_x0, row.input_y1)
    assert all(atlas.thumb(int(index)).size == (8, 8) for index in rows["image"])


def test_the_front_page_says_where_the_numbers_come_from(scanned):
    atlas, _, images, model = scanned
    manifest = atlas.manifest
    assert manifest["model"]["weights_digest"] == model.weights_digest
    assert manifest["images"]["digest"] == images.digest()
    assert manifest["images"]["read"] == len(images)
    assert manifest["settings"]["batch_size"] == 5
    assert [site["address"] for site in manifest["sites"]] == [
        "conv1:0",
        "relu:0",
        "relu:1",
        "/relu:0",
        "fc:0",
    ]
    assert str(Path.cwd()) not in (atlas.folder / "atlas.json").read_text()
    assert not (atlas.folder / "checkpoint").exists()


def test_the_first_kernels_of_every_convolution_are_kept(scanned):
    atlas, _, _, model = scanned
    kept = atlas.kernels()
    assert list(kept) == ["conv1", "conv2"]
    np.testing.assert_array_equal(kept["conv2"].weight, model.module.conv2.weight.detach().numpy())
    assert kept["conv1"].total == 6


def test_the_same_scan_gives_the_same_bytes_whatever_the_threads(tmp_path):
    one = nl.scan(tiny(), image_set(), SITES, tmp_path / "one", batch_size=5, workers=1)
    two = nl.scan(tiny(), image_set(), SITES, tmp_path / "two", batch_size=5, workers=4)
    assert files_of(one.folder) == files_of(two.folder)


def test_another_batch_size_changes_numbers_only_within_rounding(scanned, tmp_path):
    atlas, _, _, _ = scanned
    other = nl.scan(tiny(), image_set(), SITES, tmp_path / "other", batch_size=23, exemplars=4)
    numbers = ["mean", "std", "min", "max", "q25", "q75", "left", "top_std", "dormancy"]
    np.testing.assert_allclose(other.units[numbers], atlas.units[numbers], rtol=1e-5, atol=1e-6)


def test_the_network_is_left_as_found(tmp_path):
    model = tiny()
    model.module.train()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    state = torch.get_rng_state()
    nl.scan(model, image_set(6), "kind:relu", tmp_path / "atlas")
    assert model.module.training
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.module.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.module.modules())


def test_unlabelled_images_give_empty_class_tables(tmp_path):
    atlas = nl.scan(tiny(), load_images(pictures(5)), "relu", tmp_path / "atlas")
    assert atlas.classes("relu").empty
    assert atlas.unit_classes("relu").empty


def test_samples_are_the_images_with_the_smallest_hashes(tmp_path):
    images = image_set()
    atlas = nl.scan(tiny(), images, "relu", tmp_path / "atlas", samples=7, batch_size=4)
    keys = hash_ids(images.id_of(index) for index in range(len(images)))
    expected = sorted(sorted(range(len(images)), key=lambda index: (keys[index], index))[:7])
    assert atlas.samples("relu").images.tolist() == expected == choose(keys, 7).tolist()
    assert atlas.images.loc[atlas.images["sampled"], "image"].tolist() == expected
    assert len(atlas.samples("relu").max) == 7


def test_kept_activations_are_the_notebooks_file(tmp_path):
    model, images = tiny(), image_set()
    nl.scan(model, images, SITES, tmp_path / "atlas", batch_size=5, keep_activations=tmp_path / "all.pth")
    kept = torch.load(tmp_path / "all.pth", weights_only=True)
    assert kept["num_samples"] == len(images)
    assert kept["class_names"] == list(CLASSES)
    assert kept["labels"].tolist() == images.labels.tolist()
    for site, values in kept_in_memory(model, images, SITES).items():
        np.testing.assert_allclose(kept["activations"][site].numpy(), values, rtol=1e-5, atol=1e-6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.pth", "atlas"]


def test_too_many_cells_of_class_by_unit_keep_the_best_classes_and_say_so(tmp_path, monkeypatch):
    from neurolupa.scanning import finishing, tables

    for module in (finishing, tables):
        monkeypatch.setattr(module, "CLASS_CELLS", 5)
        monkeypatch.setattr(module, "BEST_CLASSES", 2)
    atlas = nl.scan(tiny(), image_set(), "relu", tmp_path / "atlas")
    whole = nl.scan(tiny(), image_set(), "relu", tmp_path / "whole")
    rows = atlas.unit_classes("relu")
    assert (rows.groupby("unit").size() == 2).all()
    assert atlas.manifest["notes"] == [{"code": "CLASSES_CUT", "cells": 18, "kept": 2}]
    assert len(whole.unit_classes("relu")) == len(rows)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"sites": "layer9"}, "unknown site 'layer9'"),
        ({"sites": "kind:rleu"}, "relu"),
        ({"batch_size": -1}, "batch size must be at least 1, not -1"),
        ({"batch_size": 0}, "batch size must be at least 1, not 0"),
        ({"workers": 0}, "workers must be at least 1, not 0"),
        ({"dtype": "float12"}, "unknown number type 'float12'"),
        ({"overwrite": True, "resume": True}, "choose one"),
    ],
)
def test_bad_choices_are_refused_and_nothing_is_written(options, fault, tmp_path):
    arguments = {"sites": "relu"} | options
    with pytest.raises(UsageError, match=fault):
        nl.scan(tiny(), image_set(4), out=tmp_path / "atlas", **arguments)
    assert not any(tmp_path.iterdir())


def test_a_finished_atlas_is_read_only_until_overwritten(tmp_path):
    folder = tmp_path / "atlas"
    nl.scan(tiny(), image_set(4), "relu", folder)
    before = files_of(folder)
    with pytest.raises(UsageError, match="finished atlas; --overwrite replaces it"):
        nl.scan(tiny(), image_set(5), "relu", folder)
    assert files_of(folder) == before
    assert nl.scan(tiny(), image_set(5), "relu", folder, overwrite=True).manifest["images"]["read"] == 5
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


def test_a_failed_overwrite_leaves_the_old_atlas(tmp_path):
    folder = tmp_path / "atlas"
    nl.scan(tiny(), image_set(4), "relu", folder)
    before = files_of(folder)
    with pytest.raises(DataError):
        nl.scan(tiny(), load_images([b"no picture"]), "relu", folder, overwrite=True)
    assert files_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["atlas"]


def test_somebodys_other_files_are_never_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="holds other files"):
        nl.scan(tiny(), image_set(4), "relu", tmp_path, overwrite=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_table_of_the_counts_can_be_read_back(scanned):
    atlas, values, _, _ = scanned
    counts = atlas.sketch("conv1").unit_counts(2)
    expected = np.bincount(COARSE.index(values["conv1"][:, 2]).ravel(), minlength=COARSE.size)
    np.testing.assert_array_equal(counts, expected)
    assert json.loads((atlas.folder / "atlas.json").read_text())["schema"] == 1
    assert isinstance(atlas.units, pd.DataFrame)
