"""The page of a training log: what it shows, and what it says where there is none."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

import neurolupa as nl
from neurolupa.locales import LANGUAGES, text
from neurolupa.monitoring import open_log


def script() -> None:
    import streamlit as st

    from neurolupa.app.app_pages import training
    from neurolupa.app.context import Context
    from neurolupa.app.request import Display

    training.render(Context(Display(lang=st.session_state.get("lang", "en"))))


def opened(folder: object = None, lang: str = "en") -> AppTest:
    page = AppTest.from_function(script, default_timeout=30)
    page.session_state["lang"] = lang
    page.run()
    if folder is not None:
        page.text_input[0].set_value(str(folder))
        page.button[0].click().run()
    return page


@pytest.fixture
def log(tmp_path: Path) -> Path:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    with nl.monitor(net, tmp_path / "log", every=1) as watch:
        for step in range(6):
            if step == 2:
                nn.init.constant_(net[0].bias, -100)
            net(torch.rand(4, 3, 8, 8))
            watch.step(loss=1.0 / (step + 1))
    return tmp_path / "log"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_log_is_drawn_with_what_died(log, lang):
    page = opened(log, lang)
    assert not page.exception
    assert not page.error
    assert len(page.image) == 1
    told = "\n".join(element.value for element in page.markdown)
    (*_, (step, site, code, units)) = open_log(log).changes()
    last = {"step": str(step), "site": site, "count": str(len(units)), "units": ", ".join(map(str, units))}
    assert (step, code) == (4, "died")
    assert text("cli.show.died", lang, **last) in told.replace("\\", "")
    assert f"neurolupa show {log.as_posix()}" in page.code[0].value


def test_the_first_visit_says_how_a_log_is_made():
    page = opened()
    assert not page.exception
    assert "nl.monitor" in "\n".join(element.value for element in page.markdown)


def test_a_folder_without_a_log_is_one_line(tmp_path):
    page = opened(tmp_path)
    assert not page.exception
    assert "no training log" in page.error[0].value


def test_a_log_that_still_grows_is_read_anew(log):
    page = opened(log)
    with (log / "rows.jsonl").open("a") as file:
        file.write('{"step": 6')
    page.run()
    assert text("cli.show.torn", "en") in page.warning[0].value
