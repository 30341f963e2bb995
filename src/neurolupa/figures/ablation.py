"""What a network loses over labelled pictures without some of its units: in all, and class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.figures import style
from neurolupa.figures.ablation_words import ablation_notes
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.attribution import Ablation

_SURE, _UNSURE = "#c2410c", "#3b528b"
_LEVEL = 0.05
_NUMBERED = 20
_LONGEST = 26


def ablation(found: Ablation, lang: str = "en", groups: int = 20) -> Figure:
    """Changes of accuracy with 95 % intervals, the largest losses first.

    Args:
        found: Of `neurolupa.ablate`.
        lang: Of the words.
        groups: How many are shown.

    Raises:
        UsageError: An unknown language.
    """
    rows = found.to_frame().sort_values(["change", "logit_change"], kind="stable").head(groups)
    shown = len(rows)
    title = text("ablation.title", lang, model=found.source.model, site=found.source.site)
    figure = style.new_figure(1.8 + 0.26 * max(4, shown), title, ablation_notes(found, lang, shown))
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, name in ((left, "change"), (right, "logit_change")):
        _forest(axes, rows, name)
        axes.set_xlabel(text(f"ablation.{name}", lang), fontsize=style.SMALL)
    left.set_yticks(range(shown), [_cut(units) for units in rows["units"]], fontsize=style.SMALL)
    left.set_ylabel(text("ablation.units", lang), fontsize=style.SMALL)
    left.invert_yaxis()
    return figure


def ablation_classes(found: Ablation, lang: str = "en", groups: int = 20) -> Figure:
    """The change of accuracy of each class, for the groups that cost some class most; sure ones are marked.

    Raises:
        UsageError: An unknown language.
    """
    rows = found.class_frame()
    worst = rows.groupby("group")["change"].min().sort_values(kind="stable").head(groups).index
    changes = rows.pivot(index="group", columns="class_id", values="change").loc[worst]
    sure = rows.pivot(index="group", columns="class_id", values="p_adjusted").loc[worst] <= _LEVEL
    title = text("ablation.by_class", lang, model=found.source.model, site=found.source.site)
    figure = style.new_figure(2.4 + 0.27 * max(4, len(worst)), title, ablation_notes(found, lang, len(worst)))
    axes = figure.subplots()
    limit = float(np.nanmax(np.abs(changes.to_numpy()))) or 1.0
    image = axes.imshow(
        100 * changes, cmap=style.DIVERGING, vmin=-100 * limit, vmax=100 * limit, aspect="auto"
    )
    if changes.shape[1] <= _NUMBERED:
        for (row, column), value in np.ndenumerate(changes.to_numpy()):
            mark = "*" if sure.iloc[row, column] else ""
            dark = "white" if abs(value) > 0.6 * limit else style.INK
            words = f"{100 * value:.3g}{mark}".replace("-", style.MINUS)
            axes.text(column, row, words, ha="center", va="center", fontsize=style.SMALL, color=dark)
    names = [f"{name} ({n})" for name, n in zip(found.classes, found.n, strict=True)]
    thinned = range(0, len(names), max(1, len(names) // 40))
    told = [names[place] for place in thinned]
    axes.set_xticks(thinned, told, rotation=45, ha="right", fontsize=style.SMALL)
    units = rows.drop_duplicates("group").set_index("group")["units"].loc[worst]
    axes.set_yticks(range(len(worst)), [_cut(each) for each in units], fontsize=style.SMALL)
    axes.set_ylabel(text("ablation.units", lang), fontsize=style.SMALL)
    style.colour_bar(figure, image, axes, text("ablation.change", lang))
    return figure


def _forest(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    scale = 100 if name == "change" else 1
    ends = ("low", "high") if name == "change" else ("logit_low", "logit_high")
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = _SURE if row["p_adjusted"] <= _LEVEL else _UNSURE
        axes.plot([scale * row[ends[0]], scale * row[ends[1]]], [place, place], color=colour, linewidth=1.6)
        axes.plot(scale * row[name], place, "o", color=colour, markersize=4)
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes)


def _cut(units: str) -> str:
    return units if len(units) <= _LONGEST else f"{units[: _LONGEST - 1]}…"
