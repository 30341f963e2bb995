"""Dimensions: known spectra, the definitions written slowly, and what few pictures do."""

from itertools import permutations

import numpy as np
import pytest

from neurolupa.units.relations import RelationCode, dimensionality
from neurolupa.units.relations.jackknife import jackknife, reach
from neurolupa.units.relations.spectra import (
    corrected_participation,
    dimensions,
    effective_rank,
    eigenvalues,
    participation_ratio,
)

from .planting import plant, resampled


def test_so_many_equal_directions_are_so_many_dimensions():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(40, 8)) - 0)
    centred = basis - basis.mean(axis=0)
    white = np.linalg.qr(centred)[0]  # eight columns of equal length at right angles, each of mean 0
    assert participation_ratio(eigenvalues(white)) == pytest.approx(8)
    assert effective_rank(eigenvalues(white)) == pytest.approx(8)
    assert participation_ratio(eigenvalues(white[:, :1] * np.ones((1, 5)))) == pytest.approx(1)


def test_both_are_the_formulas_over_numpys_covariance():
    values = np.random.default_rng(1).exponential(size=(30, 6)) * [1, 2, 3, 4, 5, 6]
    found = np.linalg.eigvalsh(np.cov(values.T))
    share = found / found.sum()
    assert eigenvalues(values) == pytest.approx(found[::-1])
    assert participation_ratio(eigenvalues(values)) == pytest.approx(found.sum() ** 2 / (found**2).sum())
    assert effective_rank(eigenvalues(values)) == pytest.approx(np.exp(-(share * np.log(share)).sum()))


def test_fewer_pictures_than_units_have_the_same_eigenvalues():
    values = np.random.default_rng(2).normal(size=(5, 9))
    assert eigenvalues(values) == pytest.approx(np.linalg.eigvalsh(np.cov(values.T))[::-1][:5])


def test_turning_doubling_and_shifting_change_nothing():
    rng = np.random.default_rng(3)
    values = rng.exponential(size=(25, 4))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    first = dimensions(values)
    for other in (values @ turn, np.column_stack([values, values]), 3 * values + 7):
        second = dimensions(other)
        assert [second.participation, second.corrected, second.effective] == pytest.approx(
            [first.participation, first.corrected, first.effective]
        )


def test_both_traces_are_means_over_four_different_pictures():
    values = np.random.default_rng(4).exponential(size=(6, 3))
    above, below = [], []
    for i, j, k, m in permutations(values, 4):
        above.append(((i - j) ** 2).sum() / 2 * ((k - m) ** 2).sum() / 2)
        below.append(((i - j) @ (k - m)) ** 2 / 4)
    assert corrected_participation(values) == pytest.approx(np.mean(above) / np.mean(below))


def test_with_fewer_pictures_than_units_only_the_corrected_ratio_finds_the_truth():
    rng = np.random.default_rng(5)
    spectrum = 1 / np.arange(1, 61) ** 0.5
    truth = spectrum.sum() ** 2 / (spectrum**2).sum()
    found = [dimensions(rng.normal(size=(30, 60)) * np.sqrt(spectrum)) for _ in range(200)]
    assert np.mean([each.corrected for each in found]) == pytest.approx(truth, rel=0.05)
    assert max(each.participation for each in found) < 0.7 * truth


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(6).normal(size=50)
    error = jackknife(lambda kept: values[kept].mean(), 50, 50, seed=0)
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(50))
    assert reach(10) == pytest.approx(2.262157, abs=1e-6)


def test_intervals_hold_the_truth(tmp_path):
    rng = np.random.default_rng(7)
    spectrum = np.array([4, 3, 2, 1, 1, 1.0])
    truth = spectrum.sum() ** 2 / (spectrum**2).sum()
    atlas = plant(tmp_path, relu=np.ones((1, 1)))
    drawn = (resampled(atlas, rng.normal(size=(80, 6)) * np.sqrt(spectrum)) for _ in range(100))
    found = [dimensionality(each, "relu", shuffles=0).corrected for each in drawn]
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.87


def test_a_layer_of_copies_has_fewer_dimensions_than_its_null_and_noise_has_not(tmp_path):
    rng = np.random.default_rng(9)
    noise = rng.exponential(size=(60, 8))
    copied = noise[:, [0, 0, 0, 0, 1, 1, 1, 1]]
    atlas = plant(tmp_path, noise=noise, copied=copied, broken=np.zeros((60, 3)))
    few = dimensionality(atlas, "copied")
    assert few.participation.value < 2.01 < few.participation.null_low
    assert (few.participation.p, few.code, few.most) == (0.05, RelationCode.OK, 8)
    assert dimensionality(atlas, "noise").corrected.p > 0.05
    assert few.participation.low < few.participation.value < few.participation.high
    nothing = dimensionality(atlas, "broken")
    assert (nothing.code, nothing.left_out) == (RelationCode.NO_UNITS, {"SILENT": 3})
    assert np.isnan(nothing.participation.value)
    assert few.to_frame()["index"].tolist() == ["participation", "corrected", "effective"]
    assert (few.to_frame()["images"] == 60).all()


def test_fewer_pictures_than_units_are_flagged(tmp_path):
    rng = np.random.default_rng(9)
    atlas = plant(tmp_path, wide=rng.normal(size=(12, 12)), enough=rng.normal(size=(13, 12))[:12, :11])
    wide = dimensionality(atlas, "wide", shuffles=0)
    assert (wide.code, wide.most) == (RelationCode.FEWER_IMAGES_THAN_UNITS, 11)
    assert wide.participation.value < wide.corrected.value
    assert dimensionality(atlas, "enough", shuffles=0).code is RelationCode.OK


def test_independent_units_stay_inside_their_null(tmp_path):
    """p <= 0.05 of 19 shuffles has probability 1/20; 99.9 % of such counts of 80 are below 12."""
    rng = np.random.default_rng(10)
    atlas = plant(tmp_path, relu=np.ones((1, 1)))
    drawn = (resampled(atlas, rng.exponential(size=(20, 5))) for _ in range(80))
    found = [dimensionality(each, "relu", seed=k).participation.p for k, each in enumerate(drawn)]
    assert 0 < (np.array(found) <= 0.05).sum() <= 11
