"""A dashboard that others reach says so, and gives strangers no code, no weights file and no folder."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest
from tests.app.conftest import SCRIPT, keyed

from neurolupa.app import gallery_work, pictures, probing_work, start, work
from neurolupa.app.dataset_opening import AtlasError, open_folder
from neurolupa.app.drafts import Draft
from neurolupa.app.failing import WorkError
from neurolupa.app.request import ImageRef
from neurolupa.app.visitors import ATLAS_VARIABLE, TRUST_VARIABLE, is_local, may_open, warning
from neurolupa.cli import main

FACTORY = "from torch import nn\nopen(__file__ + '.ran', 'w').close()\nbuild = lambda: nn.Conv2d(3, 2, 1)\n"
LOCAL = ("127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST", "unix:///tmp/socket")
OTHERS = ("0.0.0.0", "::", "192.168.1.7", "8.8.8.8", "2001:4860:4860::8888", "lab.example", "", None)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As at home, before and after each test; nothing cached."""
    for name in (ATLAS_VARIABLE, TRUST_VARIABLE):
        monkeypatch.setenv(name, "")  # whatever is set below is taken back too
    st.cache_resource.clear()
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", "127.0.0.1")
    st.cache_resource.clear()


@pytest.fixture
def strangers() -> None:
    config.set_option("server.address", "0.0.0.0")


@pytest.fixture
def factory(tmp_path):
    """A network that leaves a trace once its file is run."""
    path = tmp_path / "own.py"
    path.write_text(FACTORY)
    return path


def ran(factory) -> bool:
    return factory.with_name("own.py.ran").exists()


def test_addresses_of_this_machine_and_of_others():
    assert all(map(is_local, LOCAL))
    assert not any(map(is_local, OTHERS))


@pytest.mark.parametrize("address", [one for one in OTHERS if one])
def test_the_warning_says_who_can_use_it_that_there_is_no_sign_in_and_how_to_have_one(address):
    first, second = warning(address, 8600, trusted=False)
    assert "anyone who reaches port 8600 of this machine can use it" in first
    assert "no sign-in" in first
    assert "ssh -L 8600:127.0.0.1:8600 HOST" in second
    assert "reverse proxy with a password" in second
    assert "run any code" in warning(address, 8600, trusted=True)[0]


@pytest.mark.parametrize("address", LOCAL)
def test_no_warning_where_only_this_machine_can(address):
    assert warning(address, 8501, trusted=False) == warning(address, 8501, trusted=True) == ()


@pytest.mark.parametrize(("words", "lines"), [(["--address=0.0.0.0"], 2), ([], 0)])
def test_the_server_warns_before_it_listens(words, lines, monkeypatch, capsys):
    called = []
    monkeypatch.setattr(sys, "argv", ["start"])
    monkeypatch.setattr("streamlit.web.cli.main", lambda words, prog_name: called.append(words))
    start.main(words)
    told = capsys.readouterr()
    assert [line.split(":")[0] for line in told.err.splitlines()] == ["warning", "safer"][:lines]
    assert told.out == ""
    assert called


def test_the_command_line_hands_the_address_on(monkeypatch):
    called = []

    def instead(program: str, words: list[str]) -> None:
        called.append(words[1:])
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", instead)
    for typed in (["--address", "0.0.0.0"], ["--address", "0.0.0.0", "--trust-visitors"]):
        with pytest.raises(SystemExit):
            main(["app", *typed])
    module = ["-m", "neurolupa.app.start", "--port=8501", "--address=0.0.0.0"]
    assert called == [module, [*module, "--trust-visitors"]]


