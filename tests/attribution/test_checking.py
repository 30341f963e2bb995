"""The sanity check, and deletion and insertion."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import spearmanr, ttest_1samp
from tests.attribution.conftest import SIDE
from torch import nn

import neurolupa as nl
from neurolupa.attribution import Settings, Verdict, attribute, deletion_insertion, sanity_check
from neurolupa.attribution.checking.randomising import learnt_layers, randomised
from neurolupa.attribution.checking.similarity import MEASURES
from neurolupa.errors import DataError, UsageError
from neurolupa.models import load_model


class TestSimilarity:
    @pytest.mark.parametrize("name", MEASURES)
    def test_a_map_is_like_itself_and_a_shuffled_one_is_not(self, name):
        random = np.random.default_rng(0)
        found = random.normal(size=(32, 32)).cumsum(0).cumsum(1)
        shuffled = random.permuted(found.ravel()).reshape(found.shape)
        assert np.isclose(MEASURES[name](found, found), 1)
        assert abs(MEASURES[name](found, shuffled)) < 0.3

    @pytest.mark.parametrize("name", MEASURES)
    @pytest.mark.parametrize("blank", [0.0, 3.0, np.nan])
    def test_a_blank_map_is_comparable_to_nothing(self, name, blank):
        assert np.isnan(MEASURES[name](np.full((16, 16), blank), np.arange(256.0).reshape(16, 16)))

    def test_signs_count_for_the_signed_rank_alone(self):
        first = np.random.default_rng(1).normal(size=(9, 9))
        assert np.isclose(MEASURES["rank"](first, -first), 1)
        assert np.isclose(MEASURES["signed_rank"](first, -first), -1)


class TestRandomised:
    def test_layers_lose_their_weights_from_the_output_on_and_the_network_keeps_its_own(
        self, twice, untouched
    ):
        assert learnt_layers(twice) == ("head", "conv2", "conv1")
        with untouched(twice):
            seen = [
                [bool((one.module.get_submodule(name).weight == own).all()) for name, own in _weights(twice)]
                for one in randomised(twice, [["head"], ["conv2"], ["conv1"]], 0)
            ]
        assert seen == [[True, True, False], [True, False, False], [False, False, False]]

    def test_one_seed_gives_one_cascade_whatever_the_stages(self, twice):
        *_, fine = randomised(twice, [["head"], ["conv2"], ["conv1"]], 3)
        *_, again = randomised(twice, [["head"], ["conv2"], ["conv1"]], 3)
        *_, other = randomised(twice, [["head"], ["conv2"], ["conv1"]], 4)
        assert torch.equal(fine.module.conv1.weight, again.module.conv1.weight)
        assert not torch.equal(fine.module.conv1.weight, other.module.conv1.weight)


def _weights(model):
    return [(name, model.module.get_submodule(name).weight.clone()) for name in ("conv1", "conv2", "head")]


class TestSanity:
    def test_an_edge_detector_that_poses_as_an_explanation_is_found_out(self, twice, picture):
        check = sanity_check(twice, picture, "edges", seeds=3)
        assert check.verdict is Verdict.INSENSITIVE
        assert np.allclose(list(check.similarity.values()), 1)

    def test_gradcam_depends_on_what_the_network_learnt(self):
        check = sanity_check(
            "embedded", nl.load_images("samples")[0], "gradcam", target=3, seeds=16, stages=4
        )
        assert check.verdict is Verdict.SENSITIVE

    def test_guided_backpropagation_hardly_notices_what_a_gradient_notices(self):
        found = {
            name: sanity_check("embedded", nl.load_images("samples")[0], name, seeds=6, stages=4)
            for name in ("guided_backprop", "saliency")
        }
        low, _ = found["guided_backprop"].interval("rank")
        _, high = found["saliency"].interval("rank")
        assert low[0] > high[0] + 0.2
        assert low[found["saliency"].half] > high[found["saliency"].half] + 0.1

    def test_numbers_are_those_of_slow_ones(self, twice, picture):
        check = sanity_check(twice, picture, "gradient_x_activation", 2, "relu:0", seeds=3, stages=3)
        first = attribute(twice, picture, "gradient_x_activation", 2, "relu:0").map
        for seed in range(3):
            for stage, network in enumerate(randomised(twice, [["head"], ["conv2"], ["conv1"]], seed)):
                alone = replace(network, name="copy")
                own = attribute(alone, picture, "gradient_x_activation", 2, "relu:0").map
                expected = spearmanr(np.abs(first), np.abs(own), axis=None).statistic
                assert np.isclose(check.similarity["rank"][seed, stage], expected)
                if seed == 0:
                    assert np.allclose(check.maps[stage], own)

    def test_intervals_are_students(self, twice, picture):
        check = sanity_check(twice, picture, "saliency", seeds=5, stages=3)
        low, high = check.interval("rank")
        for stage, values in enumerate(check.similarity["rank"].T):
            expected = ttest_1samp(values, 0).confidence_interval()
            assert np.allclose((low[stage], high[stage]), expected)

    def test_blank_maps_of_random_networks_are_counted_and_left_out(self, twice, picture):
        check = sanity_check(twice, picture, "gradcam", seeds=8, stages=3)
        blank = np.isnan(check.similarity["rank"]).sum(0)
        assert check.blank == tuple(blank)
        assert blank.any()
        frame = check.to_frame()
        assert (frame[frame["measure"] == "rank"]["n"] == 8 - blank).all()
        known = [values[np.isfinite(values)].mean() for values in check.similarity["rank"].T]
        assert np.allclose(check.mean("rank"), known)

    @pytest.mark.parametrize(
        ("half", "whole", "verdict"),
        [
            (0.1, 0.1, Verdict.SENSITIVE),
            (0.9, 0.1, Verdict.INSENSITIVE),
            (0.1, 0.9, Verdict.INSENSITIVE),
            (0.5, 0.1, Verdict.UNDECIDED),
        ],
    )
    def test_the_verdict_looks_at_half_and_at_all_of_the_layers(self, half, whole, verdict, twice, picture):
        check = sanity_check(twice, picture, "saliency", seeds=3, stages=3)
        wobble = np.array([-0.02, 0.0, 0.02])[:, None]
        made = replace(check, similarity={"rank": np.array([[1.0, half, whole]]) + wobble})
        assert made.half == 1
        assert made.verdict is verdict

    def test_a_blank_map_cannot_be_judged(self, as_model, picture):
        layers = nn.Sequential(
            nn.Conv2d(3, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2)
        )
        with torch.no_grad():
            layers[4].weight.fill_(-1)
        model = as_model(layers, SIDE)
        assert sanity_check(model, picture, seeds=2).verdict is Verdict.NOTHING_TO_COMPARE

    def test_a_network_without_anything_learnt(self, as_model, picture):
        layers = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        with pytest.raises(DataError, match="no layer of Sequential can draw its weights anew"):
            sanity_check(as_model(layers, SIDE), picture, "saliency")

    def test_the_model_is_left_as_found_and_json_holds_no_nan(self, twice, picture, untouched):
        with untouched(twice):
            check = sanity_check(twice, picture, "gradcam", seeds=4, stages=2)
        json.dumps(check.to_dict(), allow_nan=False)


class Corner(nn.Module):
    """Two classes: how bright the top left quarter is, and nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.relu = nn.Parameter(torch.tensor(20.0)), nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        light = self.relu(x)[..., : SIDE // 2, : SIDE // 2].mean((1, 2, 3))
        return torch.stack([self.scale * (light - 0.25), torch.zeros_like(light)], 1)


@pytest.fixture
def lit(as_model):
    """A network that looks at a corner, a white picture, and a map that marks that corner."""
    model = as_model(Corner(), SIDE)
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    found = attribute(model, picture, "saliency", 0, settings=Settings(baseline="black"))
    return model, found


class TestDeletionInsertion:
    def test_a_right_map_deletes_fast(self, lit):
        model, found = lit
        assert (found.map[:4, :4] > 0).all()
        assert found.map.sum() == found.map[:4, :4].sum()
        curves = deletion_insertion(model, found, steps=4, moved=19)
        expected = [1 / (1 + np.exp(-20 * (share - 0.25))) for share in (1, 0, 0, 0, 0)]
        assert np.allclose(curves.deletion.probability, expected, atol=1e-6)
        assert np.isclose(curves.deletion.area, np.trapezoid(expected, curves.shares))
        assert curves.deletion.p == 1 / 20
        assert curves.deletion.area < curves.deletion.interval[0]

    def test_a_wrong_map_deletes_slowly(self, lit):
        model, found = lit
        wrong = replace(found, map=found.map[::-1, ::-1].copy())
        curves = deletion_insertion(model, wrong, steps=4, moved=19)
        assert curves.deletion.probability[1] > 0.99
        assert curves.deletion.p > 0.5

    def test_insertion_goes_the_other_way(self, as_model):
        model = as_model(Corner(), SIDE)
        values = np.zeros((SIDE, SIDE, 3), np.uint8)
        values[:4, :4] = 255
        with torch.no_grad():
            model.module.scale.fill_(200)
        found = attribute(model, Image.fromarray(values), "saliency", 0)
        right = deletion_insertion(model, found, steps=4, moved=19)
        wrong = deletion_insertion(model, replace(found, map=found.map[::-1, ::-1].copy()), steps=4, moved=19)
        assert right.insertion.area >= wrong.insertion.area
        assert right.insertion.probability[-1] == wrong.insertion.probability[-1]

    def test_a_seed_gives_the_same_moves_and_another_others(self, lit):
        model, found = lit
        one, again = (deletion_insertion(model, found, steps=4, moved=5, seed=1) for _ in range(2))
        other = deletion_insertion(model, found, steps=4, moved=5, seed=2)
        assert np.array_equal(one.deletion.null, again.deletion.null)
        assert not np.array_equal(one.deletion.null, other.deletion.null)

    def test_a_map_without_an_order_and_another_network_are_refused(self, lit, twice):
        model, found = lit
        with pytest.raises(DataError, match="one value everywhere orders no pixels"):
            deletion_insertion(model, replace(found, map=np.ones_like(found.map)))
        with pytest.raises(UsageError, match="the attribution is of Corner, not of this Twice"):
            deletion_insertion(twice, found)

    def test_the_model_is_left_as_found(self, lit, untouched):
        model, found = lit
        with untouched(model):
            deletion_insertion(model, found, steps=2, moved=2)

    def test_a_map_of_noise_is_no_better_than_moved_ones(self):
        model = load_model("embedded")
        images, found = nl.load_images("samples"), []
        for index in range(len(images)):
            noise = np.random.default_rng(index).random((32, 32)).astype(np.float32)
            map_of = replace(attribute(model, images[index], "saliency"), map=noise)
            curves = deletion_insertion(model, map_of, steps=6, moved=19, seed=index)
            found += [curves.deletion.p, curves.insertion.p]
        assert np.median(found) > 0.2
