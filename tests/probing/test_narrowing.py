"""The few units that carry a concept are found, and counted."""

import numpy as np
import pytest

from neurolupa.probing.carrying import by_unit
from neurolupa.probing.codes import Control, Spread
from neurolupa.probing.fitting.splitting import split
from neurolupa.probing.judging import chance_of, shuffled
from neurolupa.probing.narrowing import narrowed
from neurolupa.probing.result import ProbeSource
from neurolupa.probing.settings import Settings
from neurolupa.probing.sparse import UnitProbes, unit_probes
from neurolupa.probing.targets import Targets

SETTINGS = Settings(resamples=200)
SOURCE = ProbeSource("net", "", "made", "made", "", 600, 0, "mean", None, {})
LABELS = np.arange(600) % 4
KIND = Targets("kind", tuple("abcd"), LABELS)


def searched(features: np.ndarray, targets: Targets = KIND, cells: int = 1) -> UnitProbes:
    owners = np.arange(features.shape[1]) // cells
    parts = split(targets, 0.2, 5, 0)
    told = narrowed(features.astype(np.float32), owners, targets, parts, SETTINGS)
    dealt = narrowed(features.astype(np.float32), owners, shuffled(targets, 0), parts, SETTINGS)
    probes, control = unit_probes(told, dealt, "relu", parts, SETTINGS)
    return UnitProbes(
        targets.concept,
        targets.classes,
        "relu",
        chance_of(targets, parts),
        tuple(len(each.units) for each in told),
        tuple(each.units for each in told),
        probes,
        control,
        SOURCE,
    )


def noise(units: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(600, units))


def test_a_concept_in_one_unit_is_found_there() -> None:
    features = noise(12)
    features[:, 7] = LABELS + 0.02 * features[:, 7]
    found = searched(features)
    assert found.counts == (1, 2, 4, 8, 12)
    assert found.chosen[0] == (7,)
    assert found.code is Spread.ONE_UNIT
    assert found.probes[0].score > 0.9


def test_a_concept_in_three_units_needs_them() -> None:
    features = noise(16)
    for place, unit in enumerate((2, 9, 13)):
        features[:, unit] += 8 * (place == LABELS)
    found = searched(features)
    assert set(found.chosen[2]) >= {2, 9, 13}
    assert found.enough == 4
    assert found.code is Spread.FEW_UNITS


def test_a_concept_spread_over_all_units_is_said_to_be() -> None:
    away = np.random.default_rng(1).normal(size=(4, 64))[LABELS]
    found = searched(noise(64) + 0.25 * away)
    assert found.code is Spread.MANY_UNITS
    assert found.probes[0].score < found.probes[-1].score - 0.2


def test_nothing_is_said_to_be_in_no_unit() -> None:
    found = searched(noise(8))
    assert found.code is Spread.NONE
    assert all(probe.control is Control.SHUFFLED_LABELS for probe in found.shuffled)


def test_shuffled_labels_stay_at_chance_although_units_are_chosen_for_them() -> None:
    features = noise(64)
    features[:, 0] = LABELS
    shuffled_scores = [probe.score for probe in searched(features).shuffled]
    assert max(shuffled_scores) < 0.4  # of 120 test pictures, at chance 0.25


def test_two_copies_of_a_unit_do_not_push_each_other_out() -> None:
    features = noise(8)
    features[:, 3] = features[:, 4] = LABELS
    found = searched(features)
    assert found.chosen[0] in {(3,), (4,)}
    assert found.code is Spread.ONE_UNIT


def test_a_number_in_one_unit_is_found_there() -> None:
    features = noise(8)
    size = Targets("size", (), 3 * features[:, 5] + 0.1 * features[:, 1])
    found = searched(features, size)
    assert found.chosen[0] == (5,)
    assert found.measure == "r2"


def test_the_cells_of_a_unit_stay_together() -> None:
    features = noise(12)
    features[:, 7] = LABELS  # cell 1 of unit 3, of two cells each
    found = searched(features, cells=2)
    assert found.counts == (1, 2, 4, 6)
    assert found.chosen[0] == (3,)
    assert found.probes[0].features == 2


def test_squares_of_weights_are_summed_over_cells() -> None:
    found = by_unit(np.array([[1, 2, 2], [0, 1, 3]], np.float32), np.array([0, 1, 1]))
    assert found.tolist() == [[1, 8], [0, 10]]


def test_the_table_has_a_row_for_each_count() -> None:
    frame = searched(noise(4)).to_frame()
    assert frame["units"].tolist() == [1, 2, 4]
    assert frame["test"].unique().tolist() == [120]
    assert frame["chance"].unique() == pytest.approx(0.25)
