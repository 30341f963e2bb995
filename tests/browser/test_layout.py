"""Nothing sticks out of the window and nothing is cut, on a telephone and on a desk."""

import pytest
from tests.browser.conftest import Visit
from tests.browser.layout import DESK, PHONE, faults_of

from neurolupa.app.request import TAB_KEYS


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_tab_fits(visit: Visit, width: int, lang: str) -> None:
    came = visit(width=width, lang=lang)
    for name in TAB_KEYS:
        came.show_tab(name)
        assert (name, *faults_of(came)) == (name,)


def test_what_is_too_wide_is_found(visit: Visit) -> None:
    came = visit(width=PHONE)
    came.page.evaluate("document.querySelector('[data-testid=stMain] h3').style.width = '900px'")
    assert any("wider than the window" in fault for fault in faults_of(came))
