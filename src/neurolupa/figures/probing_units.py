"""Which units of a site carry a concept, and how few of them are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.probing_lines import CHANCE, draw_ring, draw_scores, legend_marks, score_axis
from neurolupa.figures.probing_words import class_words, concept_words, probes_caption, spread_line
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.probing.result import ConceptProbes, ProbeReport
    from neurolupa.probing.sparse import UnitProbes

_BAR = "#3b528b"
_CLASSES = 20
"""So many classes have a row; of more, those with the longest weights."""


def carriers(report: ProbeReport, concept: str, site: str, units: int = 12, lang: str = "en") -> Figure:
    """The heaviest units of a site in a concept's probe, and what each says of each class.

    Args:
        report: Of `neurolupa.probe`.
        concept: A probed one.
        site: A probed one; not "pixels".
        units: How many units; all where the site has fewer.
        lang: Of the words.

    Raises:
        UsageError: An unknown concept, site or language, pixels, or fewer than one unit.

    >>> import neurolupa as nl
    >>> report = nl.probe(
    ...     "embedded", "stimuli?target=hue&size=32&count=90", "relu", "hue", controls=False, cache=False
    ... )
    >>> len(nl.figures.carriers(report, "hue", "relu", units=5).axes[0].patches)
    5
    """
    probes, count = report.concept(concept), whole_number("units", units, 1)
    if site not in report.units:
        probes.of(site)
        raise UsageError(f"{site} has no units; choose from: {', '.join(probes.sites)}")
    table = report.carriers(concept, site)
    shown = table.head(count)
    named = {"concept": concept_words(concept, lang), "site": site}
    notes = (_note(probes, len(shown), len(table), shown["share"].sum(), lang), probes_caption(report, lang))
    rows = min(len(probes.classes), _CLASSES)
    height = 3.4 + (0.9 + 0.24 * rows if rows else 0)
    figure = style.new_figure(height, text("probing.carriers.title", lang, **named), notes)
    signed = _signed(probes, site, report.units[site])[:, shown["unit"].to_numpy()]
    names = [str(unit) for unit in shown["unit"]]
    if not rows:
        _bars(figure.subplots(), signed[0], names, text("probing.carriers.weight", lang), lang)
        return figure
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 0.6 + 0.24 * rows))
    _bars(above, shown["weight"].to_numpy(), names, text("probing.carriers.length", lang), lang)
    above.set_xlabel("")
    _heat(figure, below, signed, probes, lang)
    below.set_xticks(range(len(names)), names, fontsize=style.SMALL, rotation=0 if len(names) <= 30 else 90)
    below.set_xlabel(text("probing.carriers.unit", lang), fontsize=style.NORMAL)
    return figure


def sparse_probes(found: UnitProbes, lang: str = "en") -> Figure:
    """The score with 1, 2, 4, ... units of a site beside that of shuffled labels and chance.

    Args:
        found: Of `neurolupa.probing.probe_units`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.

    >>> import neurolupa as nl
    >>> found = nl.probe_units("embedded", "stimuli?target=hue&size=32&count=90", "relu", "hue", cache=False)
    >>> [label.get_text() for label in nl.figures.sparse_probes(found).axes[0].get_xticklabels()]
    ['1', '2', '4', '8', '16']
    """
    named = {"concept": concept_words(found.concept, lang), "site": found.site}
    title, places = text("probing.sparse.title", lang, **named), range(len(found.counts))
    notes = (spread_line(found, lang), text("probing.sparse.note", lang), _caption(found, lang))
    figure = style.new_figure(4.6, title, notes)
    axes = figure.subplots()
    _sparse_lines(axes, found, lang)
    axes.set_xticks(places, [whole(count, lang) for count in found.counts], fontsize=style.SMALL)
    axes.set_xlim(-0.4, len(found.counts) - 0.6)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(text("probing.sparse.axis", lang), fontsize=style.NORMAL, color=style.INK)
    axes.set_ylabel(text(f"probing.measure.{found.measure}", lang), fontsize=style.NORMAL, color=style.INK)
    style.panel_title(axes, text(f"probing.spread.{found.code.value}", lang))
    marks = legend_marks(("none", "shuffled_labels"), lang, "probing.sparse.ring")
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0,
                frameon=False, fontsize=style.NORMAL, labelcolor=style.INK)  # fmt: skip
    return figure


def _sparse_lines(axes: Axes, found: UnitProbes, lang: str) -> None:
    """Scores, shuffled labels and chance; a ring where few units are enough, and which unit is the best."""
    score_axis(axes, found.measure, [each.low for each in (*found.probes, *found.shuffled)])
    axes.axhline(found.chance, **CHANCE)
    places = range(len(found.counts))
    draw_scores(axes, places, found.shuffled, "shuffled_labels")
    draw_scores(axes, places, found.probes, "none")
    if found.code.value != "NONE":
        enough = found.counts.index(found.enough)
        draw_ring(axes, enough, found.probes[enough].score)
    best = text("probing.sparse.unit", lang, unit=found.chosen[0][0])
    axes.annotate(best, (0, found.probes[0].score), (8, -9), textcoords="offset points", va="top",
                  fontsize=style.SMALL, color=style.INK)  # fmt: skip


def _caption(found: UnitProbes, lang: str) -> str:
    source = found.source
    told = {"model": source.model, "images": source.shown, "pooling": source.pooling}
    return text("probing.sparse.caption", lang, pictures=whole(source.pictures, lang), **told)


def _note(probes: ConceptProbes, shown: int, units: int, share: float, lang: str) -> str:
    told = {"shown": whole(shown, lang), "units": whole(units, lang)}
    shares = {"share": f"{100 * share:.0f}", "even": f"{100 * shown / units:.0f}"}
    note = text(f"probing.carriers.note.{probes.measure}", lang, **told, **shares)
    if len(probes.classes) <= _CLASSES:
        return note
    return f"{note} {text('probing.carriers.some', lang, shown=_CLASSES, classes=len(probes.classes))}"


def _signed(probes: ConceptProbes, site: str, units: NDArray[np.int64]) -> NDArray[np.float64]:
    """(K, U) the weight of every unit for each class; of a grid, summed over its cells."""
    weights = probes.of(site).weights
    assert weights is not None
    found = np.zeros((len(weights), int(units.max()) + 1))
    np.add.at(found.T, units, weights.T)
    return found


def _bars(axes: Axes, values: NDArray, names: list[str], label: str, lang: str) -> None:
    axes.bar(range(len(values)), values, width=0.72, color=_BAR)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes, "y")
    axes.set_xticks(range(len(names)), names, fontsize=style.SMALL, rotation=0 if len(names) <= 30 else 90)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel(label, fontsize=style.SMALL)
    axes.set_xlabel(text("probing.carriers.unit", lang), fontsize=style.NORMAL)


def _heat(figure: Figure, axes: Axes, weights: NDArray, probes: ConceptProbes, lang: str) -> None:
    """A row for each class: its weights, one scale either way from 0."""
    order = np.sort(np.argsort(-np.linalg.norm(weights, axis=1), kind="stable")[:_CLASSES])
    limit = float(np.abs(weights).max()) or 1.0
    drawn = axes.imshow(
        weights[order], cmap=style.DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
    )
    style.colour_bar(figure, drawn, axes, text("probing.carriers.weight", lang))
    names = [class_words(probes.concept, probes.classes[place], lang) for place in order]
    axes.set_yticks(range(len(order)), style.shorten(names), fontsize=style.SMALL, parse_math=False)
    axes.tick_params(length=0, colors=style.INK)
    axes.spines[:].set_visible(False)
