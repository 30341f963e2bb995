"""The partners of a unit: planted copies and opposites, and noise that stays noise."""

import numpy as np
import pytest
from scipy import stats

from neurolupa.errors import UsageError
from neurolupa.locales import LANGUAGES, text
from neurolupa.units.relations import RelationCode, relations
from neurolupa.units.relations.correlating import correlation_matrix, fisher_interval, shuffled_extremes
from neurolupa.units.relations.correlating import standardised as standard

from .planting import plant

N = 60


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    """Units 0 to 4: noise; 5: 2 x unit 0; 6: 5 - unit 1; 7: silent; 8: always 3."""
    noise = np.random.default_rng(0).exponential(size=(N, 5)).astype(np.float32)
    made = [2 * noise[:, 0], 5 - noise[:, 1], 0 * noise[:, 0], 0 * noise[:, 0] + 3]
    return plant(tmp_path_factory.mktemp("relations"), relu=np.column_stack([noise, *made]))


def test_a_copy_is_the_most_similar_unit_with_correlation_one(atlas):
    found = relations(atlas, "relu", 0, shuffles=99)
    first = found.similar[0]
    assert (first.unit, first.p) == (5, 0.01)
    assert [first.correlation, first.low, first.high] == pytest.approx([1, 1, 1], abs=1e-12)
    assert found.similar_chance.p == 0.01
    assert found.similar_chance.mean < found.similar_chance.bound < 0.6
    assert (found.sampled, found.total, found.compared) == (N, 9, 6)


def test_a_mirrored_unit_is_the_most_opposite_with_correlation_minus_one(atlas):
    found = relations(atlas, "relu", 1, shuffles=99)
    first = found.opposite[0]
    assert (first.unit, first.p) == (6, 0.01)
    assert first.correlation == pytest.approx(-1, abs=1e-12)
    assert found.opposite_chance.bound < found.opposite_chance.mean < 0
    assert all(each.correlation > 0 for each in found.similar)
    assert all(each.correlation < 0 for each in found.opposite)


def test_correlations_are_those_of_numpy_and_intervals_those_of_scipy(atlas):
    values = np.asarray(atlas.samples("relu").mean, float)[:, :7]
    found = relations(atlas, "relu", 2, k=20)
    expected = np.corrcoef(values.T)[2]
    others = [0, 1, 3, 4, 5, 6]
    assert found.correlations[others] == pytest.approx(expected[others], abs=1e-12)
    assert np.isnan(found.correlations[[2, 7, 8]]).all()
    assert found.codes[[7, 8]].tolist() == ["SILENT", "CONSTANT"]
    assert {each.unit for each in (*found.similar, *found.opposite)} == set(others)
    for each in (*found.similar, *found.opposite):
        interval = stats.pearsonr(values[:, 2], values[:, each.unit]).confidence_interval(0.95)
        assert (each.low, each.high) == pytest.approx(interval, abs=1e-9)


@pytest.mark.parametrize(("unit", "code"), [(7, RelationCode.SILENT), (8, RelationCode.CONSTANT)])
def test_a_unit_that_does_not_vary_has_no_partners_and_a_code(atlas, unit, code):
    found = relations(atlas, "relu", unit)
    assert found.code is code
    assert (found.similar, found.opposite, found.similar_chance) == ((), (), None)
    assert np.isnan(found.correlations).all()
    assert found.to_frame().empty


def test_partners_are_in_order_and_ties_by_number(tmp_path):
    line = np.arange(8.0)
    found = relations(plant(tmp_path, relu=np.column_stack([line, line, line**3, line])), "relu", 0, k=2)
    assert [each.unit for each in found.similar] == [1, 3]
    frame = found.to_frame()
    assert frame["partner"].tolist() == [1, 3]
    assert frame[["relation", "rank", "unit", "images"]].iloc[1].tolist() == ["similar", 1, 0, 8]


def test_the_same_seed_gives_the_same_numbers_and_another_other_nulls(atlas):
    first, again, other = (relations(atlas, "relu", 3, shuffles=99, seed=seed) for seed in (1, 1, 2))
    assert first.similar_chance == again.similar_chance != other.similar_chance
    assert relations(atlas, "relu", 3, shuffles=0).similar_chance is None
    assert np.isnan(relations(atlas, "relu", 3, shuffles=0).similar[0].p)


