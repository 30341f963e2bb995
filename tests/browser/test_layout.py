"""Nothing sticks out of the window and nothing is cut, on a telephone and on a desk."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, contrast_of, faults_of, shifts_of, watch_shifts

from neurolupa.app.request import TAB_KEYS
from neurolupa.locales import text

MOST_SHIFT = 0.1
"""What web pages are called good up to; before room was kept, one tab moved by 0.2."""


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_tab_fits(visit: Visit, width: int, lang: str) -> None:
    came = visit(width=width, lang=lang)
    for name in TAB_KEYS:
        came.show_tab(name)
        assert (name, *faults_of(came)) == (name,)


def test_what_is_too_wide_is_found(visit: Visit) -> None:
    came = visit(width=PHONE)
    came.page.evaluate("document.querySelector('[data-testid=stMain] h3').style.width = '900px'")
    assert any("wider than the window" in fault for fault in faults_of(came))


def test_nothing_jumps_while_tabs_and_analyses_come_and_go(visit: Visit) -> None:
    came = visit()
    top = came.page.get_by_role("tablist").bounding_box()
    watch_shifts(came)
    for name in (*TAB_KEYS[1:], TAB_KEYS[0]):
        came.show_tab(name)
        moved, what = shifts_of(came)
        assert moved < MOST_SHIFT, (name, what)
    came.choose("ask.sample.en", text("app.sample.rocket", "en"))
    expect(came.told("app.stale")).to_be_visible()
    assert came.page.get_by_role("tablist").bounding_box() == top, "the banner has a line of its own"
    came.analyse()
    expect(came.headline).to_contain_text("rocket")
    assert came.settled().page.get_by_role("tablist").bounding_box() == top
    moved, what = shifts_of(came)
    assert moved < MOST_SHIFT, what


WORDS = (
    "[role=tab][aria-selected=true] p",
    "[role=radio][aria-checked=true] p",
    "button[kind=primary] p",
    "[data-testid=stCaptionContainer] p",
    "[data-testid=stMain] code",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_small_can_be_read_in_both_themes(visit: Visit, theme: str) -> None:
    came = visit({"tab": "overlay"}, theme=theme)
    found = {words: round(contrast_of(came, words), 1) for words in WORDS}
    assert min(found.values()) >= 4.5, found
