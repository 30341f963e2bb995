"""The other pages: an atlas as charts, and what neurolupa can say."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, faults_of
from tests.browser.visitor import ROW, Visitor

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
    expect(came.page.get_by_role("tab").first).to_be_visible()
    came.settled()


def show_view(came: Visitor, name: str) -> None:
    came.page.get_by_role("tab", name=text(f"app.dataset.view.{name}", came.lang), exact=True).click()
    came.has_address(view=name)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_view_of_an_atlas_is_drawn_and_fits(visit: Visit, atlas: Path, width: int) -> None:
    came = visit({"page": "dataset"}, width=width)
    open_atlas(came, atlas)
    for name in VIEWS:
        show_view(came, name)
        shown = came.page.get_by_role("tabpanel")
        expect(shown.get_by_test_id("stPlotlyChart").locator("svg.main-svg").first).to_be_visible()
        came.settled()
        assert (name, *faults_of(came)) == (name,)


def test_a_row_clicked_in_the_table_is_the_layer_of_every_view_and_of_the_link(
    visit: Visit, atlas: Path
) -> None:
    came = visit({"page": "dataset"})
    open_atlas(came, atlas)
    table = came.keyed("dataset.layers")
    name = nl.open_atlas(atlas).sites[2]
    table.locator(".dvn-scroller").click(position={"x": 15, "y": 3.5 * ROW})
    came.has_address(layer=name)
    expect(came.page.get_by_text(text("app.dataset.layer", "en", site=name).replace("`", ""))).to_be_visible()
    show_view(came, "values")
    chart = came.page.get_by_role("tabpanel").get_by_test_id("stPlotlyChart")
    expect(chart).to_contain_text(name)


def test_a_link_keeps_layer_and_view_for_whoever_has_an_atlas_open(visit: Visit, atlas: Path) -> None:
    came = visit({"page": "dataset"})
    open_atlas(came, atlas)
    show_view(came, "classes")
    last = nl.open_atlas(atlas).sites[-1]
    other = visit({"page": "dataset", "layer": last, "view": "classes"})
    open_atlas(other, atlas)
    expect(other.page.get_by_role("tab", selected=True)).to_have_text(text("app.dataset.view.classes", "en"))
    other.has_address(layer=last, view="classes")
    expect(other.page.get_by_role("tabpanel").get_by_test_id("stPlotlyChart").first).to_contain_text(last)


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
