"""The frame: pages, configuration, the server's words, and the command that starts it."""

import gc
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.app.conftest import SCRIPT

from neurolupa.app import app_pages, pages, shell, start
from neurolupa.app.dataset_views import VIEWS
from neurolupa.app.request import TAB_KEYS, VIEW_KEYS
from neurolupa.app.tabs import TABS
from neurolupa.cli import main
from neurolupa.locales import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
CONFIG = ".streamlit/config.toml"


def config() -> dict[str, Any]:
    return tomllib.loads((SCRIPT.parent / CONFIG).read_text(encoding="utf-8"))


def test_every_file_of_the_folder_is_a_page_and_analyse_comes_first() -> None:
    found = list(pages.find_pages())
    files = {path.stem for path in Path(app_pages.__path__[0]).glob("*.py")} - {"__init__"}
    assert len(found) == len(files)
    assert found[0].key == "analyse"
    assert [page.order for page in found] == sorted({page.order for page in found})
    assert len({page.key for page in found}) == len(found)
    for lang in LANGUAGES:
        assert {f"app.{page.title}" for page in found} <= set(catalogue(lang))


def test_tabs_and_views_are_the_words_of_links_in_order() -> None:
    assert tuple(TABS) == TAB_KEYS
    assert tuple(VIEWS) == VIEW_KEYS


def test_the_dashboard_is_private_and_silent() -> None:
    told = config()
    assert told["browser"]["gatherUsageStats"] is False
    assert told["server"]["address"] == "127.0.0.1"
    assert told["server"]["showEmailPrompt"] is False
    assert told["client"]["showErrorDetails"] == "none"
    assert told["runner"]["fastReruns"] is False
    assert {"light", "dark"} <= set(told["theme"])


def test_the_collector_is_spared_what_stays_for_good(visit: Callable[..., AppTest]) -> None:
    gc.unfreeze()
    shell._spare_what_is_loaded.cache_clear()
    assert not visit().exception
    assert gc.get_freeze_count() > 100_000
    gc.unfreeze()


def luminance(tone: str) -> float:
    """Of WCAG 2, relative to white."""
    shares = [int(tone[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_is_written_can_be_read_in_both_themes(mode: str) -> None:
    tones = config()["theme"][mode]
    assert contrast("#ffffff", tones["primaryColor"]) >= 4.5, "Streamlit writes white on the button"
    assert contrast(tones["primaryColor"], tones["backgroundColor"]) >= 3
    for page in ("backgroundColor", "secondaryBackgroundColor"):
        assert min(contrast(tones[ink], tones[page]) for ink in ("textColor", "linkColor")) >= 4.5


def test_the_root_starts_the_same_with_the_same_configuration() -> None:
    assert (ROOT / CONFIG).read_bytes() == (SCRIPT.parent / CONFIG).read_bytes()
    assert "from neurolupa.app.shell import run" in (ROOT / "app.py").read_text(encoding="utf-8")


def test_streamlit_gets_port_address_and_no_statistics() -> None:
    words = start.streamlit_words(8600, "0.0.0.0")
    assert words[:2] == ["run", str(SCRIPT)]
    assert words[2:] == ["--server.port=8600", "--server.address=0.0.0.0", "--browser.gatherUsageStats=false"]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, words: found.append(words))
    return found


def code_of(*typed: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["app", *typed])
    return left.value.code


def test_the_command_becomes_the_server(calls: list[list[str]]) -> None:
    assert code_of("--port", "8600") == 0
    assert calls == [[sys.executable, "-m", "neurolupa.app.start", "--port=8600", "--address=127.0.0.1"]]


def test_what_is_no_atlas_or_no_port_starts_nothing(calls: list[list[str]], tmp_path: Path, capsys) -> None:
    assert code_of(str(tmp_path)) == 1
    assert code_of("--port", "70000") == 2
    assert calls == []
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_without_streamlit_one_line_says_what_to_install(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert code_of() == 1
    assert calls == []
    assert "pip install 'neurolupa[app]'" in capsys.readouterr().err
