"""The gallery in a real browser: made with one click, compared with natural pictures, and on to the unit."""

from pathlib import Path
from shutil import rmtree

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, faults_of
from tests.browser.serving import Server

import neurolupa as nl
from neurolupa.locales import text

SITE = "layer2.1.relu"


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery") / "atlas"
    nl.scan(nl.load_model("embedded"), "stimuli?target=shape&size=32&count=48", [SITE], folder)
    return folder


@pytest.fixture(autouse=True)
def nothing_kept(server: Server) -> None:
    """No picture of another test lies in the server's cache."""
    rmtree(server.log.parent / "cache", ignore_errors=True)


@pytest.mark.parametrize(("width", "lang"), [(DESK, "en"), (PHONE, "es")])
def test_the_first_pictures_stand_beside_natural_ones_and_lead_to_their_unit(
    visit: Visit, atlas: Path, width: int, lang: str
) -> None:
    came = visit({"page": "gallery"}, width=width, lang=lang)
    assert faults_of(came) == []
    came.keyed("gallery.first").get_by_role("button").click()
    expect(came.keyed("gallery.alone").locator("img")).to_have_count(6)
    came.keyed("dataset.typed").get_by_role("textbox").fill(str(atlas))
    came.page.get_by_role("button", name=text("app.dataset.open", lang), exact=True).last.click()
    expect(came.keyed("gallery.beside").locator("img")).to_have_count(6)
    came.settled()
    assert faults_of(came) == []
    heights = came.page.evaluate(
        "[...document.querySelectorAll('.st-key-gallery-beside img')].map(x => x.height)"
    )
    assert len(set(heights)) == 1
    with came.page.expect_download() as taken:
        came.page.get_by_role("button", name=text("app.gallery.export.zip", lang)).click()
    assert Path(taken.value.path()).read_bytes()[:2] == b"PK"
    came.keyed("gallery.unit.4").get_by_role("button").click()
    came.has_address(page="neuron", layer=SITE, neuron="4")
    title = text("unit_page.title", lang, unit=4, site=SITE)
    expect(came.page.get_by_role("heading", name=title)).to_be_visible()


def test_a_link_opens_its_tab_with_its_choices_and_makes_nothing(visit: Visit) -> None:
    query = {"page": "gallery", "gallery": "make", "at": "layer3.1.relu", "make": "2,4", "steps": "8"}
    came = visit(query)
    expect(came.page.get_by_role("tab", selected=True)).to_have_text(text("app.gallery.tab.make", "en"))
    expect(came.page.get_by_role("textbox", name=text("app.gallery.units", "en"))).to_have_value("2,4")
    expect(came.page.get_by_test_id("stMain").locator("img")).to_have_count(0)
    came.keyed("gallery.make").get_by_role("button").click()
    expect(came.keyed("gallery.alone").locator("img")).to_have_count(2)
    came.has_address(**query)


def test_what_was_made_in_one_session_is_kept_for_the_next(visit: Visit) -> None:
    first = visit({"page": "gallery"})
    first.keyed("gallery.first").get_by_role("button").click()
    expect(first.keyed("gallery.alone").locator("img")).to_have_count(6)
    later = visit({"page": "gallery"}, width=PHONE, lang="es")
    expect(later.keyed("gallery.alone").locator("img")).to_have_count(6)
    later.settled()
    assert faults_of(later) == []
