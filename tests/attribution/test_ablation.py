"""What is lost without single units: on one picture, and over labelled ones."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import binomtest, false_discovery_control, ttest_1samp
from tests.attribution.conftest import SIDE, Twice
from torch import nn

import neurolupa as nl
from neurolupa.attribution import Ablation, ablate, unit_effects
from neurolupa.attribution.ablation.tallying import mcnemar, mean_interval, paired_interval
from neurolupa.attribution.ablation.truth import truth_of
from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images


class TestUnitEffects:
    def test_a_pooled_network_loses_weight_times_mean(self, pooled, picture):
        found = unit_effects(pooled, picture, "relu", 1)
        means = np.asarray(picture, float).mean((0, 1)) / 255
        expected = -np.array([2, -1, 0, 5]) * [*means, 0]
        assert np.allclose(found.changes, expected, atol=1e-6)
        assert np.allclose(found.expected, expected, atol=1e-6)
        assert np.isclose(found.agreement, 1)
        assert found.to_frame()["unit"].tolist()[0] == 0

    def test_switched_off_at_a_convolution_is_its_weights_set_to_zero(self, twice, picture):
        found = unit_effects(twice, picture, "conv2", 2)
        batch = twice.prepare(picture)[None]
        for unit in range(6):
            edited = Twice().eval()
            edited.load_state_dict(twice.module.state_dict())
            with torch.no_grad():
                edited.conv2.weight[unit], edited.conv2.bias[unit] = 0, 0
                assert np.allclose(found.logits[unit], edited(batch)[0].numpy(), atol=1e-6)

    def test_one_call_of_a_layer_is_not_the_other(self, twice, picture):
        first, last = (unit_effects(twice, picture, site, 0) for site in ("relu:0", "relu:1"))
        assert not np.allclose(first.logits, last.logits, atol=1e-4)

    @pytest.mark.parametrize("value", [0.0, 1.5, "mean", np.linspace(-1, 1, 6)])
    def test_the_expectation_is_gradient_times_change(self, value, twice, picture):
        found = unit_effects(twice, picture, "relu:0", 3, value=value)
        recording = nl.record(twice, found.picture.as_input(twice), "relu:0", gradients=True, target=3)
        maps, slopes = recording["relu:0"][0].numpy(), recording.gradients["relu:0"][0].numpy()
        to = maps.mean((1, 2), keepdims=True) if isinstance(value, str) else np.reshape(value, (-1, 1, 1))
        assert np.allclose(found.expected, (slopes * (to - maps)).sum((1, 2)), atol=1e-6)

    def test_some_units_alone_are_those_of_all(self, twice, picture):
        every, some = unit_effects(twice, picture, "relu"), unit_effects(twice, picture, "relu", units=[4, 1])
        assert some.units.tolist() == [4, 1]
        assert np.allclose(some.logits, every.logits[[4, 1]], atol=1e-6)

    def test_probabilities_and_flips_are_those_of_the_logits(self, twice, picture):
        found = unit_effects(twice, picture, "relu")
        shares = np.exp(found.logits) / np.exp(found.logits).sum(1, keepdims=True)
        assert np.allclose(found.probabilities, shares[:, found.target.class_id], atol=1e-6)
        frame = found.to_frame().set_index("unit").sort_index()
        assert (frame["flips"] == (shares.argmax(1) != found.target.class_id)).all()

    def test_bad_units_and_values(self, twice, picture):
        with pytest.raises(UsageError, match="no unit 6 at relu; units are 0 to 5"):
            unit_effects(twice, picture, "relu", units=[6])
        with pytest.raises(UsageError, match="no unit was named"):
            unit_effects(twice, picture, "relu", units=[])
        with pytest.raises(UsageError, match="not to 'median'"):
            unit_effects(twice, picture, "relu", value="median")

    def test_the_model_is_left_as_found(self, twice, picture, untouched):
        with untouched(twice):
            unit_effects(twice, picture, "relu:0")


class TestTallying:
    def test_mcnemar_is_the_two_sided_binomial_test(self):
        for broken in range(8):
            for mended in range(8):
                slow = binomtest(broken, broken + mended, 0.5).pvalue if broken + mended else 1.0
                assert np.isclose(mcnemar(np.array([broken]), np.array([mended]))[0], slow)

    def test_the_interval_holds_the_true_change_about_as_often_as_it_says(self):
        random = np.random.default_rng(0)
        for n, down, up in ((40, 0.05, 0.02), (200, 0.02, 0.02), (1000, 0.1, 0.03)):
            drawn = random.multinomial(n, [down, up, 1 - down - up], size=4000)
            low, high = paired_interval(drawn[:, 0], drawn[:, 1], np.full(4000, n))
            assert 0.93 < ((low <= up - down) & (up - down <= high)).mean() <= 1

    def test_the_mean_is_students(self):
        values = np.random.default_rng(1).normal(3, 2, 12)
        found = mean_interval(np.array([values.sum()]), np.array([(values**2).sum()]), np.array([12]))
        low, high = ttest_1samp(values, 0).confidence_interval()
        assert np.allclose([each[0] for each in found], [values.mean(), low, high])


@pytest.fixture(scope="module")
def labelled():
    random = np.random.default_rng(3)
    pictures = [random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(23)]
    labels = [int(label) for label in random.integers(0, 4, 22)] + [None]
    return load_images(pictures, labels=labels, classes=["a", "b", "c", "d"])


def slow_answers(model, images, unit, value):
    """(N, classes) with one unit of the first ReLU set to a value by a hook, a picture at a time."""
    calls = []

    def hook(module, args, output):
        calls.append(None)
        if len(calls) % 2 == 1 and unit is not None:
            output = output.clone()
            for one in unit:
                output[:, one] = value[one]
        return output

    handle = model.module.relu.register_forward_hook(hook)
    with torch.no_grad():
        found = [model.module(model.prepare(one.image)[None])[0].numpy() for one in images]
    handle.remove()
    return np.array(found)


@pytest.mark.parametrize("value", [0.0, "mean"])
def test_counts_are_those_of_a_pass_for_each_group_and_picture(value, twice, labelled, untouched):
    groups = [(0,), (2,), (1, 3, 5)]
    with untouched(twice):
        found = ablate(twice, labelled, "relu:0", [0, 2, [1, 3, 5]], value=value, batch_size=5)
    with torch.no_grad():
        maps = [twice.module.conv1(twice.prepare(one.image)[None]).relu()[0].mean((1, 2)) for one in labelled]
    filling = torch.stack(maps).mean(0) if value == "mean" else torch.zeros(6)
    labels, before = labelled.labels[:22], slow_answers(twice, labelled, None, None)[:22]
    was = before.argmax(1) == labels
    assert found.source.pictures == 22
    assert found.source.left_out == 1
    assert found.right.sum() == was.sum()
    rows = found.class_frame()
    for number, group in enumerate(groups):
        after = slow_answers(twice, labelled, group, filling)[:22]
        now = after.argmax(1) == labels
        change = after[np.arange(22), labels] - before[np.arange(22), labels]
        for label in range(4):
            own, row = labels == label, rows[(rows["group"] == number) & (rows["class_id"] == label)].iloc[0]
            assert (row["n"], row["broken"], row["mended"]) == (
                own.sum(), (was & ~now)[own].sum(), (~was & now)[own].sum(),
            )  # fmt: skip
            assert np.isclose(row["logit_change"], change[own].mean(), atol=1e-5)
        overall = found.to_frame().iloc[number]
        assert np.isclose(overall["change"], now.mean() - was.mean())
        low, high = ttest_1samp(change, 0).confidence_interval()
        assert np.allclose((overall["logit_low"], overall["logit_high"]), (low, high), atol=1e-5)


def test_blocks_and_how_they_are_cut_change_nothing(twice, labelled):
    frames = [ablate(twice, labelled, "relu:0", batch_size=size).class_frame() for size in (1, 7, 100)]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0], atol=1e-5, rtol=1e-4)


def test_adjusted_over_all_rows_by_benjamini_and_hochberg(twice, labelled):
    found = ablate(twice, labelled, "relu:0")
    for frame in (found.to_frame(), found.class_frame()):
        assert np.allclose(frame["p_adjusted"], false_discovery_control(frame["p"]))


def test_a_unit_that_alone_carries_a_class_ruins_that_class_alone(as_model):
    """Class 1 is told by red alone: without unit 0 every red picture is called something else."""
    net = nn.Sequential(
        nn.Conv2d(3, 3, 1, bias=False), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3)
    )
    with torch.no_grad():
        net[0].weight.copy_(torch.eye(3)[..., None, None])
        net[4].weight.copy_(torch.eye(3))
        net[4].bias.copy_(torch.tensor([0.0, 0.01, 0.0]))
    pictures = [np.full((SIDE, SIDE, 3), np.eye(3)[place % 3] * 200, np.uint8) for place in range(30)]
    images = load_images(
        pictures, labels=[place % 3 for place in range(30)], classes=["red", "green", "blue"]
    )
    found = ablate(as_model(net, SIDE), images, "1")
    frame = found.class_frame().pivot(index="group", columns="class_name", values="change")
    assert found.accuracy == 1
    assert frame.loc[0].to_dict() == {"red": -1.0, "green": 0.0, "blue": 0.0}
    assert frame.loc[1].to_dict() == {"red": 0.0, "green": 0.0, "blue": 0.0}  # its bias still tells it
    assert frame.loc[2].to_dict() == {"red": 0.0, "green": 0.0, "blue": -1.0}
    ruined = found.class_frame().query("change == -1")
    assert (ruined["p_adjusted"] < 0.05).all()
    assert (ruined["high"] < -0.5).all()


def test_without_labels_what_counts_is_that_the_answer_stays(twice, labelled):
    found = ablate(twice, labelled, "relu:0", truth="prediction")
    assert found.accuracy == 1
    assert found.source.pictures == 23
    assert not found.mended.any()
    before = slow_answers(twice, labelled, None, None).argmax(1)
    after = slow_answers(twice, labelled, (0,), torch.zeros(6)).argmax(1)
    assert found.broken[0].sum() == (before != after).sum()


def test_saved_and_loaded_it_is_the_same(twice, labelled, tmp_path):
    found = ablate(twice, labelled, "relu:0", [0, (1, 2)])
    found.save(tmp_path / "a")
    back = Ablation.load(tmp_path / "a")
    pd.testing.assert_frame_equal(back.class_frame(), found.class_frame())
    assert back.to_dict() == found.to_dict()
    (tmp_path / "a" / "ablation.safetensors").write_bytes(b"broken")
    with pytest.raises(DataError, match="is damaged"):
        Ablation.load(tmp_path / "a")


class TestTruth:
    def test_names_are_found_whatever_their_capitals(self, as_model):
        model = as_model(nn.Flatten(), 1)
        named = nl.load_model(model.module, input_size=1, classes=["Cat", "great white shark", "dog"])
        images = load_images([np.zeros((1, 1, 3), np.uint8)] * 3, labels=["dog", "great_white_shark", "fox"])
        truth = truth_of("label", named, images, 3)
        assert truth.names == ("dog", "fox", "great_white_shark")
        assert truth.of_label.tolist() == [2, -1, 1]
        assert truth.right(np.array([0, 1, 2, -1]), np.zeros(4, int)).tolist() == [2, -1, 1, -1]

    def test_labels_without_names_are_the_networks_numbers_and_get_its_names(self):
        model = nl.load_model("embedded")
        images = load_images([np.zeros((4, 4, 3), np.uint8)] * 2, labels=[3, 5])
        truth = truth_of("label", model, images, 10)
        assert truth.names[3] == "cat"
        assert truth.of_label.tolist() == list(range(6))

    def test_classes_that_the_network_does_not_have(self):
        images = load_images([np.zeros((4, 4, 3), np.uint8)] * 2, labels=["red", "blue"])
        with pytest.raises(DataError, match="has no class of the network's; truth='prediction'"):
            ablate("embedded", images, "layer1.0.relu")

    def test_pictures_without_labels(self):
        images = load_images([np.zeros((4, 4, 3), np.uint8)] * 2)
        with pytest.raises(DataError, match="is unlabelled"):
            ablate("embedded", images, "layer1.0.relu")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"units": [6]}, "no unit 6 at relu:0; units are 0 to 5"),
        ({"units": []}, "no unit was named"),
        ({"value": "median"}, "unknown value 'median'"),
        ({"truth": "labels"}, "unknown truth 'labels'; nearest: label"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_what_cannot_be_asked(asked, line, twice, labelled):
    with pytest.raises(UsageError, match=line):
        ablate(twice, labelled, "relu:0", **asked)


@pytest.mark.real
def test_a_real_network_has_the_accuracy_that_is_known_and_loses_it_with_a_layer(data):
    root = nl.load_model("squeezenet1_1", weights=data / "weights" / "squeezenet1_1-imagenet.pth")
    images = f"folder:{data / 'imagenet'}?limit=60"
    found = ablate(root, images, "features.12/cat", [range(512)])
    model = root
    shown = load_images(images)
    right = [model.predict(one.image, 1)[0].class_id == one.label for one in shown]
    assert np.isclose(found.accuracy, np.mean(right))
    assert found.to_frame()["after"].item() < 0.05
