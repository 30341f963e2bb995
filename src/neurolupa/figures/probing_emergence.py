"""Concepts in the order of the depth at which they come up, each with its interval and a one-line reading."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.probing_words import concept_words, depth_line, emergence_words, probes_caption
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.probing.emerging import Depth
    from neurolupa.probing.result import ProbeReport

_COLOURS = {
    "EMERGES": "#3b528b",
    "AT_ONCE": "#21868d",
    "IN_PIXELS": "#1b9e77",
    "UNTRAINED": "#c2410c",
    "ABSENT": style.MUTED,
}
_HOLLOW = frozenset({"UNTRAINED", "ABSENT"})
_LINE = 0.125
"""Inches of one line of text."""
_ROOM = 66
_NAMED = 24
"""So many sites are named; of more, evenly chosen ones."""


def emergence(report: ProbeReport, lang: str = "en") -> Figure:
    """A row for each concept, the earliest at the top: the site where it comes up, with its 95 % interval.

    Beside each row how it comes up, in one line with the best score, chance and N.

    Args:
        report: Of `neurolupa.probe`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.

    >>> import neurolupa as nl
    >>> report = nl.probe(
    ...     "embedded", "stimuli?target=hue&size=32&count=90", "relu", "hue", controls=False, cache=False
    ... )
    >>> nl.figures.emergence(report).axes[0].get_yticklabels()[0].get_text()
    'hue'
    """
    found = report.emergence()
    title = text("probing.emergence.title", lang, model=report.source.model)
    notes = (text("probing.emergence.note", lang), probes_caption(report, lang))
    places = range(0, len(report.sites), -(-len(report.sites) // _NAMED))
    names = style.shorten([report.sites[place] for place in places])
    lines = [_lines(each, report, lang) for each in found]
    row = _LINE * (max(told.count("\n") for told in lines) + 3)
    height = row * max(len(found), 2) + 0.065 * max(map(len, names)) + 1.3
    figure = style.new_figure(height, title, notes)
    axes, beside = figure.subplots(1, 2, width_ratios=(1, 0.9))
    for place, each in enumerate(found):
        _row(axes, place, each)
    style.tidy(axes, "x")
    concepts = style.shorten([concept_words(each.concept, lang) for each in found])
    axes.set_yticks(range(len(found)), concepts, parse_math=False)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(-0.5, len(report.sites) - 0.5)
    axes.set_xticks(places, names, fontsize=style.SMALL, parse_math=False, **_tilt(names))
    _readings(beside, found, lines, row, lang)
    return figure


def _row(axes: Axes, row: int, found: Depth) -> None:
    colour = _COLOURS[found.code.value]
    axes.plot(
        [found.low, found.high], [row, row], color=colour, linewidth=5, alpha=0.3, solid_capstyle="round"
    )
    face = "white" if found.code.value in _HOLLOW else colour
    axes.plot(
        [found.place], [row], "o", color=colour, markerfacecolor=face, markersize=8, markeredgewidth=1.6
    )


def _lines(found: Depth, report: ProbeReport, lang: str) -> str:
    """The reading of a concept, wrapped, a number and its sign never apart."""
    line = depth_line(found, report.concept(found.concept).measure, lang)
    held = re.sub(" (=|%) ?", lambda sign: sign[0].replace(" ", "\N{NO-BREAK SPACE}"), line)
    return textwrap.fill(held, _ROOM, break_long_words=True)


def _readings(axes: Axes, found: Sequence[Depth], lines: Sequence[str], row: float, lang: str) -> None:
    """Beside each row, `row` inches high, its code in its colour, and its reading."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(found) - 0.4, -0.6))
    plain: dict[str, Any] = {
        "x": 0.0,
        "fontsize": style.SMALL,
        "ha": "left",
        "va": "top",
        "parse_math": False,
    }
    for place, (each, told) in enumerate(zip(found, lines, strict=True)):
        top = place - (told.count("\n") + 2) * _LINE / row / 2
        colour, words = _COLOURS[each.code.value], emergence_words(each, lang)
        axes.text(y=top, s=words, color=colour, fontweight="bold", **plain)
        axes.text(y=top + 1.1 * _LINE / row, s=told, color=style.INK, **plain)


def _tilt(names: Sequence[str]) -> dict[str, Any]:
    """Level while the names fit side by side, else slanted, or upright where they are many."""
    if len(names) * max(map(len, names)) <= 62:
        return {}
    slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    return slanted if len(names) <= 10 else {"rotation": 90}
