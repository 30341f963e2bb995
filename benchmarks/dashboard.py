"""The dashboard in a real browser: from a click to what it shows, and what of that the server worked.

Server, browser and measuring share the cores that this process may use: under `taskset -c 1` all three have
one core. The weights are random ones: they take as long, and need no download.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright
from tests.browser.serving import Server, find_browser, serve
from tests.browser.visitor import Visitor

from benchmarks.results import Row
from neurolupa.app.link_values import sample_names
from neurolupa.app.request import TAB_KEYS
from neurolupa.locales import text

ROUNDS = 6
SLIDES = 20
TARGET_MS, TARGET_SHARE = 300.0, 0.2
SERVED = ("-m", "benchmarks.served")
# Begun by the visitor's hand, ended by the first frame in which all is there.
_CLOCK = """() => {
    for (const hand of ['pointerdown', 'keydown'])
        document.addEventListener(hand, () => { window.began = performance.now(); }, true);
    const whole = () => [...document.querySelectorAll('[role=tabpanel] img')].every(one => one.complete);
    window.until = there => new Promise(done => {
        const look = () => there() && whole() ? done(performance.now() - began) : requestAnimationFrame(look);
        look();
    });
}"""
_TAB_THERE = "foot => until(() => document.querySelector('[role=tabpanel] .' + foot))"
_PICTURE_THERE = """before => until(() => {
    const shown = document.querySelector('[role=tabpanel] [data-testid=stColumn] img')?.src;
    return shown && shown !== before;
})"""


def in_a_browser(model: str) -> Iterator[Row]:
    """What a visitor waits for and what the server works, for one network with random weights."""
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        with serve(Path(folder), SERVED) as server:
            came = arrive(browser, server, model)
            analyses = analysed(came, server)
            clicks, tabs = switched(came, server)
            slides, runs = slid(came, server)
        browser.close()
    alone = float(np.median(analyses))
    facts = {"cores": len(os.sched_getaffinity(0)), "analysis ms": round(1e3 * alone, 1)}
    per_tab = {
        f"{name} ms": round(float(np.median(clicks[at :: len(TAB_KEYS)]))) for at, name in enumerate(TAB_KEYS)
    }
    yield Row(f"{model}: click on a tab to its content", clicks, TARGET_MS, False, "ms", facts | per_tab)
    yield Row(f"{model}: move of a slider to its content", slides, TARGET_MS, False, "ms", facts)
    for words, seconds in (("a tab", tabs), ("a display control", runs)):
        shares = tuple(one / alone for one in seconds)
        told = facts | {"server ms": round(1e3 * float(np.median(seconds)), 1)}
        yield Row(
            f"{model}: server time of {words} / of an analysis", shares, TARGET_SHARE, False, facts=told
        )


def arrive(browser: Browser, server: Server, model: str) -> Visitor:
    """A visitor in front of a first analysis, every tab seen once."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_init_script(f"({_CLOCK})()")
    came = Visitor(context, context.new_page(), server.address).watch()
    came.open({"model": model, "weights": "random", "sp": "0.0"})
    for name in TAB_KEYS:
        came.show_tab(name)
    return came


def analysed(came: Visitor, server: Server) -> tuple[float, ...]:
    """Seconds of the analyses of all other samples, the pictures and the network being warm."""
    told = len(server.told("analysis"))
    for name in sample_names()[1:]:
        came.choose("ask.sample.en", text(f"app.sample.{name}", "en"))
        came.analyse()
        came.has_address(img=f"sample:{name}")
        came.settled()
    return server.told("analysis")[told:]


def switched(came: Visitor, server: Server) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Milliseconds from click to content, and the server's seconds, tab after tab."""
    for name in TAB_KEYS:
        came.show_tab(name)
    told, waited = len(server.told("run")), []
    for name in TAB_KEYS * ROUNDS:
        came.page.get_by_role("tab", name=text(f"app.tab.{name}", "en"), exact=True).click()
        waited.append(came.page.evaluate(_TAB_THERE, f"st-key-export-zip-{name}"))
        came.settled()
    return tuple(waited), server.told("run")[told:]


def slid(came: Visitor, server: Server) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The same for the slider of opacity, on the tab with six overlaid pictures."""
    came.show_tab("overlay")
    thumb = came.keyed("show.opacity.en").get_by_role("slider")
    told, waited = len(server.told("run")), []
    for step in range(SLIDES):
        before = came.page.locator("[role=tabpanel] [data-testid=stColumn] img").first.get_attribute("src")
        absolute = came.page.evaluate("src => new URL(src, document.baseURI).href", before)
        thumb.focus()
        came.page.keyboard.press("ArrowRight" if step % 2 == 0 else "ArrowLeft")
        waited.append(came.page.evaluate(_PICTURE_THERE, absolute))
        came.settled()
    return tuple(waited), server.told("run")[told:]


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "dashboard": lambda: in_a_browser("resnet18"),
    "dashboard_embedded": lambda: in_a_browser("embedded"),
}
