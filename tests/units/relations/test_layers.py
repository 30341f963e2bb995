"""Layers beside layers: planted doubles, and what is missing."""

import numpy as np
import pytest

from neurolupa.errors import UsageError
from neurolupa.units.relations import RelationCode, layer_similarity

from .planting import plant

RNG = np.random.default_rng(0)
A = np.maximum(RNG.normal(size=(90, 10)), 0)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    """`a`; `doubled`: a twice; `turned`: a, turned; `other`: noise; `silent`: nothing."""
    turn = np.linalg.qr(RNG.normal(size=(10, 10)))[0]
    layers = {"a": A, "doubled": np.column_stack([A, 2 * A]), "turned": A @ turn}
    layers |= {"other": np.maximum(RNG.normal(size=(90, 12)), 0), "silent": np.zeros((90, 4))}
    return plant(tmp_path_factory.mktemp("layers"), **layers)


@pytest.fixture(scope="module")
def found(atlas):
    return layer_similarity(atlas)


def test_a_doubled_and_a_turned_layer_are_the_same_layer(found):
    for matrix in (found.cka, found.low, found.high, found.debiased, found.debiased_low):
        assert matrix[:3, :3] == pytest.approx(np.ones((3, 3)), abs=1e-6)
    assert (found.p_bound[:3, :3] < 0.05).all()


def test_noise_is_unlike_every_layer(found):
    assert (found.cka[3, :3] < found.null_bound[3, :3]).all()
    assert (found.p_bound[3, :3] > 0.05).all()
    assert (found.debiased_low[3, :3] < 0).all()
    assert (found.debiased_high[3, :3] > 0).all()


def test_a_silent_layer_is_not_applicable(found):
    assert found.codes == (*(RelationCode.OK,) * 4, RelationCode.NO_UNITS)
    assert np.isnan(found.cka[4]).all()
    assert np.isnan(found.debiased_high[:, 4]).all()


def test_how_much_of_each_layer_is_doubled(found):
    frame = found.layers_frame().set_index("site")
    assert frame["doubled"].tolist() == [0, 10, 0, 0, 0]
    assert frame.loc["doubled", ["share", "groups", "compared", "sampled"]].tolist() == [0.5, 10, 20, 90]
    assert frame.loc["silent", "code"] == "NO_UNITS"


def test_every_pair_is_a_row_with_its_n(found):
    frame = found.to_frame()
    assert len(frame) == 10
    assert frame.iloc[0][["first", "second", "images"]].tolist() == ["a", "doubled", 90]
    assert frame.iloc[0]["cka"] == pytest.approx(1)
    assert found.sampled == 90


def test_layers_are_chosen_by_name_and_pictures_by_seed(atlas):
    few = layer_similarity(atlas, ["other", "a"], images=20, seed=1)
    again, other = (layer_similarity(atlas, ["other", "a"], images=20, seed=seed) for seed in (1, 2))
    assert (few.sites, few.sampled) == (("other", "a"), 20)
    assert (few.images == again.images).all()
    assert np.array_equal(few.low, again.low)
    assert not np.array_equal(few.images, other.images)
    assert layer_similarity(atlas, "a").cka.tolist() == [[pytest.approx(1)]]


def test_only_pictures_on_which_all_layers_have_values_count(tmp_path):
    broken = A.copy()
    broken[7] = np.nan
    found = layer_similarity(plant(tmp_path, a=A, b=broken))
    assert found.sampled == 89
    assert 7 not in found.images
    assert found.cka[0, 1] == pytest.approx(1)


def test_three_pictures_are_too_few(tmp_path):
    found = layer_similarity(plant(tmp_path, a=A[:3], b=A[:3, :4]))
    assert found.codes == (RelationCode.FEW_IMAGES,) * 2
    assert np.isnan(found.cka).all()


def test_what_is_no_layer_or_number_is_refused(atlas):
    with pytest.raises(UsageError, match="unknown site"):
        layer_similarity(atlas, ["a", "b"])
    with pytest.raises(UsageError, match="none was named"):
        layer_similarity(atlas, [])
    with pytest.raises(UsageError, match="images must be at least 4"):
        layer_similarity(atlas, images=3)
    with pytest.raises(UsageError, match="named by strings"):
        layer_similarity(atlas, 5)