def test_maxima_can_stand_for_the_maps(tmp_path):
    maps = np.zeros((6, 2, 1, 2))
    maps[:, 0, 0, 0] = maps[:, 1, 0, 1] = np.arange(6)
    maps[:, 0, 0, 1] = -np.arange(6)[::-1] * 3
    atlas = plant(tmp_path, relu=maps)
    assert relations(atlas, "relu", 0, of="max").similar[0].correlation == pytest.approx(1)
    assert relations(atlas, "relu", 0, of="mean").sampled == 6


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # of the atlas builder's quantiles
def test_values_that_are_not_finite_leave_out_a_broken_unit_and_then_a_broken_picture(tmp_path):
    values = np.random.default_rng(1).normal(size=(20, 4))
    values[:12, 3] = np.nan
    values[4, 0] = np.inf
    found = relations(plant(tmp_path, relu=values), "relu", 0)
    kept = np.delete(values[:, :3], 4, axis=0).astype(np.float32).astype(float)
    assert (found.sampled, found.compared) == (19, 2)
    assert found.codes.tolist() == ["OK", "OK", "OK", "NOT_FINITE"]
    assert found.correlations[1:3] == pytest.approx(np.corrcoef(kept.T)[0, 1:], abs=1e-12)


@pytest.mark.parametrize(("shape", "code"), [((3, 5), RelationCode.FEW_IMAGES), ((9, 1), RelationCode.ALONE)])
def test_too_few_pictures_or_units_are_said(tmp_path, shape, code):
    values = np.random.default_rng(2).normal(size=shape)
    assert relations(plant(tmp_path, relu=values), "relu", 0).code is code


def test_what_the_atlas_or_the_arguments_do_not_have_is_refused(atlas):
    with pytest.raises(UsageError, match="units are 0 to 8"):
        relations(atlas, "relu", 9)
    with pytest.raises(UsageError, match="unknown site"):
        relations(atlas, "rleu", 0)
    with pytest.raises(UsageError, match="nearest: mean"):
        relations(atlas, "relu", 0, of="median")
    with pytest.raises(UsageError, match="k must be at least 1"):
        relations(atlas, "relu", 0, k=0)


def test_of_a_thousand_noise_units_at_most_one_in_twenty_has_a_partner_beyond_chance(tmp_path):
    """By exchangeability p <= 0.05 has probability 5/100 exactly; 99.9 % of such counts are below 74."""
    rng = np.random.default_rng(3)
    sides = np.zeros(2, int)
    for _ in range(1000):
        columns = standard(np.maximum(rng.normal(size=(40, 12)), 0))
        high, low = shuffled_extremes(columns[:, 0], columns[:, 1:], 19, int(rng.integers(2**31)))
        found = columns[:, 0] @ columns[:, 1:]
        sides += [(high >= found.max()).sum() == 0, (low <= found.min()).sum() == 0]
    assert (sides <= 73).all()
    assert (sides >= 27).all()


def test_extremes_are_over_all_others_and_in_any_number_of_steps(monkeypatch):
    columns = standard(np.random.default_rng(4).normal(size=(10, 4)))
    high, low = shuffled_extremes(columns[:, 0], columns[:, 1:], 50, seed=0)
    every, _ = shuffled_extremes(columns[:, 0], columns[:, 1:2], 50, seed=0)
    assert (high >= every - 1e-12).all()
    assert (high > every + 1e-12).any()
    monkeypatch.setattr("neurolupa.units.relations.correlating.ROOM", 1)
    again = shuffled_extremes(columns[:, 0], columns[:, 1:], 50, seed=0)[1]
    np.testing.assert_allclose(again, low, atol=1e-12)


def test_a_matrix_is_that_of_numpy_and_intervals_hold_their_share():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(30, 6)) + 1e4
    assert correlation_matrix(values) == pytest.approx(np.corrcoef(values.T), abs=1e-9)
    shared = rng.normal(size=(2000, 40, 1))
    pairs = shared + rng.normal(size=(2000, 40, 2))  # their true correlation is 1/2
    found = np.array([np.corrcoef(pair.T)[0, 1] for pair in pairs])
    low, high = fisher_interval(found, 40)
    assert 0.93 < ((low <= 0.5) & (high >= 0.5)).mean() < 0.97


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_words(lang):
    assert all(text(f"units.relations.code.{code}", lang) for code in RelationCode)
