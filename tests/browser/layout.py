"""What is wrong with the layout of a page: too wide, cut, or outside the window."""

from tests.browser.visitor import Visitor

PHONE, DESK = 390, 1440
_HEADINGS = "h1, h2, h3, button[kind], [data-testid=stMetricValue], [data-testid=stMetricLabel]"
_WIDER = """() => [document.scrollingElement, ...document.querySelectorAll('[data-testid=stMain]')]
    .map(one => one.scrollWidth - one.clientWidth).filter(more => more > 0)"""
_CUT = """headings => [...document.querySelectorAll(headings)]
    .flatMap(one => [one, ...one.querySelectorAll('*')])
    .filter(one => one.offsetParent && getComputedStyle(one).overflowX !== 'visible')
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.textContent)"""
_OUTSIDE = """() => [...document.querySelectorAll('[data-testid=stMain] :is(h1, h2, h3, p, img, button)')]
    .filter(one => one.checkVisibility() && !one.closest('[role=tablist], [data-testid=stElementToolbar]'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.textContent || one.alt)"""

_SHIFTS = """() => {
    window.shifted = [];
    const named = source => source.node && (source.node.dataset?.testid || source.node.nodeName);
    new PerformanceObserver(list => list.getEntries().forEach(one =>
        window.shifted.push([one.value, one.sources.map(named).join(' ')])
    )).observe({type: 'layout-shift', buffered: false});
}"""


def watch_shifts(came: Visitor) -> None:
    """Note from now on whatever moves without having been moved: the browser's own layout shifts."""
    came.page.evaluate(_SHIFTS)


def shifts_of(came: Visitor) -> tuple[float, list[list[object]]]:
    """How much has moved since the last call, as web pages are judged by (0.1 is good), and what."""
    found = came.page.evaluate("() => window.shifted.splice(0)")
    return sum(float(value) for value, _ in found), found


def faults_of(came: Visitor) -> list[str]:
    """What is wrong with what is shown now; nothing where all is well."""
    page = came.page
    return [
        *(f"{more} pixels wider than the window" for more in page.evaluate(_WIDER)),
        *(f"cut: {words}" for words in page.evaluate(_CUT, _HEADINGS)),
        *(f"outside: {words}" for words in page.evaluate(_OUTSIDE)),
    ]
