"""Many visitors of one server at a time: nobody sees a fault or another's answer, and memory is flat."""

import time

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.serving import Server
from tests.browser.visitor import Visitor

MEGABYTE = 2**20
PICTURES, NAME = 40, "stimuli?count=2000&size=32"
MOST_GROWTH = 64 * MEGABYTE
WARM = 8
"""Rounds until every cache is full."""


def ask(came: Visitor, index: int) -> None:
    """Type a number and press the button at once; do not wait for the answer."""
    came.keyed("ask.index.en").get_by_role("spinbutton").fill(str(index))
    came.page.keyboard.press("Enter")
    came.analyse()


def has_own(came: Visitor, index: int) -> None:
    """What is shown is what was asked for, in address, headline and the command that gives the same."""
    came.has_address(img=f"set:{NAME}#{index}")
    expect(came.headline).to_contain_text(f"{index:05d}")
    came.settled()
    assert came.page.get_by_test_id("stException").count() == 0


@pytest.mark.nightly
@pytest.mark.parametrize(("visitors", "seconds"), [(4, 20), (20, 300)])
def test_many_get_their_own_answers(visitors: int, seconds: int, visit: Visit, server: Server) -> None:
    came = [visit({"img": f"set:{NAME}#{place * PICTURES}", "k": "2"}) for place in range(visitors)]
    begun, rounds, before = time.monotonic(), 0, 0
    while rounds < 2 or time.monotonic() - begun < seconds:
        rounds += 1
        wanted = [place * PICTURES + rounds % PICTURES for place in range(visitors)]
        for one, index in zip(came, wanted, strict=True):
            ask(one, index)
        for one, index in zip(came, wanted, strict=True):
            has_own(one, index)
        before = server.resident_bytes() if rounds == WARM else before
    grown = server.resident_bytes() - before
    assert not before or grown < MOST_GROWTH, f"{rounds - WARM} rounds took {grown / MEGABYTE:.0f} MiB"
