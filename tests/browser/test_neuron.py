"""The neuron page in a real browser: every view fits, links and neighbours lead to the unit."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, faults_of
from tests.browser.test_pages import open_atlas

import neurolupa as nl
from neurolupa.app.request import PART_KEYS
from neurolupa.locales import text

SITE = "layer3.1.relu"


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("neurons") / "atlas"
    nl.scan(nl.load_model("embedded"), "stimuli?target=shape&size=32&count=48", ["relu", SITE], folder)
    return folder


@pytest.mark.parametrize(("width", "lang"), [(PHONE, "es"), (DESK, "en")])
def test_every_view_of_a_unit_is_drawn_and_fits(visit: Visit, atlas: Path, width: int, lang: str) -> None:
    came = visit({"page": "neuron", "layer": SITE, "neuron": "7"}, width=width, lang=lang)
    open_atlas(came, atlas)
    for name in PART_KEYS:
        came.page.get_by_role("tab", name=text(f"app.neuron.view.{name}", lang), exact=True).click()
        came.has_address(part=name, neuron="7", layer=SITE)
        shown = came.page.get_by_role("tabpanel")
        expect(shown.locator("img, svg.main-svg").first).to_be_visible()
        came.settled()
        assert (name, *faults_of(came)) == (name,)


def test_neighbours_are_in_the_link_and_the_page_can_be_taken_along(visit: Visit, atlas: Path) -> None:
    came = visit({"page": "neuron", "layer": SITE, "neuron": "7"})
    open_atlas(came, atlas)
    came.page.get_by_role("button", name=text("app.neuron.next", "en"), exact=True).click()
    came.has_address(neuron="8", layer=SITE)
    title = text("unit_page.title", "en", unit=8, site=SITE)
    expect(came.page.get_by_role("heading", name=title)).to_be_visible()
    with came.page.expect_download() as taken:
        came.page.get_by_role("button", name=text("app.neuron.export.html", "en")).click()
    assert title in Path(taken.value.path()).read_text(encoding="utf-8")


def test_on_a_telephone_figures_are_moved_sideways_and_stay_legible(visit: Visit, atlas: Path) -> None:
    came = visit({"page": "neuron", "layer": SITE, "neuron": "7"}, width=PHONE)
    open_atlas(came, atlas)
    sheet = came.keyed("sheet.exemplars")
    figure = sheet.locator("img").bounding_box()
    assert figure is not None
    assert figure["x"] >= 0
    assert figure["width"] >= 2 * PHONE
    sheet.evaluate("one => one.scrollBy(2000, 0)")
    moved = sheet.locator("img").bounding_box()
    assert moved is not None
    assert 0 <= PHONE - (moved["x"] + moved["width"]) < 40
