"""Every kind of bad input: one line on stderr, the exit code, and nothing written."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from neurolupa.cli import main, progress
from tests.cli.conftest import Run

WIDE = {
    "conv.weight": torch.zeros(2, 3, 1, 1),
    "conv.bias": torch.zeros(2),
    "fc.weight": torch.zeros(3, 2),
    "fc.bias": torch.zeros(3),
}


class Hostile:
    """Unpickled, it would leave a file behind."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ("hacked",)


def listing(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts
    }


UNKNOWN = {
    "scan resnet81 photos --out o": "unknown network 'resnet81'; nearest: resnet18, resnet152, resnet101",
    "scan net.py:Net smaples --out o": "unknown image set 'smaples'; nearest: samples (and no folder of that "
    "name)",
    "scan net.py:Net photos --sites relo --out o": "unknown site 'relo'; nearest: relu, relu:0",
    "scan net.py:Net photos --sites kind:rleu --out o": "unknown kind of site 'rleu'; nearest: relu",
    "scan net.py:Net photos?limt=2 --out o": "unknown option of folder 'limt'; nearest: limit, split",
    "scan net.py:Net photos?classes=brihgt --out o": "unknown class 'brihgt'; nearest: bright",
    "scan net.py:Net photos --sties relu --out o": "unknown option '--sties'; "
    "nearest: --sites, --strict, --std",
    "scna net.py:Net photos --out o": "unknown command 'scna'; nearest: scan",
    "scan net.py:Net photos --device gpu --out o": "unknown device 'gpu'; nearest: cpu",
    "scan net.py:Net photos --lang fr --out o": "unknown language 'fr'; choose from: en, es",
    "layers net.py:Net --kind cnov": "unknown kind of site 'cnov'; nearest: conv",
    "--verzion": "unknown option '--verzion'; nearest: --version",
}
VALUES = {
    "scan net.py:Net photos --out o --mean a,b,c": "--mean takes numbers with commas between, "
    "as 0.5,0.5,0.5, not 'a,b,c'",
    "scan net.py:Net photos --out o --std 1,x,1": "--std takes numbers with commas between, as 0.5,0.5,0.5, "
    "not '1,x,1'",
    "scan net.py:Net photos --out o --input-size 0": "--input-size takes pixels, as 224 or 224,320 "
    "(height, width), not '0'",
    "scan net.py:Net photos --out o --input-size 1,2,3": "--input-size takes pixels, as 224 or 224,320 "
    "(height, width), not '1,2,3'",
    "scan net.py:Net photos --out o --batch-size 0": "--batch-size is at least 1, not 0",
    "plan net.py:Net photos --workers 0": "--workers is at least 1, not 0",
    "scan net.py:Net photos --out o --limit 0": "limit=0 is not a whole number of at least 1",
    "scan net.py:Net photos --out o --overwrite --resume": "--overwrite starts anew and --resume goes on: "
    "choose one",
    "scan net.py:Net photos": "missing option '--out'; see neurolupa scan --help",
    "scan net.py:Net --out o": "missing argument 'IMAGES'; see neurolupa scan --help",
}
CONTENT = {
    "scan net.py:Net photos --weights nothing.pth --out o": "no weights file at nothing.pth",
    "scan net.py:Net photos --weights cut.pth --out o": "cut.pth is truncated or not a checkpoint",
    "scan net.py:Net photos --weights text.pth --out o": "text.pth is truncated or not a checkpoint",
    "scan net.py:Net photos --weights list.pth --out o": "list.pth is not a checkpoint: it holds a list",
    "scan net.py:Net photos --weights wide.pth --out o": "wide.pth does not fit Net: 2 of another shape "
    "(fc.weight (3, 2) in the file, (2, 2) wanted, fc.bias (3,) in the file, (2,) wanted); "
    "allow_partial=True (--allow-partial) loads the 2 tensors that fit",
    "scan net.py:Net void --out o": "folder:void holds no images",
    "scan net.py:Net folder:nowhere --out o": "no folder 'nowhere'",
    "scan net.py:Net ruins --out o": "none of 2 images could be read; the first, a.png: not an image",
    "scan net.py:Many photos --out o": "Many returns a tuple, not one tensor, for a batch "
    "of shape (1, 3, 8, 8); wrap it in a module that returns the logits alone",
    "scan net.py:broken photos --out o": "net.py:broken failed: RuntimeError: out of luck",
    "scan net.py:Nett photos --out o": "net.py has no factory 'Nett'; nearest: Net",
    "scan net.py:Net photos --classes names.txt --out o": "no file of class names at names.txt",
    "scan net.py:Net photos --out net.py": "net.py is a file; an atlas is a folder",
    "scan net.py:Net photos --out photos": "photos holds other files and is no atlas; "
    "choose an empty or a new folder",
    "scan net.py:Net photos --out o --resume": "nothing to resume: o holds no interrupted scan",
    "show nowhere": "no atlas at nowhere: there is no such folder",
    "export photos out": "photos is not an atlas: it has no atlas.json",
}


