"""What a person meets who opens the dashboard on a machine without network."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit


def test_the_first_visit_shows_the_analysed_cat(visit: Visit) -> None:
    came = visit()
    expect(came.headline).to_contain_text("embedded")
    expect(came.headline).to_contain_text("chelsea.png")
    expect(came.page.get_by_role("tab")).to_have_count(6)
    pictures = came.page.get_by_test_id("stImage").locator("img")
    assert pictures.count() >= 2
    assert came.page.evaluate("[...document.images].every(one => one.naturalWidth > 0 && one.alt)")
    for alarm in ("stAlert", "stException"):
        expect(came.page.get_by_test_id(alarm)).to_have_count(0)


@pytest.mark.parametrize(("lang", "word"), [("en", "Analyse activations"), ("es", "Analizar activaciones")])
def test_the_language_is_the_browsers(visit: Visit, lang: str, word: str) -> None:
    came = visit(lang=lang)
    expect(came.keyed("analyse").get_by_role("button")).to_have_text(word)
    came.has_address(lang=lang)
