"""What a person meets who opens the dashboard on a machine without network."""

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


def test_the_language_is_the_browsers(visit: Visit) -> None:
    came = visit(lang="es")
    expect(came.keyed("analyse").get_by_role("button")).to_have_text("Analizar activaciones")
    came.has_address(lang="es")


def test_weights_that_cannot_be_fetched_lead_to_the_network_that_ships(visit: Visit) -> None:
    came = visit({"model": "resnet18"})
    expect(came.page.get_by_text("The weights of resnet18 could not be downloaded.")).to_be_visible()
    came.keyed("use.embedded").get_by_role("button").click()
    expect(came.headline).to_contain_text("embedded")
    expect(came.page.get_by_test_id("stAlert")).to_have_count(0)
