"""What a stranger installs: wheel and source distribution hold the package, whole and alone, and it runs."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BESIDE = {"README.md", "README.es.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}


def run(words, folder, **environment):
    """A command in a folder, the source tree out of its sight."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def build(source, out, kind):
    run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out], source)
    (found,) = [path for path in out.iterdir() if path.suffix == {"wheel": ".whl", "sdist": ".gz"}[kind]]
    return found


def checksums(wheel):
    """The files of a wheel with their checksums; its own list of them differs with the order of building."""
    with zipfile.ZipFile(wheel) as held:
        return {one.filename: one.CRC for one in held.infolist() if not one.filename.endswith("RECORD")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


def package_files():
    source = ROOT / "src"
    found = (path for path in (source / "neurolupa").rglob("*") if path.is_file())
    return {path.relative_to(source).as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_is_the_package_whole_and_alone(wheel):
    held = {name for name in checksums(wheel) if ".dist-info/" not in name}
    assert held == package_files()
    needed = {"locales/es.json", "models/embedded/cifar10.safetensors", "reporting/page.html", "py.typed"}
    assert {f"neurolupa/{name}" for name in (*needed, "app/.streamlit/config.toml", "app/look.css")} <= held


def test_the_source_distribution_gives_the_same_wheel(wheel, sdist, tmp_path):
    with tarfile.open(sdist) as held:
        held.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert {path.name for path in unpacked.iterdir()} == BESIDE | {"src"}
    again = tmp_path / "again"
    again.mkdir()
    assert checksums(build(unpacked, again, "wheel")) == checksums(wheel)


def installed(wheel, place, *options):
    """An environment of its own with the wheel in it: its folder of programs."""
    venv.create(place, with_pip=False)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet"]
    run([*pip, *options, wheel], place)
    return programs


def expect_the_demo(programs, folder):
    told = run([programs / "python", "-c", "import neurolupa; print(neurolupa.__file__)"], folder)
    assert Path(told.strip()).is_relative_to(programs.parent)
    home = {"HOME": str(folder), "TORCH_HOME": str(folder), "OMP_NUM_THREADS": "1"}
    told = run([programs / "neurolupa", "demo", "--stimuli", "48", "--out", folder / "demo"], folder, **home)
    assert "demo" in told
    assert len(list((folder / "demo").rglob("atlas.json"))) == 2
    assert list((folder / "demo").rglob("*.png"))


def test_the_installed_wheel_runs_the_demo(wheel, tmp_path):
    """Torch and the other libraries are those of this environment; neurolupa is the wheel's."""
    programs = installed(wheel, tmp_path / "env", "--no-deps", "--no-index")
    (own,) = (tmp_path / "env").rglob("site-packages")
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    expect_the_demo(programs, tmp_path)


@pytest.mark.nightly
def test_the_wheel_runs_in_an_environment_that_shares_nothing(wheel, tmp_path):
    expect_the_demo(installed(wheel, tmp_path / "env"), tmp_path)
