"""Callbacks are carried out, and what was sent is analysed, although another click comes in between."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.testing.v1 import AppTest
from tests.app.conftest import SCRIPT

from neurolupa.app import work
from neurolupa.app.callbacks import unbroken

OF_WIDGETS = {"on_change", "on_click", "on_select"}


def given_callbacks(module: Path) -> list[ast.expr]:
    """What a module hands to widgets, as keywords or in a dictionary of them."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found += [word.value for word in node.keywords if word.arg in OF_WIDGETS]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [
                value for key, value in pairs if isinstance(key, ast.Constant) and key.value in OF_WIDGETS
            ]
    return [each for each in found if not isinstance(each, ast.Constant)]


def test_every_callback_of_the_dashboard_is_unbroken() -> None:
    found = [each for module in SCRIPT.parent.rglob("*.py") for each in given_callbacks(module)]
    assert len(found) > 40
    assert {ast.unparse(each).partition("(")[0] for each in found} == {"unbroken"}


@pytest.mark.parametrize("waiting", [1, 2])
def test_a_callback_that_is_cut_short_begins_again_and_then_gives_way(waiting: int) -> None:
    cuts, written = [RerunException(RerunData(page_name=str(place))) for place in range(waiting)], []

    def commit(value: int) -> None:
        if cuts:
            raise cuts.pop()
        written.append(value)

    with pytest.raises(RerunException):
        unbroken(commit)(601)
    assert written == [601]


def test_a_callback_that_always_asks_for_another_run_ends() -> None:
    def again() -> None:
        raise RerunException(RerunData())

    with pytest.raises(RerunException):
        unbroken(again)()


def test_an_analysis_that_a_click_ends_is_begun_again(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, analyse, cuts = visit(), work.analyse, [RerunException(RerunData())]

    def interrupted(*asked: object) -> object:
        if cuts:
            raise cuts.pop()
        return analyse(*asked)

    monkeypatch.setattr(work, "analyse", interrupted)
    page.selectbox(key="ask.sample.en").set_value("coffee").run()
    page.button(key="analyse").click().run()
    page.run()
    assert not page.exception
    assert not cuts
    assert page.markdown[0].value.endswith("coffee.png")
