"""`show` and `export`: tables that fit and never cut a name, JSON that parses, sentences of two languages."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from neurolupa.locales import text
from tests.atlas.builder import build
from tests.cli.conftest import Run

TABLES = ("layers", "units", "classes", "dead", "exemplars", "evolution")


def rows(printed: str) -> list[list[str]]:
    """The cells of a printed table, its head first, without the rule below it."""
    lines = [line for line in printed.splitlines()[2:] if line and not line.startswith("─")]
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def test_layers(atlas: Path, run: Run) -> None:
    found = rows(run("show atlas layers").out)
    figures = ["mean", "std", "min", "max", "median", "zeros %"]
    assert found[0] == ["site", "type", "shape", *figures, "dead", "units"]
    by_site = {row[0]: row for row in found[1:4]}
    assert by_site["conv"][2:4] == ["[4, 2, 8, 8]", "-0.2"]
    assert by_site["relu"][3] == "0.3"
    assert by_site["relu"][-3:] == ["50.0", "1", "2"]


def test_units_are_ranked_by_their_maximum(atlas: Path, run: Run) -> None:
    """Unit 0 sees red 1.0, 1.0, 0.2, 0.2; unit 1 is silent."""
    found = rows(run("show atlas units --site relu:0").out)
    assert [row[:6] for row in found[1:3]] == [
        ["relu:0", "0", "0.6", "0.4", "0.2", "1"],
        ["relu:0", "1", "0", "0", "0", "0"],
    ]
    assert found[2][-1] == "dead"


def test_top_cuts_and_says_so(atlas: Path, run: Run) -> None:
    told = run("show atlas units --site relu:0 --top 1").out
    assert told.endswith("1 of 2 units, the highest max first; --top N shows more\n")
    assert len(json.loads(run("show atlas units --top 1 --json").out)["rows"]) == 3


def test_classes_of_pictures_without_labels_are_no_empty_table(tmp_path: Path, run: Run) -> None:
    plain = build(tmp_path / "plain", {"relu": np.random.default_rng(0).random((5, 3, 4, 4))})
    found = run(f"show {plain} classes")
    assert (found.code, found.out) == (0, text("app.dataset.classes.none", "en") + "\n")
    assert json.loads(run(f"show {plain} classes --json").out)["rows"] == []


def test_classes_are_ranked_by_their_mean(atlas: Path, run: Run) -> None:
    found = rows(run("show atlas classes --site relu").out)
    assert [row[:5] for row in found[1:3]] == [
        ["relu", "0", "bright", "2", "0.5"],
        ["relu", "1", "dark", "2", "0.1"],
    ]


def test_dead_units_are_counted_and_listed(atlas: Path, run: Run) -> None:
    found = rows(run("show atlas dead").out)
    assert found[1:4] == [[site, "1", "2", "50.0", "1"] for site in ("conv", "relu:0", "relu")]
    told = json.loads(run("show atlas dead --site relu --json").out)
    assert told["rows"] == [{"site": "relu", "unit": 1, "max": 0.0}]


def test_exemplars_of_a_unit_have_every_band(atlas: Path, run: Run) -> None:
    told = json.loads(run("show atlas exemplars --site relu --unit 0 --json").out)["rows"]
    assert {row["band"] for row in told} == {"top", "middle", "bottom"}
    top = [row for row in told if row["band"] == "top"]
    assert {row["id"] for row in top[:2]} == {"bright/0.png", "bright/1.png"}
    assert top[0]["value"] == 1.0
    printed = run("show atlas exemplars --site relu --unit 0 --top 1").out
    assert [row[:2] for row in rows(printed)[1:4]] == [["top", "0"], ["middle", "0"], ["bottom", "0"]]


def test_exemplars_of_a_site_have_the_strongest_of_each_unit(atlas: Path, run: Run) -> None:
    told = json.loads(run("show atlas exemplars --site conv --json").out)["rows"]
    assert [(row["unit"], row["band"], row["rank"], row["value"]) for row in told] == [
        (0, "top", 0, 1.0),
        (1, "top", 0, -1.0),
    ]


def test_the_summary_is_what_is_shown_first(atlas: Path, run: Run) -> None:
    assert run("show atlas").out == run("show atlas summary").out
    assert run("show atlas").out.startswith("Net on photos · N = 4 images\n")
    assert json.loads(run("show atlas --json").out)["TOTAL_DEAD"] == {"site": None, "value": 50.0}


def test_evolution_ends_with_sentences(atlas: Path, run: Run) -> None:
    assert "Mean rises: -0.2 → 0.3" in run("show atlas evolution").out
    assert json.loads(run("show atlas evolution --json").out)["mean"]["codes"] == ["RISES"]


@pytest.mark.parametrize("view", [*TABLES, "summary"])
def test_every_view_speaks_spanish(atlas: Path, run: Run, view: str) -> None:
    found = run(f"show atlas {view} --lang es")
    assert found.code == 0
    assert "Net sobre photos · N = 4 imágenes" in found.out


@pytest.mark.parametrize("view", TABLES)
def test_every_table_is_json_with_its_source(atlas: Path, run: Run, view: str) -> None:
    assert json.loads(run(f"show atlas {view} --json").out)["source"]["read"] == 4


@pytest.mark.parametrize("view", TABLES)
@pytest.mark.parametrize("columns", [20, 80, 120])
def test_tables_fit_the_terminal_and_names_stay_whole(
    atlas: Path, run: Run, monkeypatch: pytest.MonkeyPatch, view: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    found = run(f"show atlas {view}")
    first = {"mean", "std", "sparsity", "range"} if view == "evolution" else {"conv", "relu:0", "relu"}
    assert {row[0] for row in rows(found.out)[1:]} >= first
    rule = next(line for line in found.out.splitlines() if line.startswith("─"))
    assert len(rule) <= columns or columns == 20
    assert columns > 20 or "no room for" in found.err


def test_names_without_meaning_are_answered_with_the_nearest(atlas: Path, run: Run) -> None:
    for line, fault in {
        "show atlas layesr": "unknown view of an atlas 'layesr'; nearest: layers, classes",
        "show atlas units --site relo": "unknown site 'relo'; nearest: relu, relu:1, relu:0",
        "show atlas units --top 0": "--top is at least 1, not 0",
        "show atlas exemplars --unit 0": "--unit says which unit of a site: give --site too",
        "show atlas exemplars --site relu --unit 2": "relu has no unit 2; its units are 0 to 1",
        "show atlas --lang fr": "unknown language 'fr'; choose from: en, es",
        "export atlas out --lang fr": "unknown language 'fr'; choose from: en, es",
    }.items():
        assert run(line) == (2, "", f"error: {fault}\n")
    assert not Path("out").exists()


def test_export_writes_the_tables_and_if_asked_the_figures(
    atlas: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(
        "neurolupa.figures.export_figures", lambda *told: drawn.append(told) or (Path("a.png"),)
    )
    folder = tmp_path / "tables"
    assert run("export atlas", str(folder)).out == f"{folder}: 5 tables\n"
    names = {"activation_statistics.csv", "dead_neurons_info.json"}
    names |= {f"class_stats_{name}.csv" for name in ("conv", "relu%3A0", "relu")}
    assert {path.name for path in folder.iterdir()} == names
    assert drawn == []
    found = run("export atlas", str(folder), "--figures", "--lang", "es")
    assert found.out == f"{folder}: 5 tables\n{folder}: 1 figures\n"
    assert drawn[0][1:] == (str(folder), "es")
