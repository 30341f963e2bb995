"""What is wrong with the layout of a page: too wide, cut, or outside the window."""

from collections.abc import Sequence

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
    .filter(one => !one.closest('[class*=st-key-sheet-]'))
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.textContent || one.alt)"""

_INKS = """words => {
    const channels = tone => tone.match(/[0-9.]+/g).map(Number);
    const over = ([r, g, b, share = 1], under) =>
        [r, g, b].map((one, at) => share * one + (1 - share) * under[at]);
    const ground = element => element === null ? [255, 255, 255]
        : over(channels(getComputedStyle(element).backgroundColor), ground(element.parentElement));
    const one = document.querySelector(words);
    return [over(channels(getComputedStyle(one).color), ground(one)), ground(one)];
}"""
_SHIFTS = """() => {
    window.shifted = [];
    const named = source => source.node && (source.node.dataset?.testid || source.node.nodeName);
    new PerformanceObserver(list => list.getEntries().forEach(one =>
        window.shifted.push([one.value, one.sources.map(named).join(' ')])
    )).observe({type: 'layout-shift', buffered: false});
}"""


def contrast_of(came: Visitor, words: str) -> float:
    """How far the colour of words is from what they stand on, 1 to 21, as WCAG 2 has it."""
    dark, light = sorted(map(luminance, came.page.evaluate(_INKS, words)))
    return (light + 0.05) / (dark + 0.05)


def luminance(tone: Sequence[float]) -> float:
    """Of red, green and blue, 0 to 255, relative to white."""
    shares = [value / 255 for value in tone]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
