"""Planted units are found, and a whole dissection is what slow loops make of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, precision_recall_curve
from tests.capture.conftest import as_model, untouched  # noqa: F401 (fixtures)
from tests.probing.dissection.planting import PICTURES, planted
from tests.probing.dissection.test_overlaps import enlarged
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.probing.dissection import Dissection, SkipCode, count_detectors, dissect
from neurolupa.probing.dissection.showing import groups
from neurolupa.probing.dissection.thresholds import SHARES


@pytest.fixture(scope="module")
def found(as_model):  # noqa: F811
    return dissect(as_model(planted(), 32), PICTURES, "0", factors="hue,shape", quantile=0.85)


def of(frame, unit, category):
    return frame[(frame["unit"] == unit) & (frame["category"] == category)].iloc[0]


def test_a_red_unit_is_labelled_red_by_all_three_measures(as_model):  # noqa: F811
    frame = dissect(as_model(planted(), 32), PICTURES, "0", factors="hue,shape").to_frame()
    red = of(frame, 0, "hue")
    assert (red["concept"], red["f1_concept"], red["auprc_concept"]) == ("red", "red", "red")
    assert red["detector"]
    assert red["above_chance"]
    assert red["p"] == red["f1_p"] == red["auprc_p"] == 0.01
    assert red["iou"] > 3 * red["null_high"]
    assert red["auprc"] > 10 * red["base_rate"]
    assert of(frame, 0, "shape")["p"] > 0.05
    assert red["n"] == 32


def test_a_silent_unit_detects_nothing(found):
    rows = found.to_frame().query("unit == 1")
    assert set(rows["code"]) == {"NOTHING_ABOVE"}
    assert not rows["detector"].any()
    assert (rows["iou"] == 0).all()
    assert (rows["p"] == 1).all()
    assert found.of("0").active[1] == 0


def test_a_unit_that_answers_any_object_detects_by_the_published_rule_but_not_above_chance(found):
    row = of(found.to_frame(), 2, "shape")
    assert row["iou"] > 0.1  # about one in 8 shapes
    assert row["detector"]
    assert not row["above_chance"]
    assert row["p"] > 0.5
    assert row["auprc_p"] > 0.5
    published, proven = found.counts()["0"], found.counts(above_chance=True)["0"]
    assert published.detectors == 2  # red, and this one
    assert (published.detectors_in["shape"], proven.detectors_in["shape"]) == (2, 0)
    assert proven.unique_in["hue"] >= 1
    assert found.detectors == {"0": 2}
    assert found.unique == {"0": published.unique}


def test_noise_is_above_chance_as_rarely_as_p_says_and_detects_nothing(as_model):  # noqa: F811
    model = as_model(planted(noise=30), 32)
    frame = dissect(model, PICTURES, "0", factors="hue,shape", shuffles=19).to_frame().query("unit > 2")
    assert not frame["detector"].any()
    for p in ("p", "f1_p", "auprc_p"):
        assert (frame[p] <= 0.05).mean() < 0.15
    assert 0.35 < frame["p"].mean() < 0.7  # F1 and AUPRC of noise hang on the sizes of the masks alone


def plain(units, size, stride):
    torch.manual_seed(5)
    return nn.Sequential(nn.Conv2d(3, units, size, stride=stride), nn.ReLU(), nn.Flatten())


def test_a_whole_dissection_is_what_slow_loops_make_of_it(as_model):  # noqa: F811
    """With few pictures every value is sampled, so that levels are quantiles of all of them."""
    model, images = as_model(plain(2, 4, 4), 32), nl.load_images("stimuli?size=32&count=30")
    found = dissect(model, images, "1", factors=["texture", "orientation"], quantile=0.97, shuffles=3)
    table = images.table()
    maps = nl.record(model, torch.stack([model.prepare(each.image) for each in images]), ["1"])["1"].numpy()
    masks = np.stack([images.mask(index) for index in range(30)]).astype(np.float64)
    rows = found.concepts("1").to_dict("records")
    values = {(row["unit"], row["category"], row["concept"]): row for row in rows}
    for unit in range(2):
        every = maps[:, unit].ravel()
        threshold = np.quantile(every, 0.97, method="inverted_cdf")
        levels = np.quantile(every, 1 - SHARES, method="inverted_cdf")
        above = np.stack([enlarged(each, 32, 32) for each in maps[:, unit]]) > threshold
        for category in found.categories:
            column = table[category.name]
            kept = column.notna().to_numpy()
            for concept in category.concepts:
                shown = (column == (concept if category.name == "texture" else float(concept))).to_numpy()
                row = values[unit, category.name, concept]
                truth = (masks > 0.5) & shown[:, None, None]
                both, either = (above & truth)[kept].sum(), (above | truth)[kept].sum()
                assert row["iou"] == pytest.approx(both / either, abs=1e-12)
                assert row["n"] == shown.sum()
                assert row["base_rate"] == pytest.approx(truth[kept].mean())
                share = (masks.reshape(30, 8, 4, 8, 4).mean((2, 4)) * shown[:, None, None])[kept].ravel()
                rounded = np.tile((maps[kept, unit].ravel()[:, None] >= levels).sum(1), 2)
                labels, weights = np.repeat([1, 0], share.size), np.r_[share, 1 - share]
                area = average_precision_score(labels, rounded, sample_weight=weights)
                assert row["auprc"] == pytest.approx(area, rel=1e-5)
                right, recalled, _ = precision_recall_curve(labels, rounded, sample_weight=weights)
                best = (2 * right * recalled / np.maximum(right + recalled, 1e-9)).max()
                assert row["f1"] == pytest.approx(best, rel=1e-5)


def test_blocks_and_groups_of_sites_change_nothing(as_model, monkeypatch):  # noqa: F811
    model, images = as_model(plain(4, 5, 2), 32), "stimuli?size=32&count=40"
    one, told = dissect(model, images, ["0", "1"], shuffles=5, batch_size=40), []
    monkeypatch.setattr("neurolupa.probing.dissection.showing.ROOM", 1)
    other = dissect(
        model, images, ["0", "1"], shuffles=5, batch_size=7, on_block=lambda *each: told.append(each)
    )
    assert told[-1] == (160, 160)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    frames = one.to_frame(), other.to_frame()
    assert frames[0]["site"].unique().tolist() == ["0", "1"]
    for name in frames[0]:
        left, right = (frame[name].to_numpy() for frame in frames)
        if left.dtype.kind == "f":
            np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-9)
        else:
            assert left.tolist() == right.tolist()


def test_the_model_is_left_as_found(as_model, untouched):  # noqa: F811
    model = as_model(plain(2, 3, 1), 32)
    with untouched(model):
        dissect(model, "stimuli?size=32&count=20", "1", factors="hue", shuffles=2)


def test_sites_without_maps_are_skipped_and_said(as_model):  # noqa: F811
    model = as_model(plain(2, 8, 8), 32)
    found = dissect(model, "stimuli?size=32&count=20", "kind:all", factors="hue", shuffles=2)
    assert found.skipped == {"2": SkipCode.NO_MAPS}
    assert [each.site for each in found.sites] == ["0", "1"]
    with pytest.raises(UsageError, match=r"^2 has no rows and columns"):
        dissect(model, "stimuli?size=32&count=20", "2")


@pytest.mark.parametrize("shape", [(32, 32), (32, 48)])
@pytest.mark.parametrize("side", [32, 64])
def test_masks_and_maps_meet_whatever_the_sizes_of_picture_and_input(as_model, side, shape):  # noqa: F811
    """An oblong input sees the whole picture, too: what answers any object still covers every one."""
    model = as_model(planted(), 32)
    model = replace(model, preprocessing=replace(model.preprocessing, input_size=shape))
    spec = f"stimuli?size={side}&count=72&background=grey"
    other = dissect(model, spec, "0", factors="shape", quantile=0.8, shuffles=1)
    overlap, active = other.of("0").iou.value[2], other.of("0").active[2]
    truth = np.array(other.categories[0].base_rates)
    covered = overlap / (1 + overlap) * (active + truth) / truth  # the intersection, as a share of the mask
    assert (covered > 0.95).all()  # some pixels of grey textures have the grey of the ground
    assert active < 1.8 * truth.sum()
    assert other.of("0").shape == shape


def test_a_dissection_is_stored_and_read(found, tmp_path):
    found.save(tmp_path / "new")
    again = Dissection.load(tmp_path / "new")
    assert again.to_frame().equals(found.to_frame())
    assert again.concepts("0").equals(found.concepts("0"))
    assert (again.source, again.categories, again.skipped) == (found.source, found.categories, found.skipped)
    (tmp_path / "new" / "dissection.safetensors").write_bytes(b"nothing")
    with pytest.raises(DataError, match="is damaged"):
        Dissection.load(tmp_path / "new")
    with pytest.raises(DataError, match=r"it has no dissection\.json"):
        Dissection.load(tmp_path)


def test_the_frame_is_a_table_that_the_counting_takes(found):
    assert count_detectors(found.to_frame()) == found.counts()["0"]
    assert len(found.to_frame()) == 3 * 2
    assert len(found.concepts("0")) == 3 * (9 + 8)


def test_scale_is_left_out_unless_it_is_asked_for(as_model):  # noqa: F811
    model, images = as_model(plain(1, 8, 8), 32), "stimuli?size=32&count=30"
    taken = dissect(model, images, "1", shuffles=1).categories
    assert [each.name for each in taken] == ["shape", "hue", "texture", "orientation", "frequency"]
    rates = dissect(model, images, "1", factors="scale", shuffles=1).categories[0].base_rates
    assert rates[0] < rates[1] < rates[2]  # why it is


@pytest.mark.parametrize(
    ("asked", "fault", "told"),
    [
        ({"factors": "colour"}, UsageError, "unknown factor 'colour'"),
        ({"factors": ""}, UsageError, "unknown factor ''"),
        ({"factors": []}, UsageError, "no factor was named"),
        ({"factors": "background"}, UsageError, "background is what the masks leave out"),
        ({"factors": "hue", "images": "stimuli?size=32&count=9&hue=red"}, DataError, "hue does not vary"),
        ({"quantile": 1.0}, UsageError, "quantile is a share between 0 and 1, not 1"),
        ({"least_iou": -1}, UsageError, "least_iou is a share between 0 and 1, not -1"),
        ({"shuffles": 0}, UsageError, "shuffles must be at least 1"),
        ({"sites": "3"}, UsageError, "unknown site '3'"),
    ],
)
def test_bad_input_is_refused_in_one_line(as_model, asked, fault, told):  # noqa: F811
    asked = {"images": "stimuli?size=32&count=9", "sites": "1"} | asked
    with pytest.raises(fault, match=told) as refused:
        dissect(as_model(plain(1, 8, 8), 32), **asked)
    assert "\n" not in str(refused.value)


def test_images_without_masks_are_refused(as_model, tmp_path):  # noqa: F811
    np.savez(tmp_path / "few.npz", images=np.zeros((2, 32, 32, 3), np.uint8), labels=np.zeros(2, int))
    with pytest.raises(UsageError, match="has no masks"):
        dissect(as_model(plain(1, 8, 8), 32), f"npz:{tmp_path / 'few.npz'}", "1")


def test_values_that_are_not_finite_are_refused(as_model):  # noqa: F811
    model = as_model(plain(1, 8, 8), 32)
    nn.init.constant_(model.module[0].bias, float("nan"))
    with pytest.raises(DataError, match=r"0 has values .* that are not finite"):
        dissect(model, "stimuli?size=32&count=9", "0")


def test_groups_of_sites_hold_every_site_once_in_order():
    model = nl.load_model("embedded")
    sites = nl.capture.trace(model).select("kind:relu")
    parts = list(groups(sites, 5000))
    assert [site.name for part in parts for site in part] == [site.name for site in sites]
    assert len(list(groups(sites, 10))) == 1
    assert len(parts) > 1
