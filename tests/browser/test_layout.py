"""Nothing sticks out of the window and nothing is cut, on a telephone and on a desk."""

import pytest
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

from neurolupa.app.request import TAB_KEYS

PHONE, DESK = 390, 1440
HEADINGS = "h1, h2, h3, button[kind], [data-testid=stMetricValue], [data-testid=stMetricLabel]"
_WIDER = """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
    .map(one => one.scrollWidth - one.clientWidth)"""
_CUT = """headings => [...document.querySelectorAll(headings)]
    .flatMap(one => [one, ...one.querySelectorAll('*')])
    .filter(one => one.offsetParent && getComputedStyle(one).overflowX !== 'visible')
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.textContent)"""
_OUTSIDE = """() => [...document.querySelectorAll('[data-testid=stMain] :is(h1, h2, h3, p, img, button)')]
    .filter(one => one.checkVisibility() && !one.closest('[role=tablist], [data-testid=stElementToolbar]'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.textContent || one.alt)"""


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_tab_fits(visit: Visit, width: int, lang: str) -> None:
    came = visit(width=width, lang=lang)
    found = {}
    for name in TAB_KEYS:
        came.show_tab(name)
        found |= {f"{name}: {fault}": told for fault, told in faults_of(came).items() if told}
    assert found == {}


def faults_of(came: Visitor) -> dict[str, list[str]]:
    """What is wrong with the layout of what is shown now."""
    wider = [f"{more} pixels" for more in came.page.evaluate(_WIDER) if more > 0]
    return {
        "wider than the window": wider,
        "cut": came.page.evaluate(_CUT, HEADINGS),
        "outside": came.page.evaluate(_OUTSIDE),
    }
