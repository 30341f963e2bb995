"""What a report tells, and that it comes back from disk as it was."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurolupa.errors import DataError, UsageError
from neurolupa.probing.codes import Control, Emergence
from neurolupa.probing.emerging import depth_of, first_place
from neurolupa.probing.result import ConceptProbes, ProbeReport
from neurolupa.probing.settings import Settings

Made = Callable[..., ConceptProbes]


def test_a_concept_comes_up_where_nine_tenths_of_the_best_are_reached(concept: Made) -> None:
    found = depth_of(concept("shape", (0.3, 0.82, 0.88)), Settings())
    assert (found.code, found.site, found.place) == (Emergence.EMERGES, "middle", 1)  # (0.82 - .25) / 0.63
    assert (found.best_site, found.best, found.chance, found.test) == ("top", 0.88, 0.25, 400)
    assert (found.low_site, found.high_site) == ("middle", "top")


@pytest.mark.parametrize(
    ("scores", "controls", "code"),
    [
        ((0.25, 0.26, 0.24), {}, Emergence.ABSENT),
        ((0.8, 0.8, 0.7), {}, Emergence.AT_ONCE),
        ((0.3, 0.3, 0.8), {"random": (0.3, 0.3, 0.79)}, Emergence.UNTRAINED),
        ((0.3, 0.3, 0.8), {"pixels": 0.79}, Emergence.IN_PIXELS),
        ((0.3, 0.3, 0.8), {}, Emergence.EMERGES),
    ],
)
def test_how_a_concept_comes_up(concept: Made, scores: tuple, controls: dict, code: Emergence) -> None:
    assert depth_of(concept("shape", scores, **controls), Settings()).code is code


def test_concepts_are_ordered_by_depth(report: ProbeReport) -> None:
    assert [one.concept for one in report.emergence()] == ["early", "middle", "late"]
    assert [one.place for one in report.emergence()] == [0, 1, 2]


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.floats(-1, 1))
def test_the_first_place_reaches_the_share_and_none_before_does(scores: list[float], chance: float) -> None:
    above = [score - chance for score in scores]
    place = int(first_place(np.array([scores]), chance)[0])
    best = max(above)
    needed = 0.9 * best if best > 0 else best
    assert above[place] >= needed - 1e-9
    assert all(one < needed for one in above[:place])


def test_a_row_for_each_probe(report: ProbeReport) -> None:
    frame = report.to_frame()
    assert len(frame) == 3 * (3 + 3 + 3 + 1)
    row = frame[(frame.concept == "late") & (frame.site == "top") & (frame.control == "none")].iloc[0]
    assert row["accuracy"] == row["score"] == 0.9
    assert row["balanced_accuracy"] == pytest.approx(report.concept("late").recalls("top").mean())
    assert row["selectivity"] == pytest.approx(0.65)
    assert (row["train"], row["test"], row["codes"]) == (1600, 400, "CONSTANT_FEATURES")
    assert set(frame.control) == {control.value for control in Control}


def test_right_answers_are_on_the_diagonal(report: ProbeReport) -> None:
    table = report.concept("late").confusion("top")
    assert table.sum() == 400
    assert table.trace() == 360
    np.testing.assert_array_equal(table.sum(1), 100)


def test_units_are_ordered_by_their_weights(report: ProbeReport) -> None:
    frame = report.carriers("late", "top")
    # weights of class k are 3k, 3k + 1, 3k + 2; the last two features belong to unit 1
    assert frame["unit"].tolist() == [1, 0]
    first, others = (0, 3, 6, 9), (1, 2, 4, 5, 7, 8, 10, 11)
    lengths = [np.sqrt(sum(weight**2 for weight in each)) for each in (others, first)]
    assert frame["weight"].tolist() == pytest.approx(lengths)
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["for_class"].tolist() == ["d", "d"]


def test_unknown_names_are_refused_with_the_nearest(report: ProbeReport) -> None:
    with pytest.raises(UsageError, match="unknown probed concept 'lat'; nearest: late"):
        report.concept("lat")
    with pytest.raises(UsageError, match="unknown site probed with control none 'tip'; nearest: top"):
        report.concept("late").of("tip")


def test_a_report_comes_back_as_it_was(report: ProbeReport, tmp_path: Path) -> None:
    report.save(tmp_path / "probes")
    again = ProbeReport.load(tmp_path / "probes")
    assert again.to_frame().equals(report.to_frame())
    assert again.emergence() == report.emergence()
    assert (again.skipped, again.settings, again.source) == (report.skipped, report.settings, report.source)
    assert again.carriers("late", "top").equals(report.carriers("late", "top"))
    assert again.concept("late").dropped == (("e", 3),)


def test_missing_and_damaged_reports_are_said_to_be_so(report: ProbeReport, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no probes in .*: it has no probes\.json"):
        ProbeReport.load(tmp_path)
    report.save(tmp_path)
    head = json.loads((tmp_path / "probes.json").read_text())
    (tmp_path / "probes.json").write_text(json.dumps(head | {"schema": 9}))
    with pytest.raises(DataError, match="schema 9, not 1: probe again"):
        ProbeReport.load(tmp_path)
    (tmp_path / "probes.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        ProbeReport.load(tmp_path)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"test": 1.0}, "test is a share between 0 and 1, not 1"),
        ({"folds": 1}, "folds must be at least 2, not 1"),
        ({"strengths": ()}, "strengths are finite numbers above 0"),
        ({"strengths": (0.0, 1.0)}, "strengths are finite numbers above 0"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
    ],
)
def test_senseless_settings_are_refused(choice: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Settings(**choice)
