import pytest
from streamlit.testing.v1 import AppTest

from neurolupa import __version__
from neurolupa.app.app_pages import about
from neurolupa.errors import DataError
from neurolupa.locales import LANGUAGES, text
from neurolupa.models.embedded.shipped import read_card


def page_of(lang: str) -> AppTest:
    def script(lang: str) -> None:
        from neurolupa.app.app_pages import about
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        about.render(Context(Display(lang=lang)))

    return AppTest.from_function(script, default_timeout=30, kwargs={"lang": lang}).run()


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in page.markdown)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_drawn_without_links(lang):
    page = page_of(lang)
    assert not page.exception
    assert not page.warning
    for name in (*about.SECTIONS, *about.CLOSING):
        assert text(f"app.about.{name}", lang) in words(page)
    assert "http" not in words(page)
    assert "](" not in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_the_embedded_network_are_those_of_its_card(lang):
    page, tested = page_of(lang), read_card()["evaluation"][0]
    told = words(page)
    assert f"{100 * tested['accuracy']:.1f} %" in told
    assert f"{100 * tested['low']:.1f} %" in told
    table = page.dataframe[0].value
    assert list(table.iloc[:, 0]) == list(tested["classes"])
    assert table.iloc[3, 1] == f"{100 * tested['classes']['cat']['accuracy']:.1f} %"


def test_versions_are_named():
    told = page_of("en").code[0].value
    assert f"neurolupa {__version__}" in told
    assert "torch " in told


def test_a_damaged_card_is_told_in_one_sentence(monkeypatch):
    def refuse():
        raise DataError("missing")

    monkeypatch.setattr(about, "read_card", refuse)
    page = page_of("es")
    assert not page.exception
    assert page.warning[0].value == text("app.about.embedded.damaged", "es")


def test_a_package_that_is_absent_is_told(monkeypatch):
    monkeypatch.setattr(about, "PACKAGES", ("no-such-package",))
    assert "no-such-package no instalado" in page_of("es").code[0].value
