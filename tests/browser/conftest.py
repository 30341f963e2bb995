"""A real server and a real browser, each started once for all tests of this folder."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.serving import BROWSERS, Server, find_browser, serve
from tests.browser.visitor import Visitor

HERE = Path(__file__).parent
LOCALES = {"en": "en-GB", "es": "es-ES"}

Visit = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Not for the session: the event loop of the driver would stay open under the tests that follow.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = find_browser()
    if program is None:
        told = f"no browser: none of {', '.join(BROWSERS)} is installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="package")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Come as a new visitor with a browser of this width, language and theme; no fault may happen to any."""
    visitors: list[Visitor] = []
    before = len(server.log.read_text())

    def come(
        query: dict[str, str] | None = None, width: int = 1440, lang: str = "en", theme: str = "light"
    ) -> Visitor:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, locale=LOCALES[lang], color_scheme=theme)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
        came = Visitor(context, context.new_page(), server.address, lang).watch()
        visitors.append(came)
        return came.open(query)

    yield come
    for one in visitors:
        one.context.close()
    assert [fault for one in visitors for fault in one.faults] == []
    written = server.log.read_text()[before:]
    assert "Traceback" not in written, written[-8000:]
