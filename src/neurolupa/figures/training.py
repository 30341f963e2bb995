"""A training log over its steps: silent and dormant units, sparsity, effective rank, the user's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.errors import DataError
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.monitoring import TrainingLog

_PANELS = ("silent", "dead", "dormant", "sparsity", "effective_rank", "numbers")
_LEGEND = 18


def training(log: TrainingLog, lang: str = "en") -> Figure:
    """How each site changes over the steps, from the first layer (dark) to the last (light).

    Args:
        log: Of `neurolupa.monitoring.open_log`.
        lang: Of the words.

    Raises:
        UsageError: An unknown language.
        DataError: Nothing was measured yet.
    """
    table = log.to_frame()
    if table.empty:
        raise DataError(f"nothing was measured yet in {log.folder}")
    title = text("training.title", lang, network=log.header["network"])
    told = {"steps": whole(len(log.steps), lang), "every": whole(int(log.header["every"]), lang)}
    notes = (text("training.note", lang, **told, n=whole(int(table["n"].iloc[-1]), lang)),)
    figure = style.new_figure(6.4, title, notes)
    panels = figure.subplots(2, 3, sharex=True).ravel()
    colours = style.shades(len(log.sites))
    for axes, name in zip(panels[:-1], _PANELS, strict=False):
        for colour, site in zip(colours, log.sites, strict=True):
            rows = table[table["site"] == site]
            axes.plot(rows["step"], _values(rows, name), color=colour, linewidth=1.2, label=site, marker=".")
        style.tidy(axes, "y")
        axes.set_ylim(0, max(axes.get_ylim()[1], 1.0))
        style.panel_title(axes, text(f"training.{name}", lang))
    _numbers(panels[-1], log, lang)
    for axes in panels[3:]:
        axes.set_xlabel(text("training.step", lang), fontsize=style.SMALL)
    if len(log.sites) <= _LEGEND:
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside right upper", fontsize=style.SMALL, frameon=False)
    return figure


def _values(rows: pd.DataFrame, name: str) -> pd.Series:
    if name in ("silent", "dead", "dormant"):
        return 100 * rows[name] / rows["units"]
    return 100 * rows[name].astype(float) if name == "sparsity" else rows[name].astype(float)


def _numbers(axes: Axes, log: TrainingLog, lang: str) -> None:
    """What the user told, each number as a line."""
    names = sorted({name for one in log.samples for name in one["numbers"]})
    for place, name in enumerate(names):
        values = [one["numbers"].get(name) for one in log.samples]
        known = [np.nan if value is None else value for value in values]
        axes.plot(log.steps, known, marker=".", color=style.shades(max(2, len(names)))[place], label=name)
    style.tidy(axes, "y")
    style.panel_title(axes, text("training.numbers", lang))
    if names:
        axes.legend(fontsize=style.SMALL, frameon=False)
