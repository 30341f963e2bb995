"""A visitor's hands and eyes: the dashboard by the keys of its controls and the words on it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from neurolupa.locales import text

PATIENCE = 60_000
"""Milliseconds; what is waited for comes in one or two seconds where the machine is not busy otherwise."""
ROW = 35
"""Pixels of a row of a table, its heading too."""
expect.set_options(timeout=PATIENCE)

_ALLOWED = re.compile(r"favicon|preload")
"""What Streamlit's own page says in the console."""


@dataclass
class Visitor:
    """One browser window; `faults` collects what should not happen in it."""

    context: BrowserContext
    page: Page
    address: str
    lang: str = "en"
    faults: list[str] = field(default_factory=list)

    def watch(self) -> "Visitor":
        """Collect errors of the page, and every request that leaves this machine; those are refused."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.on("console", self._heard)
        self.page.route(lambda url: not self._ours(url), self._refuse)
        return self

    def open(self, query: dict[str, str] | None = None) -> "Visitor":
        """Go to an address and wait for what it shows."""
        return self.follow(f"{self.address}/?{urlencode(query or {})}")

    def follow(self, link: str) -> "Visitor":
        """Go to a whole link and wait for what it shows."""
        self.page.goto(link)
        return self.settled()

    def settled(self) -> "Visitor":
        """Wait until the server has nothing more to send and every picture is there."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        self.page.wait_for_function("[...document.images].every(one => one.complete)")
        return self

    def keyed(self, key: str) -> Locator:
        """The element of a Streamlit key."""
        return self.page.locator(f".st-key-{re.sub('[^A-Za-z0-9_-]', '-', key)}")

    def menu(self, key: str) -> Locator:
        """The field of a menu; its value is what is chosen."""
        return self.keyed(key).get_by_role("combobox")

    def choose(self, key: str, option: str) -> None:
        """Choose in a menu."""
        self.menu(key).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def analyse(self) -> None:
        """Press the button of the sidebar."""
        self.keyed("analyse").get_by_role("button").click()

    def offer(self, file: Path | FilePayload) -> None:
        """Choose to hand in a file, and name one."""
        self.choose(f"ask.kind.{self.lang}", text("app.image.upload", self.lang))
        self.keyed(f"upload.{self.lang}").locator("input[type=file]").set_input_files(file)

    def hand_in(self, file: Path | FilePayload) -> None:
        """The same, until the server has it: the banner is there as soon as a file is asked for."""
        with self.page.expect_response(lambda answer: "/upload_file/" in answer.url):
            self.offer(file)
        expect(self.told("app.stale")).to_be_visible()
        self.settled()

    def show_tab(self, name: str) -> "Visitor":
        """Open a tab and wait for what it shows."""
        tab = self.page.get_by_role("tab", name=text(f"app.tab.{name}", self.lang), exact=True)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        self.has_address(tab=name)
        return self.settled()

    def has_address(self, **wanted: str) -> None:
        """Wait until the address says so."""
        written = [re.escape(urlencode({name: value})) for name, value in wanted.items()]
        for one in written:
            expect(self.page).to_have_url(re.compile(rf"[?&]{one}(&|$)"))

    def query(self) -> dict[str, list[str]]:
        """The parameters of the address."""
        return parse_qs(urlsplit(self.page.url).query)

    @property
    def headline(self) -> Locator:
        """Network, site and picture of what is shown."""
        return self.page.get_by_test_id("stMain").get_by_test_id("stMarkdown").first

    def headline_of(self, words: str) -> Locator:
        """A headline that says these words."""
        return self.page.get_by_test_id("stMain").get_by_test_id("stMarkdown").filter(has_text=words)

    def told(self, code: str) -> Locator:
        """A sentence of the catalogue, wherever it stands in the page."""
        return self.page.get_by_text(text(code, self.lang))

    def _ours(self, url: str) -> bool:
        return url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:"))

    def _refuse(self, route: object) -> None:
        self.faults.append(f"asked {route.request.url}")  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    def _heard(self, message: object) -> None:
        if message.type == "error" and not _ALLOWED.search(message.text):  # type: ignore[attr-defined]
            self.faults.append(f"console: {message.text}")  # type: ignore[attr-defined]
