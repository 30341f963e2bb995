"""The other pages: an atlas as charts, and what neurolupa can say."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, faults_of
from tests.browser.visitor import Visitor

import neurolupa as nl
from neurolupa.app.dataset_views import VIEWS
from neurolupa.locales import text


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scanned") / "atlas"
    nl.scan(nl.load_model("embedded"), "samples", out=folder)
    return folder


def open_atlas(came: Visitor, folder: Path) -> None:
    came.keyed("dataset.typed").get_by_role("textbox").fill(str(folder))
    came.page.get_by_role("button", name=text("app.dataset.open", came.lang), exact=True).click()
    expect(came.page.get_by_role("tab")).to_have_count(len(VIEWS))
    came.settled()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_view_of_an_atlas_is_drawn_and_fits(visit: Visit, atlas: Path, width: int) -> None:
    came = visit({"page": "dataset"}, width=width)
    open_atlas(came, atlas)
    for name in VIEWS:
        came.page.get_by_role("tab", name=text(f"app.dataset.view.{name}", "en"), exact=True).click()
        shown = came.page.get_by_role("tabpanel")
        expect(shown.get_by_test_id("stPlotlyChart").locator("svg.main-svg").first).to_be_visible()
        came.settled()
        assert (name, *faults_of(came)) == (name,)


def test_a_folder_without_an_atlas_is_one_sentence(visit: Visit, tmp_path: Path) -> None:
    came = visit({"page": "dataset"})
    came.keyed("dataset.typed").get_by_role("textbox").fill(str(tmp_path))
    came.page.get_by_role("button", name=text("app.dataset.open", "en"), exact=True).click()
    expect(came.page.get_by_test_id("stAlert")).to_have_count(1)


def test_what_is_selected_stays_while_another_page_is_read(visit: Visit) -> None:
    came = visit({"img": "sample:coffee", "tab": "grid"})
    came.page.get_by_role("link", name=text("app.about.title", "en")).click()
    expect(came.page.get_by_role("heading", name=text("app.about.title", "en"))).to_be_visible()
    came.has_address(page="about")
    assert faults_of(came.settled()) == []
    came.page.get_by_role("link", name=text("app.page.analyse", "en")).click()
    expect(came.headline).to_contain_text("coffee")
    expect(came.page.get_by_role("tab", selected=True)).to_have_text(text("app.tab.grid", "en"))