@pytest.fixture
def cluttered(place: Path) -> Path:
    """Besides `net.py` and `photos/`, everything that can be wrong with files."""
    whole = place / "whole.pth"
    torch.save(WIDE, whole)
    whole.rename(place / "wide.pth")
    held = (place / "wide.pth").read_bytes()
    (place / "cut.pth").write_bytes(held[: len(held) // 2])
    (place / "text.pth").write_text("weights")
    torch.save([1, 2], place / "list.pth")
    (place / "void").mkdir()
    (place / "ruins").mkdir()
    (place / "ruins" / "a.png").write_text("no picture")
    (place / "ruins" / "b.jpg").touch()
    return place


@pytest.mark.parametrize(("line", "fault"), (UNKNOWN | VALUES).items())
def test_names_and_values_are_rejected_with_exit_code_2(place: Path, run: Run, line: str, fault: str) -> None:
    before = listing(place)
    assert run(line) == (2, "", f"error: {fault}\n")
    assert listing(place) == before


@pytest.mark.parametrize(("line", "fault"), CONTENT.items())
def test_content_is_refused_with_exit_code_1(cluttered: Path, run: Run, line: str, fault: str) -> None:
    before = listing(cluttered)
    assert run(line) == (1, "", f"error: {fault}\n")
    assert listing(cluttered) == before


def test_code_in_a_weights_file_is_named_and_not_run(place: Path, run: Run) -> None:
    (place / "code.pth").write_bytes(pickle.dumps({"conv.weight": Hostile()}))
    found = run("scan net.py:Net photos --weights code.pth --out o")
    assert found.code == 1
    assert found.err.startswith("error: code.pth holds Python code")
    assert found.err.count("\n") == 1
    assert not (place / "hacked").exists()
    assert not (place / "o").exists()


def test_integer_inputs_name_the_shape_that_was_tried(place: Path, run: Run) -> None:
    found = run("scan net.py:Words photos --input-size 8 --out o")
    assert found.code == 1
    assert found.err.startswith("error: Words cannot run on")
    assert "(1, 3, 8, 8)" in found.err
    assert found.err.count("\n") == 1


def test_pictures_too_small_for_the_network_name_the_shape(place: Path, run: Run) -> None:
    found = run("scan alexnet photos --weights none --input-size 16 --out o")
    assert found.code == 1
    assert found.err.startswith("error: alexnet cannot run on")
    assert "(1, 3, 16, 16)" in found.err
    assert not (place / "o").exists()


def test_strict_stops_at_the_first_unreadable_image(place: Path, run: Run) -> None:
    (place / "photos" / "bright" / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = run("scan net.py:Net photos --strict --out o")
    assert found == (1, "", "error: bright/9.png cannot be read: truncated\n")
    assert not (place / "o").exists()


def test_a_finished_atlas_is_not_replaced_unasked(place: Path, run: Run) -> None:
    assert run("scan net.py:Net photos --out o").code == 0
    stamp = (place / "o" / "atlas.json").stat().st_mtime_ns
    assert run("scan net.py:Net photos --out o") == (
        2,
        "",
        "error: o is a finished atlas; --overwrite replaces it, or choose another --out\n",
    )
    assert (place / "o" / "atlas.json").stat().st_mtime_ns == stamp
    assert run("scan net.py:Net photos --out o --overwrite").code == 0


@pytest.mark.parametrize("line", ["--debug show nowhere", "show nowhere --debug"])
def test_debug_shows_the_traceback_before_or_after_the_command(run: Run, line: str) -> None:
    found = run(line)
    assert found.code == 1
    assert found.err.startswith("Traceback (most recent call last)")
    assert found.err.endswith("error: no atlas at nowhere: there is no such folder\n")


def test_an_unforeseen_error_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: str) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("neurolupa.atlas.open_atlas", fail)
    fault = "error: unexpected ZeroDivisionError: a b; --debug shows where\n"
    assert run("show atlas") == (1, "", fault)


def test_a_file_system_error_is_told_by_its_reason(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: str) -> None:
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr("neurolupa.atlas.open_atlas", fail)
    assert run("show atlas") == (1, "", "error: Permission denied: secret\n")


def test_an_interrupt_leaves_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(folder: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("neurolupa.atlas.open_atlas", interrupt)
    assert run("show atlas").code == 130


def test_a_stopped_scan_leaves_with_130_and_goes_on(
    place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        progress._Lines, "__call__", lambda self, done, total: signal.raise_signal(signal.SIGINT)
    )
    found = run("scan net.py:Net photos --batch-size 2 --out o")
    assert found == (130, "", "error: stopped after 2 of 4 images; the same command with --resume goes on\n")
    monkeypatch.undo()
    monkeypatch.chdir(place)
    assert run("show o").code == 1
    assert run("scan net.py:Net photos --out o --resume").code == 0
    assert "N = 4 images" in run("show o").out


def test_the_installed_program_leaves_with_the_same_codes(place: Path) -> None:
    command = [sys.executable, "-c", "from neurolupa.cli import main; main()", "show", "nowhere"]
    left = subprocess.run(command, capture_output=True, text=True, check=False)
    fault = "error: no atlas at nowhere: there is no such folder\n"
    assert (left.returncode, left.stdout, left.stderr) == (1, "", fault)


def test_arguments_of_the_process_are_taken_when_none_are_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["neurolupa"])
    with pytest.raises(SystemExit, match="0"):
        main()
    assert "Usage: neurolupa" in capsys.readouterr().out


def test_an_unreadable_picture_that_is_not_the_last_does_not_stop_the_others(place: Path, run: Run) -> None:
    Image.new("RGB", (8, 8)).save(place / "photos" / "dark" / "8.png")
    (place / "photos" / "bright" / "9.png").write_text("no picture")
    found = run("scan net.py:Net photos --out o")
    assert found.code == 0
    told = "note: 1 of 6 images could not be read and were skipped: o/skipped.csv says why\n"
    assert told in found.err
    assert (place / "o" / "skipped.csv").read_text().splitlines()[1] == "2,bright/9.png,not an image"
