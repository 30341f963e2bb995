"""Several visitors of one server, and one visitor for long."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.serving import Server
from tests.browser.visitor import Visitor

from neurolupa.locales import text

MEGABYTE = 2**20
WARM, ANALYSES = 80, 100  # the caches of dossiers are full after 64
MOST_GROWTH = 48 * MEGABYTE


def test_two_visitors_at_once_see_their_own(visit: Visit) -> None:
    one, two = visit(), visit({"lang": "es"}, lang="es")
    one.choose("ask.sample.en", text("app.sample.rocket", "en"))
    two.choose("ask.sample.es", text("app.sample.coffee", "es"))
    one.analyse()
    two.analyse()
    expect(one.headline).to_contain_text("rocket")
    expect(two.headline).to_contain_text("coffee")
    one.show_tab("overlay")
    two.show_tab("prediction")
    for came, picture, lang in ((one, "rocket", "en"), (two, "coffee", "es")):
        expect(came.headline).to_contain_text(picture)
        came.has_address(img=f"sample:{picture}", lang=lang)
        expect(came.page.get_by_role("tabpanel")).to_contain_text(picture)


@pytest.mark.nightly
def test_a_hundred_analyses_leave_the_memory_flat(visit: Visit, server: Server) -> None:
    came = visit({"img": "set:stimuli?count=2000&size=32#0", "k": "2"})
    for index in range(1, WARM + 1):
        analyse_picture(came, index)
    before = server.resident_bytes()
    for index in range(WARM + 1, WARM + ANALYSES + 1):
        analyse_picture(came, index)
    grown = server.resident_bytes() - before
    assert grown < MOST_GROWTH, f"{ANALYSES} analyses took {grown / MEGABYTE:.0f} MiB"


def analyse_picture(came: Visitor, index: int) -> None:
    came.keyed("ask.index.en").get_by_role("spinbutton").fill(str(index))
    came.page.keyboard.press("Enter")
    came.analyse()
    came.has_address(img=f"set:stimuli?count=2000&size=32#{index}")
    came.settled()
