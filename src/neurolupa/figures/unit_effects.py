"""What single units do for one answer: switched off in truth, beside what the gradient expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.attribution_words import class_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.attribution import UnitEffects

_TRUE, _EXPECTED = "#3b528b", "#c3cbdd"


def unit_effects(found: UnitEffects, lang: str = "en", units: int = 16) -> Figure:
    """The largest changes of a class's logit, and how well the gradient foretells all of them.

    Args:
        found: Of `neurolupa.unit_effects`.
        lang: Of the words.
        units: How many are shown by name; all are in the scatter.

    Raises:
        UsageError: An unknown language.
    """
    name = class_words(found.target, lang)
    title = text("attribution.effects", lang, name=name, site=found.site.name)
    flips = int((found.strongest != found.whole.argmax()).sum())
    told = {"name": name, "logit": found.target.logit, "percent": 100 * found.target.probability}
    notes = (
        text("attribution.target", lang, **told),
        text("attribution.effects_note", lang, flips=whole(flips, lang), units=whole(len(found.units), lang)),
        found.provenance.one_line(),
    )
    table = found.to_frame()
    largest = table["logit_change"].abs().sort_values(ascending=False, kind="stable").index[:units]
    shown = table.loc[largest].sort_values("logit_change", kind="stable")
    figure = style.new_figure(2.0 + 0.24 * max(8, len(shown)), title, notes)
    left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
    _bars(left, shown, lang)
    _scatter(right, found, lang)
    return figure


def _bars(axes: Axes, shown: pd.DataFrame, lang: str) -> None:
    places = np.arange(len(shown))
    axes.barh(places - 0.2, shown["logit_change"], 0.4, color=_TRUE, label=text("attribution.true", lang))
    axes.barh(places + 0.2, shown["expected"], 0.4, color=_EXPECTED, label=text("attribution.expected", lang))
    names = [f"{row.unit} *" if row.flips else str(row.unit) for row in shown.itertuples()]
    axes.set_yticks(places, names, fontsize=style.SMALL)
    axes.invert_yaxis()
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes)
    axes.set_xlabel(text("attribution.logit_change", lang), fontsize=style.SMALL)
    axes.set_ylabel(text("attribution.unit", lang), fontsize=style.SMALL)
    axes.legend(fontsize=style.SMALL, frameon=False)


def _scatter(axes: Axes, found: UnitEffects, lang: str) -> None:
    axes.axline((0, 0), slope=1, **style.REFERENCE)
    axes.scatter(found.expected, found.changes, s=12, color=_TRUE, alpha=0.7, linewidths=0)
    style.tidy(axes, "both")
    axes.set_xlabel(text("attribution.expected", lang), fontsize=style.SMALL)
    axes.set_ylabel(text("attribution.true", lang), fontsize=style.SMALL)
    agreement = "n/a" if np.isnan(found.agreement) else f"{found.agreement:.2f}"
    style.panel_title(axes, text("attribution.agreement", lang, r=agreement, n=whole(len(found.units), lang)))