def test_the_program_itself_warns():
    """The two lines come before Streamlit does anything: a port that is none ends it at once."""
    words = [sys.executable, "-m", "neurolupa.app.start", "--address=0.0.0.0", "--port=99999"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert ended.stderr.splitlines()[0].startswith("warning: anyone who reaches port 99999")


def refused(code: str, call, *arguments) -> None:
    with pytest.raises(WorkError) as caught:
        call(*arguments)
    assert caught.value.failure.code == code
    for lang in ("en", "es"):
        assert len(caught.value.failure.sentence(lang)) > 40


def test_strangers_run_no_code(strangers, factory):
    for spec in (f"{factory}:build", "os:abort", "neurolupa.cli.app:app"):
        refused("visitor_network", work.open_network, spec, "default")
        refused("visitor_network", work.open_network_apart, spec, "default")
        refused("visitor_network", work.sites_of, spec)
    assert not ran(factory)


def test_at_home_and_for_trusted_visitors_the_same_code_is_run(factory, monkeypatch):
    assert work.open_network(f"{factory}:build", "default").name == "build"
    assert ran(factory)
    st.cache_resource.clear()
    config.set_option("server.address", "0.0.0.0")
    monkeypatch.setenv(TRUST_VARIABLE, "1")
    assert work.open_network(f"{factory}:build", "default").name == "build"


def test_strangers_load_networks_by_name_and_no_weights_file(strangers, tmp_path):
    assert work.open_network("embedded", "default").name == "embedded"
    refused("visitor_network", work.open_network, "embedded", str(tmp_path / "weights.pth"))


SETS = (
    *("folder:{}", "{}", "npz:{}/a.npz", "parquet:{}", "shards:{}/a.tar", "cifar10:{}", "samples:{}"),
    "shards:http://169.254.169.254/a.tar",
)
TYPED = ("{}", "{}/../other", "~", "/", "/etc", ".", "//host/share", "\\\\host\\a", "a\0b")


@pytest.mark.parametrize("kind", SETS)
def test_strangers_read_no_images_of_this_machine(kind, strangers, tmp_path):
    spec = kind.format(tmp_path)
    refused("visitor_images", pictures.open_picture, ImageRef("set", f"{spec}#0"), None)
    refused("visitor_images", probing_work._opened, spec)


def test_strangers_see_samples_and_stimuli(strangers):
    for spec in ("samples", "stimuli?count=2&size=32"):
        assert pictures.open_picture(ImageRef("set", f"{spec}#0"), None).picture.image.size


@pytest.mark.parametrize("typed", TYPED)
def test_strangers_open_no_folder(typed, strangers, tmp_path):
    folder = typed.format(tmp_path)
    assert not may_open(folder)
    with pytest.raises(AtlasError) as caught:
        open_folder(folder)
    assert caught.value.code in ("visitor", "remote")
    for read in (probing_work.read, gallery_work.folders_in):
        with pytest.raises(WorkError) as refusal:
            read(folder)
        assert refusal.value.failure.code in ("visitor_folder", "gallery_remote")


def test_strangers_open_the_atlas_of_the_start_and_nothing_beside_it(strangers, tmp_path, monkeypatch):
    atlas, secret = tmp_path / "atlas", tmp_path / "atlas-secret"
    atlas.mkdir()
    secret.mkdir()
    (atlas / "way-out").symlink_to(secret)
    monkeypatch.setenv(ATLAS_VARIABLE, str(atlas))
    assert may_open(atlas)
    assert may_open(atlas / "probes")
    for other in (secret, atlas / ".." / "atlas-secret", atlas / "way-out", tmp_path):
        assert not may_open(other)


def test_a_stranger_who_types_a_factory_in_the_sidebar_is_told(strangers, factory):
    page = AppTest.from_file(SCRIPT, default_timeout=60).run()
    page.session_state["neurolupa.draft"] = Draft(model=f"{factory}:build")  # AppTest types no new choice
    page.run()
    assert any("open to others" in one.value for one in page.error)
    assert not page.exception
    assert not ran(factory)


def test_a_stranger_who_types_a_folder_on_the_page_of_trainings_is_told(strangers, tmp_path):
    page = AppTest.from_function(_trainings, default_timeout=60).run()
    keyed(page, "training.typed").set_value(str(tmp_path))
    page.button[0].click().run()
    assert page.error[0].value.startswith("This dashboard is open to others")


def _trainings() -> None:
    from neurolupa.app.app_pages.training import render
    from neurolupa.app.shell import context_now

    render(context_now())
