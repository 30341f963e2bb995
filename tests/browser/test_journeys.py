"""What people do with one analysis, from the first click to the file that they take away."""

import io
import re
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, expect
from tests.browser.conftest import Visit
from tests.browser.visitor import ROW, Visitor

from neurolupa.app.request import TAB_KEYS
from neurolupa.locales import text

ALL_FILES = {"units.csv", "regions.csv", "patches.csv", "analysis.json"}


def photograph() -> FilePayload:
    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").rotate(30).save(stream, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": stream.getvalue()}


def hand_in(came: Visitor) -> None:
    came.hand_in(photograph())
    came.analyse()
    expect(came.headline).to_contain_text("mine.png")


def test_an_uploaded_picture_is_in_all_six_tabs(visit: Visit) -> None:
    came = visit()
    hand_in(came)
    for name in TAB_KEYS:
        came.show_tab(name)
        shown = came.page.get_by_role("tabpanel")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text("mine.png")
        expect(came.page.get_by_test_id("stException")).to_have_count(0)
    digest = came.query()["img"][0]
    assert digest.startswith("sha256:")


def test_a_unit_ticked_in_the_table_is_the_one_of_the_other_tabs(visit: Visit) -> None:
    came = visit()
    table = came.keyed("general.units.en")
    unit = table.get_by_test_id("glide-cell-2-2").inner_text()
    assert unit.isdigit()
    table.locator(".dvn-scroller").click(position={"x": 15, "y": 3.5 * ROW})
    came.has_address(unit=unit)
    for name in ("detail", "prediction"):
        came.show_tab(name)
        expect(came.menu(f"unit.{name}.en")).to_have_value(re.compile(rf"\b{unit}$"))


def test_a_unit_chosen_in_one_tab_is_the_one_of_another(visit: Visit) -> None:
    came = visit({"tab": "detail"})
    came.menu("unit.detail.en").click()
    chosen = came.page.get_by_role("option").nth(2)
    name = chosen.inner_text()
    chosen.click()
    expect(came.menu("unit.detail.en")).to_have_value(name)
    came.show_tab("overlay")
    came.page.get_by_role("tabpanel").get_by_text(text("app.overlay.one", "en")).click()
    expect(came.menu("unit.overlay.en")).to_have_value(name)
    assert name.endswith(came.query()["unit"][0])


def test_a_copied_link_shows_the_same_elsewhere_and_in_another_language(visit: Visit) -> None:
    came = visit({"site": "layer1.0.conv1", "k": "4", "by": "max", "img": "sample:coffee", "unit": "5"})
    came.show_tab("overlay")
    came.page.get_by_role("button", name=text("app.button.link", "en")).click()
    expect(came.page.get_by_role("button", name=text("app.button.copied", "en"))).to_be_visible()
    copied = came.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(came.address)
    other = visit({}, lang="es").follow(copied)
    assert other.query() == came.query()
    expect(other.headline).to_have_text(came.headline.inner_text())
    expect(other.page.get_by_role("tab", selected=True)).to_have_text(text("app.tab.overlay", "en"))


def test_the_language_can_be_switched_without_losing_anything(visit: Visit) -> None:
    came = visit({"tab": "grid", "k": "3"})
    came.keyed("language").get_by_text("Español").click()
    came.has_address(lang="es", tab="grid", k="3")
    expect(came.page.get_by_role("tab", selected=True)).to_have_text(text("app.tab.grid", "es"))
    expect(came.keyed("analyse")).to_have_text(text("app.button.analyse", "es"))
    expect(came.headline).to_contain_text("chelsea.png")
    came.lang = "es"
    expect(came.told("app.stale")).to_have_count(0)


def test_a_changed_sidebar_is_told_until_it_is_analysed(visit: Visit) -> None:
    came = visit()
    before = came.headline.inner_text()
    came.choose("ask.sample.en", text("app.sample.rocket", "en"))
    expect(came.told("app.stale")).to_be_visible()
    expect(came.headline).to_have_text(before)
    came.has_address(img="sample:cat")
    came.analyse()
    expect(came.headline).to_contain_text("rocket")
    expect(came.told("app.stale")).to_have_count(0)
    came.has_address(img="sample:rocket")


def test_everything_can_be_taken_away(visit: Visit, tmp_path: Path) -> None:
    came = visit({"tab": "detail"})
    with came.page.expect_download() as taken:
        came.keyed("export.zip.detail").get_by_role("button").click()
    assert taken.value.suggested_filename == "neurolupa.zip"
    taken.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        assert packed.testzip() is None
        assert set(packed.namelist()) == ALL_FILES | {f"{name}.png" for name in TAB_KEYS}
        assert Image.open(packed.open("overlay.png")).width > 300


def test_a_hostile_link_is_a_notice_and_a_page(visit: Visit) -> None:
    script = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    odd = {"k": "999", "by": script, "tab": "../..", "model": "os:abort", "unit": "-4", "site": script}
    came = visit(odd | {"img": "url:file:///etc/passwd"})
    notice = came.page.get_by_test_id("stAlert").first
    expect(notice).to_contain_text("tab, model, k, by, img, unit")
    expect(came.headline).to_contain_text("chelsea.png")


def test_a_link_fetches_nothing_before_a_click(visit: Visit) -> None:
    came = visit({"img": "url:http://127.0.0.1:9/cat.jpg"})
    expect(came.told("app.notice.waits_url")).to_be_visible()
    came.keyed("analyse.main").get_by_role("button").click()
    expect(came.page.get_by_test_id("stAlert")).to_contain_text("not a public one")
