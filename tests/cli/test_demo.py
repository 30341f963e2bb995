"""The demo on a few stimuli: what it prints, what it leaves behind, and that it asks nobody outside."""

import socket
from pathlib import Path

import pandas as pd
import pytest

from neurolupa.atlas import open_atlas
from neurolupa.cli.demonstration import MADE, MADE_UNITS, TUNED, most_selective
from tests.cli.conftest import Outcome, Run


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A demo run in a folder of its own, with every connection refused."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(socket.socket, "connect", _refuse)
        patch.setattr(socket, "getaddrinfo", _refuse)
        outcome = _run("demo --stimuli 64")
    return folder / "demo", outcome


def _refuse(*_: object, **__: object) -> None:
    raise OSError("the cable is pulled")


def _run(line: str) -> Outcome:
    import contextlib
    import io

    from neurolupa.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
        main(line.split())
    return Outcome(int(left.value.code or 0), out.getvalue(), err.getvalue())


def test_it_ends_well_and_calls_the_cat_a_cat(done: tuple[Path, Outcome]) -> None:
    _, outcome = done
    assert outcome.code == 0, outcome.err
    told = dict(
        line.split(maxsplit=1) for line in outcome.out.splitlines() if line.startswith("  ") and "(" in line
    )
    assert told["cat"].startswith("cat (")


def test_both_atlases_are_whole(done: tuple[Path, Outcome]) -> None:
    folder, _ = done
    stimuli, photographs = open_atlas(folder / "stimuli"), open_atlas(folder / "photographs")
    assert (stimuli.source.read, photographs.source.read) == (64, 7)
    assert stimuli.sites == photographs.sites
    assert len(stimuli.sites) == 9
    assert set(stimuli.classes(stimuli.sites[0])["class_name"]) >= {"circle", "crescent"}


def test_it_prints_the_layers_the_dead_and_the_selective(done: tuple[Path, Outcome]) -> None:
    folder, outcome = done
    for site in open_atlas(folder / "stimuli").sites:
        assert outcome.out.count(f"\n{site} ") >= 2
    selective, made = outcome.out.split("most selective")[1].split("Pictures made")
    assert all(selective.count(f"\n{site} ") == 3 for site in TUNED)
    assert made.count("GOOD") == len(MADE_UNITS)


def test_it_draws_its_figures_and_says_what_opens_the_dashboard(done: tuple[Path, Outcome]) -> None:
    folder, outcome = done
    drawn = sorted(path.name for path in (folder / "figures").glob("*.png"))
    assert drawn[:3] == ["classes.png", "dead_units.png", "layers.png"]
    assert drawn[3] == "synthetic.png"
    assert drawn[4].startswith(f"synthetic_{MADE}_")
    assert len(drawn) == 5 + len(TUNED)
    assert outcome.out.endswith("neurolupa app demo/stimuli\n")


class _Tuned:
    def __init__(self, site: str, frame: pd.DataFrame) -> None:
        self.source = type("Source", (), {"site": site})
        self._frame = frame

    def to_frame(self) -> pd.DataFrame:
        return self._frame


def test_the_most_selective_lie_furthest_above_their_own_chance_one_row_a_unit() -> None:
    frame = pd.DataFrame(
        [
            (0, "hue", "OK", 120.0, 0.9, 0.8),
            (0, "shape", "OK", "star", 0.5, 0.1),
            (1, "frequency", "OK", 8.0, 0.7, 0.2),
            (2, "hue", "SILENT", float("nan"), float("nan"), float("nan")),
        ],
        columns=["unit", "factor", "state", "preferred", "index", "null_95"],
    )
    found = most_selective([_Tuned("relu", frame)], count=3)
    assert found[["unit", "prefers"]].to_numpy().tolist() == [[1, "8 cycles"], [0, "star"]]


def test_a_folder_that_is_no_demos_is_left_alone(place: Path, run: Run) -> None:
    (place / "demo" / "stimuli").mkdir(parents=True)
    (place / "demo" / "stimuli" / "diary.txt").write_text("mine")
    outcome = run("demo --stimuli 64")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert (place / "demo" / "stimuli" / "diary.txt").read_text() == "mine"


def test_no_stimuli_are_refused(place: Path, run: Run) -> None:
    assert run("demo --stimuli 0").code == 2
