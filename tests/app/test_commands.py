"""The command that gives the same result."""

import json
import shlex
from pathlib import Path

import pytest

from neurolupa.app import work
from neurolupa.app.commands import inspect_command
from neurolupa.app.request import ImageRef, Request
from neurolupa.cli import main


def words(request: Request, upload: str | None = None) -> list[str]:
    return shlex.split(inspect_command(request, upload))


def test_every_setting_is_in_the_command() -> None:
    asked = Request("resnet18", "random", ("layer1", "fc"), None, 4, "balanced", 0.25, 0.35)
    line = words(asked)
    assert line[:3] == ["neurolupa", "inspect", "resnet18"]
    assert [line[place + 1] for place, word in enumerate(line) if word == "--site"] == ["layer1", "fc"]
    assert "--point" not in line
    assert {"random", "balanced", "4", "0.25", "0.35"} <= set(line)


def test_an_upload_is_its_file_name_and_nothing_breaks_out_of_the_quotes() -> None:
    line = words(Request(sites=("fc",), image=ImageRef("upload", "ab" * 32)), "../my cat; rm -rf $HOME.png")
    assert "my cat; rm -rf $HOME.png" in line


def test_a_picture_of_a_set_is_spec_and_index() -> None:
    line = words(Request(sites=("fc",), by="manual", chosen=(3, 5), image=ImageRef("set", "folder:a b#7")))
    assert line[3] == "folder:a b#7"
    assert line[line.index("--units") + 1] == "3,5"


@pytest.mark.parametrize(
    "changes",
    [
        {"by": "balanced", "min_sparsity": 0.1, "weight": 0.2},
        {"by": "manual", "chosen": (2, 0), "image": ImageRef("set", "samples#3")},
    ],
)
def test_the_command_ranks_what_the_dashboard_ranks(
    tiny,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
) -> None:
    monkeypatch.setattr("neurolupa.figures.export_inspection", lambda *given, **options: ())
    request, _ = work.fitted(Request(k=2, **changes))
    shown = work.analyse(request, None)
    line = words(request)
    line[line.index("--out") + 1] = str(tmp_path / "out")
    with pytest.raises(SystemExit) as left:
        main([*line[1:], "--json"])
    assert left.value.code == 0, capsys.readouterr().err
    told = json.loads(capsys.readouterr().out)
    (ranked,) = told["ranked"].values()
    assert shown.ranking.units == tuple(row["unit"] for row in ranked)
