"""A trained network on photographs: its one dead unit, layers that are alike, units that say the same."""

import numpy as np
import pytest

import neurolupa as nl
from neurolupa.units.conditions import FilterCode, conditions, filter_pair
from neurolupa.units.relations import layer_similarity, redundant_groups, relations

SITES = [f"features.{place}" for place in ("1", "3.squeeze_activation", "3.expand1x1_activation")]


@pytest.fixture(scope="module")
def squeezenet(data):
    weights = data / "weights" / "squeezenet1_1-imagenet.pth"
    return nl.load_model("squeezenet1_1", weights=weights, device="cpu", input_size=96)


@pytest.fixture(scope="module")
def atlas(squeezenet, data, tmp_path_factory):
    photographs = nl.load_images(f"folder:{data / 'imagenet'}", sample=40, seed=0)
    out = tmp_path_factory.mktemp("real") / "atlas"
    return nl.scan(squeezenet, photographs, SITES, out, workers=1, exemplars=1)


@pytest.mark.real
def test_the_dead_unit_of_squeezenet_has_hardly_a_kernel(squeezenet, atlas):
    listed = conditions(atlas).to_frame()
    dead = listed[listed["dead"].fillna(False)]
    assert dead[["site", "unit"]].values.tolist() == [[SITES[2], 40]]
    found = filter_pair(squeezenet, atlas, SITES[2], 40)
    assert found.code is FilterCode.VANISHED_KERNEL
    kernels = squeezenet.module.features[3].expand1x1.weight.detach().numpy().reshape(64, -1)
    lengths = np.linalg.norm(kernels, axis=1)
    assert found.parts[0].dead.length == pytest.approx(lengths[40], rel=1e-5) == lengths.min()
    live = [unit for unit in range(64) if unit not in set(listed["unit"])]
    assert lengths[found.live] == pytest.approx(np.sort(lengths[live])[(len(live) - 1) // 2])


@pytest.mark.real
def test_relations_of_squeezenet_are_those_of_its_recorded_means(squeezenet, atlas):
    means = np.asarray(atlas.samples(SITES[0]).mean, float)
    matrix = np.corrcoef(means.T)
    found = relations(atlas, SITES[0], 5, shuffles=99)
    np.fill_diagonal(matrix, -2)
    assert found.similar[0].unit == matrix[5].argmax()
    assert found.similar[0].correlation == pytest.approx(matrix[5].max())
    assert found.similar[0].p == 0.01
    assert redundant_groups(atlas, SITES[0]).groups[0].lowest >= 0.9


@pytest.mark.real
def test_neighbours_in_depth_are_more_alike_than_chance(atlas):
    found = layer_similarity(atlas)
    assert (found.p_bound < 0.05).all()
    assert found.debiased[1, 2] > found.debiased[0, 2]
