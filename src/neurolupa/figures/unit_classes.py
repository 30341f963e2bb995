"""One unit class by class: means with their intervals, and how well it tells each class from the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.classes import ClassSelectivity

MOST_CLASSES = 20
"""More classes than this are shown by their two ends."""

_ENDS: dict[str, Any] = {"color": style.INK, "linewidth": 0.9}


def class_selectivity(found: ClassSelectivity, lang: str = "en") -> Figure:
    """The mean of one unit on each class with its 95 % interval, and the AUROC of each class beside it.

    Of more than 20 classes the ten highest and the ten lowest means.
    """
    shown = _shown(found.to_frame())
    title = text("class_bars.title", lang, unit=found.unit, site=found.site)
    note = text("class_bars.note", lang, sampled=whole(found.sampled, lang))
    notes = (f"{note} {_some(found, lang)}", caption(found.source, lang))
    figure = style.new_figure(style.rows_height(len(shown), 0.26) + 1.3, title, notes)
    means, auroc = figure.subplots(1, 2, sharey=True, width_ratios=(1.5, 1))
    _bars(means, shown)
    style.panel_title(means, text("class_bars.mean", lang))
    _dots(auroc, shown)
    style.panel_title(auroc, text("class_bars.auroc", lang))
    names = zip(shown["class_name"], shown["num_samples"], strict=True)
    style.name_rows(means, [f"{name} ({whole(int(count), lang)})" for name, count in names])
    return figure


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Classes with a mean, highest first; the two ends where they are many."""
    ranked = frame.dropna(subset="mean").sort_values("mean", ascending=False, kind="stable")
    if len(ranked) <= MOST_CLASSES:
        return ranked
    half = MOST_CLASSES // 2
    return pd.concat([ranked.head(half), ranked.tail(half)])


def _some(found: ClassSelectivity, lang: str) -> str:
    total = len(found.classes.ids)
    if total <= MOST_CLASSES:
        return ""
    half = MOST_CLASSES // 2
    return text("class_bars.some", lang, high=half, low=half, total=whole(total, lang))


def _bars(axes: Axes, shown: pd.DataFrame) -> None:
    at, mean = np.arange(len(shown)), shown["mean"].to_numpy()
    drawn = axes.barh(at, mean, height=0.72, color=style.COLOURS["mean"])
    for bar, reliable in zip(drawn, shown["reliable"], strict=True):
        if not reliable:
            bar.set(hatch="////", facecolor="white", edgecolor=style.COLOURS["mean"])
    axes.hlines(at, shown["mean_low"], shown["mean_high"], **_ENDS)
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes)


def _dots(axes: Axes, shown: pd.DataFrame) -> None:
    at = np.arange(len(shown))
    axes.axvline(0.5, **style.REFERENCE)
    axes.hlines(at, shown["auroc_low"], shown["auroc_high"], **_ENDS)
    axes.plot(shown["auroc"], at, "o", markersize=4, color=style.COLOURS["std"])
    axes.set_xlim(-0.02, 1.02)
    style.tidy(axes)
