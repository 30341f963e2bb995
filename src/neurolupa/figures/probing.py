"""What every site tells of concepts: a panel for each concept, its score by depth beside all controls."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.probing_lines import (
    CHANCE,
    draw_level,
    draw_ring,
    draw_scores,
    legend_marks,
    score_axis,
)
from neurolupa.figures.probing_words import (
    code_lines,
    concept_words,
    emergence_words,
    left_out_lines,
    probes_caption,
)
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.probing.emerging import Depth
    from neurolupa.probing.result import ConceptProbes, ProbeReport

_PANEL = 2.5
_NAMED = 60
"""So many sites are named on an axis as wide as the figure; of more, evenly chosen ones."""
_ROOM = {1: 150, 2: 75, 3: 46}
"""Letters of a panel's heading, by how many panels stand beside each other."""
_LINES = ("none", "random_weights", "shuffled_labels")


def probes(report: ProbeReport, concept: str | None = None, lang: str = "en") -> Figure:
    """Score by site in forward order with its 95 % band, beside every control that was made, and chance.

    A panel for each concept; a ring marks the first site that has it (see `probing.emerging.Depth`). Pixels
    stand at the left and as a line over all sites. The notes give the protocol, the N and what to know.

    Args:
        report: Of `neurolupa.probe`.
        concept: Only this one; all of them.
        lang: Of the words.

    Raises:
        UsageError: A concept that was not probed, or an unknown language.

    >>> import neurolupa as nl
    >>> report = nl.probe(
    ...     "embedded", "stimuli?target=hue&size=32&count=90", "relu", "hue", controls=False, cache=False
    ... )
    >>> nl.figures.probes(report).axes[1].get_title(loc="left").splitlines()[0]
    'hue · 9 classes · N = 18'
    """
    shown = report.concepts if concept is None else (report.concept(concept),)
    depths = {each.concept: each for each in report.emergence()}
    columns = 2 if len(shown) in (2, 4) else min(len(shown), 3)
    rows = -(-len(shown) // columns)
    title = text("probing.depth.title", lang, model=report.source.model)
    names = _site_names(report.sites, _NAMED // columns)
    controls = [name for name in (*_LINES, "pixels") if any(_made(each, name) for each in shown)]
    height = _height(len(shown), columns, list(names.values()))
    figure = style.new_figure(height, title, _notes(report, concept, lang))
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[0.08, *rows * [1]])
    _legend(figure.add_subplot(grid[0, :]), controls, lang)
    for place, each in enumerate(shown):
        axes = figure.add_subplot(grid[1 + place // columns, place % columns])
        _panel(axes, each, depths[each.concept], _ROOM[columns], lang)
        _name_sites(axes, names, _pixels_at(report.sites) if "pixels" in controls else None, columns, lang)
        axes.tick_params("x", labelbottom=place + columns >= len(shown))
    return figure


def _height(count: int, columns: int, names: Sequence[str]) -> float:
    """Inches, with room for the names below the last row, and below the one before where that is not full."""
    rows, ragged = -(-count // columns), count > columns and count % columns > 0
    room = 0.065 * max(map(len, names)) if _tilt(names, columns) else 0.2
    return _PANEL * rows + (0.6 if rows == 1 else 0) + room * (2 if ragged else 1) + 1.3


def _notes(report: ProbeReport, concept: str | None, lang: str) -> tuple[str, ...]:
    return (
        text("probing.depth.note", lang),
        *code_lines(report, lang, concept),
        *left_out_lines(report, lang, concept),
        probes_caption(report, lang),
    )


def _panel(axes: Axes, probes: ConceptProbes, depth: Depth, room: int, lang: str) -> None:
    from neurolupa.probing.codes import PIXELS, Control

    score_axis(axes, probes.measure, [each.low for each in probes.probes])
    axes.axhline(probes.chance, **CHANCE)
    for name in _LINES:
        if _made(probes, name):
            held = [probes.of(site, Control(name)) for site in probes.sites]
            draw_scores(axes, range(len(held)), held, name)
    if _made(probes, "pixels"):
        draw_level(axes, _pixels_at(probes.sites), len(probes.sites) - 0.4, probes.of(PIXELS), "pixels")
    axes.set_xlim(right=len(probes.sites) - 0.4)
    if depth.code.value != "ABSENT":
        draw_ring(axes, depth.place, probes.of(depth.site).score)
    heading = "\n".join(textwrap.fill(line, room) for line in _heading(probes, depth, lang))
    axes.set_title(heading, loc="left", fontsize=style.SMALL, color=style.INK, parse_math=False)
    axes.set_ylabel(text(f"probing.measure.{probes.measure}", lang), fontsize=style.SMALL)


def _legend(axes: Axes, controls: Sequence[str], lang: str) -> None:
    axes.set_axis_off()
    axes.legend(
        handles=legend_marks(controls, lang), loc="center left", ncols=6, frameon=False, borderaxespad=0.0,
        fontsize=style.SMALL, labelcolor=style.INK,
    )  # fmt: skip


def _heading(probes: ConceptProbes, depth: Depth, lang: str) -> tuple[str, str]:
    """The concept and its N, then how it comes up."""
    first = text(
        f"probing.depth.heading.{probes.measure}",
        lang,
        concept=concept_words(probes.concept, lang),
        classes=len(probes.classes),
        test=whole(depth.test, lang),
    )
    absent = depth.code.value in ("ABSENT", "UNTRAINED", "IN_PIXELS")
    return first, emergence_words(depth, lang) if absent else f"{emergence_words(depth, lang)}: {depth.site}"


def _made(probes: ConceptProbes, control: str) -> bool:
    from neurolupa.probing.codes import Control

    return probes.has(Control(control))


def _site_names(sites: Sequence[str], most: int) -> dict[int, str]:
    """Names for the axis by their places; very many are thinned out evenly."""
    places = range(0, len(sites), -(-len(sites) // most))
    return dict(zip(places, style.shorten([sites[place] for place in places]), strict=True))


def _pixels_at(sites: Sequence[str]) -> float:
    """Where the pixels stand: left of the first site, far enough for their name."""
    return -max(1.0, len(sites) / 20)


def _name_sites(axes: Axes, names: dict[int, str], pixels: float | None, columns: int, lang: str) -> None:
    ticks: list[float] = [*names] if pixels is None else [pixels, *names]
    labels = [*names.values()] if pixels is None else [text("probing.pixels", lang), *names.values()]
    axes.set_xticks(ticks, labels, fontsize=style.SMALL, parse_math=False, **_tilt(labels, columns))
    axes.set_xlim(min(ticks) - 0.6)


def _tilt(labels: Sequence[str], columns: int) -> dict[str, Any]:
    """Level while the names fit side by side, slanted while their lines do, else upright."""
    if len(labels) * max(map(len, labels)) * columns <= 130:
        return {}
    slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    return slanted if len(labels) * columns <= 24 else {"rotation": 90}
