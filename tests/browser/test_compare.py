"""The page of comparisons in a real browser: both tabs fit, links keep the choices, a unit opens its page."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, faults_of
from tests.browser.test_pages import open_atlas
from tests.browser.visitor import Visitor

import neurolupa as nl
from neurolupa.locales import text

SITE, LAPTOP = "layer3.1.relu", 1280
SHAPES = "stimuli?target=shape&size=32&shape=circle,star,ring"


@pytest.fixture(scope="module")
def atlases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The embedded network and one with random weights, on the same pictures."""
    place = tmp_path_factory.mktemp("compared")
    for name, weights in (("trained", "default"), ("random", None)):
        network = nl.load_model("embedded", weights=weights)
        nl.scan(network, f"{SHAPES}&count=48", ["relu", SITE], place / name)
    return place / "trained", place / "random"


def show_tab(came: Visitor, name: str) -> None:
    tab = came.page.get_by_role("tab", name=text(f"app.compare.tab.{name}", came.lang), exact=True)
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    came.has_address(page="compare", compare=name)
    came.settled()


@pytest.mark.parametrize(("width", "lang"), [(LAPTOP, "en"), (PHONE, "es")])
def test_both_tabs_are_drawn_and_fit(visit: Visit, atlases: tuple[Path, Path], width: int, lang: str) -> None:
    came = visit({"page": "compare", "layer": SITE}, width=width, lang=lang)
    assert faults_of(came) == []
    open_atlas(came, atlases[0])
    expect(came.keyed("sheet.compare.heat").locator("img")).to_be_visible()
    assert faults_of(came.settled()) == []
    show_tab(came, "atlases")
    assert faults_of(came) == []
    came.keyed("compare.typed").get_by_role("textbox").fill(str(atlases[1]))
    came.page.get_by_role("button", name=text("app.compare.atlases.open", lang), exact=True).click()
    expect(came.keyed("sheet.compare.matched").locator("img")).to_be_visible()
    assert faults_of(came.settled()) == []
    assert str(atlases[1]) not in str(came.query())


def test_classes_are_in_the_link_and_a_unit_opens_its_page(visit: Visit, atlases: tuple[Path, Path]) -> None:
    came = visit({"page": "compare", "layer": SITE})
    open_atlas(came, atlases[0])
    came.page.get_by_role("combobox", name=text("app.compare.classes.which", "en", most=8)).click()
    came.page.get_by_role("option", name="ring", exact=True).click()
    came.page.keyboard.press("Escape")
    came.has_address(compare="classes", layer=SITE)
    expect(came.page.get_by_text("star against ring")).to_be_visible()
    came.settled()
    assert came.query()["class"] == ["circle", "star", "ring"]
    other = visit({"page": "compare", "class": "ring", "layer": "relu"})
    open_atlas(other, atlases[0])
    expect(other.told("app.compare.classes.fewer")).to_be_visible()
    came.keyed("compare.units").get_by_role("button").first.click()
    came.has_address(page="neuron", layer=SITE)
