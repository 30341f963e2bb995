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
_LEGEND, _POINTS = 18, 60


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
            line = {"color": colour, "linewidth": 1.2, "marker": _marker(log), "clip_on": False}
            axes.plot(rows["step"], _values(rows, name), label=site, **line)
        style.tidy(axes, "y")
        axes.set_ylim(0, max(axes.get_ylim()[1], 1.0))
        style.panel_title(axes, text(f"training.{name}", lang))
    _numbers(panels[-1], log, lang)
    for axes in panels[3:]:
        axes.set_xlabel(text("training.step", lang), fontsize=style.SMALL)
    _legend(figure, panels[0])
    return figure


def _legend(figure: Figure, axes: Axes) -> None:
    """The names of the sites; of very many, some from the first to the last."""
    handles, names = axes.get_legend_handles_labels()
    places = np.unique(np.linspace(0, len(names) - 1, _LEGEND).round().astype(int))
    shown = [handles[place] for place in places], style.shorten([names[place] for place in places])
    figure.legend(*shown, loc="outside right upper", fontsize=style.SMALL, frameon=False)


def _marker(log: TrainingLog) -> str:
    """Points where they can be told apart."""
    return "." if len(log.steps) <= _POINTS else ""


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
        colour = style.shades(max(2, len(names)))[place]
        axes.plot(log.steps, known, marker=_marker(log), color=colour, label=name)
    style.tidy(axes, "y")
    style.panel_title(axes, text("training.numbers", lang))
    if names:
        axes.legend(fontsize=style.SMALL, frameon=False)
