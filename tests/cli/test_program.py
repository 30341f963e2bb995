"""The program itself: fast help, version, doctor, and the reference page."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import neurolupa
from neurolupa.cli import checks
from neurolupa.cli.reference import reference
from tests.cli.conftest import Run

COMMANDS = (
    "demo",
    "doctor",
    "models",
    "layers",
    "plan",
    "scan",
    "show",
    "export",
    "inspect",
    "unit",
    "mirror",
    "texture",
    "tuning",
    "synthesize",
    "levels",
    "probe",
    "dissect",
    "detectors",
    "attribute",
    "ablate",
    "dream",
    "compare-classes",
    "compare",
    "app",
)
HEAVY = ("streamlit", "torch", "torchvision", "pandas", "numpy", "matplotlib", "rich")


@pytest.mark.parametrize("line", ["--help", "scan --help", "--version"])
def test_help_loads_nothing_heavy(line: str) -> None:
    code = (
        "import sys\nfrom neurolupa.cli import main\n"
        f"try: main({line.split()!r})\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert left.stderr == "[]\n"


@pytest.mark.parametrize("what", ["summary", "units", "dead"])
def test_an_atlas_is_shown_without_torch(atlas: Path, what: str) -> None:
    code = (
        "import sys\nfrom neurolupa.cli import main\n"
        f"try: main(['show', {str(atlas)!r}, {what!r}])\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'matplotlib') if name in sys.modules], file=sys.stderr)"
    )
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert left.stderr == "[]\n"
    assert left.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    found = run(f"{command} --help")
    assert found.code == 0
    assert f"    neurolupa {command}" in found.out.split("Examples:\n")[1]


def test_nothing_typed_is_a_call_for_help(run: Run) -> None:
    found = run("")
    assert found == run("--help")
    assert all(f"\n  {command}  " in found.out for command in COMMANDS)


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"neurolupa {neurolupa.__version__}\n", "")


def test_the_reference_page_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), "python -m neurolupa.cli.reference docs/cli.md"


def test_doctor_finds_this_machine_ready(run: Run) -> None:
    found = run("doctor --json")
    told = {check["name"]: check for check in json.loads(found.out)}
    assert found.code == 0
    assert told["tiny scan"]["found"].startswith("2 photographs through squeezenet1_1: a page for each of 64")
    assert told["forward pass"]["state"] == told["device"]["state"] == "ok"


def test_doctor_fails_when_a_check_does(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def burn() -> tuple[str, str]:
        raise RuntimeError("on fire\nsecond line")

    monkeypatch.setattr(checks, "_MACHINE", {"device": burn, "disk": lambda: ("warn", "little")})
    found = run("doctor")
    assert found.code == 1
    assert "fail  device          RuntimeError: on fire\n" in found.out
    assert "warn  disk            little\n" in found.out
    assert found.out.endswith("\nnot ready: device\n")


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    state, found = checks._writable(tmp_path / "cache")
    assert (state, found) == ("warn", f"{tmp_path / 'cache'} cannot be written: Permission denied")
