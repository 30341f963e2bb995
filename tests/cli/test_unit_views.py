"""`show` of conditions, redundancy, dimensions, similarity, activity and ranks, on units known beforehand."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.atlas.builder import build
from tests.cli.conftest import Run

VIEWS = (
    "conditions",
    "redundant",
    "redundant --site a",
    "dimensions",
    "similarity",
    "activity --site a",
    "ranks --site a --image 5",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`a`: units 0 and 1 are the same, 2 is dead, 3 its own; `b` is `a` the other way round."""
    rng = np.random.default_rng(0)
    one, other = rng.random(40), rng.random(40)
    a = np.stack([one, one, np.zeros(40), other], axis=1)
    folder = tmp_path_factory.mktemp("views")
    build(folder / "atlas", {"a": a, "b": a[:, ::-1].copy()})
    return folder


@pytest.fixture(autouse=True)
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)


def rows(run: Run, line: str) -> list[dict]:
    return json.loads(run(f"show atlas {line} --json").out)["rows"]


def test_conditions_are_counted_and_defined(run: Run) -> None:
    told = run("show atlas conditions").out
    assert [line.split() for line in told.splitlines()[4:6]] == [
        ["a", "1", "1", "0", "4"],
        ["b", "1", "1", "0", "4"],
    ]
    assert "Dead: never above" in told
    assert "(n/a: the non-linearity has no bound)" in told
    assert [(row["site"], row["unit"]) for row in rows(run, "conditions")] == [("a", 2), ("b", 1)]
    assert len(rows(run, "conditions --site b")) == 1


def test_what_is_doubled_is_counted_by_layer_and_listed_of_one(run: Run) -> None:
    assert [(row["site"], row["doubled"]) for row in rows(run, "redundant")] == [("a", 1), ("b", 1)]
    told = run("show atlas redundant --site a").out
    assert told.splitlines()[4].split() == ["0", "2", "0", "1.00", "0,", "1"]
    assert "with each other: 1." in told
    assert [row["unit"] for row in rows(run, "redundant --site b")] == [2, 3]


def test_dimensions_have_three_indices_for_each_layer(run: Run) -> None:
    found = rows(run, "dimensions")
    assert [row["site"] for row in found] == ["a"] * 3 + ["b"] * 3
    assert {row["units"] for row in found} == {3}
    assert all(1 <= row["value"] <= 3 for row in found if row["index"] != "corrected")


def test_layers_that_say_the_same_have_a_similarity_of_1(run: Run) -> None:
    (pair,) = rows(run, "similarity --site b")
    assert (pair["first"], pair["second"], round(pair["cka"], 6)) == ("a", "b", 1.0)


def test_activity_is_read_in_sentences(run: Run) -> None:
    assert "Redundant: 2 of 4 units" in run("show atlas activity --site a").out
    found = json.loads(run("show atlas activity --site a --json").out)
    assert np.shape(found["values"]) == (4, 40)
    assert "redundant" in {each["code"] for each in found["findings"]}


def test_ranks_are_of_one_picture(run: Run) -> None:
    told = run("show atlas ranks --site a --image 5 --unit 2 --top 2").out
    assert "Unit 2 has rank 4 of 4" in told
    assert len(told.splitlines()[4:6]) == 2
    assert [row["rank"] for row in rows(run, "ranks --site a --image 005.png")] == [1, 2, 3, 4]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_speaks_spanish(run: Run, view: str) -> None:
    found = run(f"show atlas {view} --lang es")
    assert (found.code, found.err) == (0, "")
    assert "N = 40 imágenes" in found.out


@pytest.mark.parametrize(
    ("line", "code", "fault"),
    [
        ("ranks --site a", 2, "ranks are of one picture: give --image, an index or an id of the set"),
        ("ranks --image 3", 2, "ranks needs a site: give --site, one of a, b, ..."),
        ("ranks --site a --image 40", 1, "has no image 40; images are 0 to 39"),
        ("ranks --site a --image dog.png", 1, "dog.png"),
        ("ranks --site a --image 3 --unit 4", 2, "a has no unit 4; its units are 0 to 3"),
        ("activity", 2, "activity needs a site"),
        ("activity --site c", 2, "unknown site 'c'"),
        ("similarity --site c", 2, "unknown site 'c'"),
        ("redundnt", 2, "nearest: redundant"),
    ],
)
def test_bad_questions_get_one_line(run: Run, line: str, code: int, fault: str) -> None:
    found = run(f"show atlas {line}")
    assert (found.code, found.out) == (code, "")
    assert fault in found.err
    assert len(found.err.splitlines()) == 1
