"""The units of one site that detect a concept best: three measures, each beside its null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from neurolupa.atlas.checks import whole_number
from neurolupa.errors import UsageError
from neurolupa.figures import style
from neurolupa.figures.dissection_words import dissection_notes
from neurolupa.figures.probing_words import class_words, concept_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing import Dissection

_SHOWN = 12
_LIT, _PALE, _NULL = "#3b528b", "#c3cbdd", "#e8853d"
_ROW, _ROOM = 0.3, 2.5
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
_MEASURES = {"": "iou", "f1_": "f1", "auprc_": "auprc"}
"""From how the columns of a measure begin, IoU's without a name, to the measure."""


def dissected_units(
    found: Dissection, site: str, units: Sequence[int] | None = None, lang: str = "en"
) -> Figure:
    """Units of one site with their concept: IoU, F1 and AUPRC beside what 95 of 100 shuffles stay below.

    A unit has one row, of the category in which its IoU is furthest above its null. F1 and AUPRC name their
    own best concept of that category where it is another one: the label is doubtful there.

    Args:
        found: Of `neurolupa.dissect`.
        site: A dissected one.
        units: Their numbers, in the order of the rows; None takes the 12 furthest above their nulls.
        lang: Of the words.

    Raises:
        UsageError: An unknown site or language, no unit, or a number that the site does not have.

    >>> import neurolupa as nl
    >>> found = nl.dissect("embedded", "stimuli?size=32&count=90", "relu", factors="hue", shuffles=19)
    >>> rows = nl.figures.dissected_units(found, "relu", [9]).axes[0].get_yticklabels()
    >>> [row.get_text() for row in rows]
    ['9 · hue: cyan']
    """
    rows = _rows(found, site, units)
    title = text("dissection.units.title", lang, model=found.source.model, site=site)
    told = {"shown": len(rows), "units": len(found.of(site)), "categories": len(found.categories)}
    counted = {name: whole(count, lang) for name, count in told.items()}
    notes = (text("dissection.units.note", lang, **counted), *dissection_notes(found, lang))
    figure = style.new_figure(_ROOM + _ROW * len(rows), title, notes)
    panels = figure.subplots(1, 3, sharey=True)
    for axes, (begin, measure) in zip(panels, _MEASURES.items(), strict=True):
        _measure(axes, rows, begin, measure, lang)
    panels[0].axvline(found.source.least_iou, **style.REFERENCE)
    style.name_rows(panels[0], [_name(row, lang) for row in rows.to_dict("records")])
    _legend(panels[0], lang)
    return figure


def _rows(found: Dissection, site: str, units: Sequence[int] | None) -> pd.DataFrame:
    """For each unit the category with the IoU furthest above its null."""
    count = len(found.of(site))
    asked = None if units is None else [whole_number("unit", unit, 0) for unit in units]
    if asked is not None and (not asked or max(asked) >= count):
        named = f"no unit {max(asked)}" if asked else "no unit to draw"
        raise UsageError(f"{named}; {site} has units 0 to {count - 1}")
    frame = found.to_frame()
    frame = frame[frame["site"] == site]
    above = (frame["iou"] - frame["null_high"]).sort_values(ascending=False, kind="stable")
    best = frame.loc[above.index].drop_duplicates("unit").set_index("unit", drop=False)
    return best.head(_SHOWN) if asked is None else best.loc[asked]


def _name(row: dict, lang: str) -> str:
    category = row["category"]
    return f"{row['unit']} · {concept_words(category, lang)}: {class_words(category, row['concept'], lang)}"


def _measure(axes: Axes, rows: pd.DataFrame, begin: str, measure: str, lang: str) -> None:
    """Bars, dark where p is at most 0.05, with a stroke for the null and the value at the end."""
    from neurolupa.probing.dissection.result import CHANCE

    values, highs = rows[measure].to_numpy(), rows[f"{begin}null_high"].to_numpy()
    colours = [_LIT if p <= CHANCE else _PALE for p in rows[f"{begin}p"]]
    axes.barh(range(len(rows)), values, 0.72, color=colours)
    axes.plot(highs, range(len(rows)), linestyle="", **_stroke())
    most = max(values.max(initial=0), highs.max(initial=0), 0.01)
    axes.set_xlim(0, 1.55 * most)
    for place, row in enumerate(rows.to_dict("records")):
        end = max(row[measure], row[f"{begin}null_high"]) + 0.03 * most
        words = _end(row, measure, lang)
        axes.annotate(words, (end, place), va="center", fontsize=style.SMALL, color=style.INK, bbox=_PAPER)
    style.tidy(axes, "x")
    style.panel_title(axes, " ")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel(text(f"dissection.measure.{measure}", lang), fontsize=style.NORMAL, color=style.INK)


def _end(row: dict, measure: str, lang: str) -> str:
    """The value, and the concept that this measure prefers where it is another one."""
    preferred = row.get(f"{measure}_concept", row["concept"])
    told = f"{row[measure]:.3f}"
    return (
        told if preferred == row["concept"] else f"{told} ({class_words(row['category'], preferred, lang)})"
    )


def _stroke() -> dict:
    return {"marker": "|", "color": _NULL, "markersize": 11, "markeredgewidth": 2.0}


def _legend(axes: Axes, lang: str) -> None:
    """Over all three panels, in the room that their empty titles keep."""
    marks = [
        Patch(color=_LIT, label=text("dissection.units.sure", lang)),
        Patch(color=_PALE, label=text("dissection.units.unsure", lang)),
        Line2D([], [], linestyle="", label=text("dissection.units.null", lang), **_stroke()),
        Line2D([], [], label=text("dissection.units.least", lang), **style.REFERENCE),
    ]
    legend = axes.legend(
        handles=marks, loc="lower left", bbox_to_anchor=(0.0, 1.01), ncols=4, borderaxespad=0.0,
        frameon=False, fontsize=style.SMALL, labelcolor=style.INK,
    )  # fmt: skip
    legend.set_in_layout(False)
