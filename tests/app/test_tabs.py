"""The six tabs over a tiny network: every tab, in both languages, at sites of every kind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from tests.app.tabs_script import script

from neurolupa.app import work
from neurolupa.app.request import TAB_KEYS, Display, Request, Result
from neurolupa.locales import LANGUAGES, text

CASES = {
    "maps": Request(sites=("first",), point="relu", k=2, by="mean"),
    "no sparsity": Request(sites=("first",), point="conv", k=2, by="std"),
    "nothing passes": Request(sites=("first",), point="conv", k=2, by="balanced"),
    "deeper": Request(sites=("second",), point="relu", k=2, by="max"),
    "values": Request(sites=("fc",), point=None, k=2, by="mean"),
    "layers": Request(sites=("first", "second"), point="relu", k=4, by="mean"),
    "mixed layers": Request(sites=("first", "fc"), point=None, k=4, by="balanced"),
}


@pytest.fixture
def result(tiny) -> Callable[..., Result]:
    """The result of a request, from the tiny network."""
    return lambda request: work.analyse(work.fitted(request)[0], None)


def opened(result: Result, tab: str = "general", **display: object) -> AppTest:
    page = AppTest.from_function(script, default_timeout=30)
    page.session_state["neurolupa.result"] = result
    page.session_state["neurolupa.display"] = replace(Display(tab=tab), **display)
    return page.run()


def shown_as(page: AppTest, **changes: object) -> AppTest:
    before = page.session_state["neurolupa.display"]
    page.session_state["neurolupa.display"] = replace(before, **changes)
    return page.run()


def words(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.warning, page.subheader, page.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_every_tab_stands_and_says_where_it_comes_from(case, lang, result):
    found = result(CASES[case])
    page = opened(found, lang=lang)
    for tab in TAB_KEYS:
        page = shown_as(page, tab=tab)
        assert not page.exception, (tab, page.exception)
        assert not page.error, (tab, words(page))
        assert found.analysis.provenance.weights_digest[:12] in words(page), tab
