"""The page of probes in a real browser: made with one click, stopped, looked at, and on to a unit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, faults_of
from tests.browser.visitor import Visitor

from neurolupa.app.request import PROBING_KEYS
from neurolupa.locales import text
from neurolupa.probing import probe

SITE, LAPTOP = "layer2.1.relu", 1280
FEW = {"images": "stimuli?size=32&count=200&shape=circle,star&hue=red,cyan", "concepts": "hue", "sites": SITE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("probing") / "probes"
    probe("embedded", FEW["images"], [SITE, "relu"], ["shape", "hue", "brightness"], cache=False).save(place)
    return place


def open_folder(came: Visitor, folder: Path) -> None:
    came.page.get_by_text(text("app.probing.open", came.lang), exact=True).click()
    came.keyed("probing.typed").get_by_role("textbox").fill(str(folder))
    came.page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(came.page.get_by_role("tab").first).to_be_visible()
    came.settled()


@pytest.mark.parametrize(("width", "lang"), [(LAPTOP, "en"), (PHONE, "es")])
def test_every_tab_of_a_folder_is_drawn_and_fits(visit: Visit, folder: Path, width: int, lang: str) -> None:
    came = visit({"page": "probing"}, width=width, lang=lang)
    assert faults_of(came) == []
    open_folder(came, folder)
    for name in PROBING_KEYS:
        came.page.get_by_role("tab", name=text(f"app.probing.tab.{name}", lang), exact=True).click()
        came.has_address(probing=name)
        came.settled()
        assert (name, *faults_of(came)) == (name,)
    came.page.get_by_role("tab", name=text("app.probing.tab.units", lang), exact=True).click()
    came.keyed("probing.units").get_by_role("button").first.click()
    came.has_address(page="neuron", layer=SITE)


def test_a_link_probes_nothing_until_a_click_and_the_files_can_be_taken(visit: Visit) -> None:
    came = visit({"page": "probing", "probing": "units", "controls": "off", **FEW})
    expect(came.page.get_by_role("tab")).to_have_count(0)
    came.keyed("probing.probe").get_by_role("button").click()
    expect(came.page.get_by_role("tab", selected=True)).to_have_text(text("app.probing.tab.units", "en"))
    came.has_address(controls="off", **FEW)
    came.keyed("probing.few").get_by_role("button").click()
    expect(came.keyed("sheet.probing.sparse").locator("img")).to_be_visible()
    came.settled()
    assert faults_of(came) == []
    with came.page.expect_download() as taken:
        came.page.get_by_role("button", name=text("app.probing.zip", "en")).click()
    assert Path(taken.value.path()).read_bytes()[:2] == b"PK"


def test_a_run_can_be_stopped_and_begun_again(visit: Visit) -> None:
    many = {"page": "probing", "images": "stimuli?size=32&count=1500", "sites": "kind:relu"}
    came = visit(many)
    came.keyed("probing.probe").get_by_role("button").click()
    came.keyed("probing.stop").get_by_role("button").click()
    expect(came.told("app.probing.stopped")).to_be_visible()
    came.settled()
    expect(came.page.get_by_role("tab")).to_have_count(0)
    field = came.page.get_by_role("textbox", name=text("app.probing.images", "en"))
    field.fill(FEW["images"])
    came.page.keyboard.press("Enter")
    expect(came.page.get_by_text(text("app.probing.pictures.all", "en", count="200"))).to_be_visible()
    came.keyed("probing.probe").get_by_role("button").click()
    expect(came.page.get_by_role("tab").first).to_be_visible()
    expect(came.told("app.probing.stopped")).to_have_count(0)
