"""Scores as lines with bands: the same looks in every figure of probes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from neurolupa.figures import style
from neurolupa.figures.probing_words import control_words
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.probing.result import Probe

LOOKS: dict[str, dict[str, Any]] = {
    "none": {"color": "#3b528b", "marker": "o", "linestyle": "-", "linewidth": 1.8, "zorder": 4},
    "random_weights": {"color": "#c2410c", "marker": "s", "linestyle": "--", "linewidth": 1.2, "zorder": 3},
    "shuffled_labels": {"color": "#8a8a8a", "marker": "x", "linestyle": "-.", "linewidth": 1.2, "zorder": 2},
    "pixels": {"color": "#1b9e77", "marker": "D", "linestyle": (0, (6, 2)), "linewidth": 1.2, "zorder": 2},
}
"""Of each control; told apart in grey too, by mark and line."""

CHANCE: dict[str, Any] = {"color": style.INK, "linestyle": ":", "linewidth": 1.1, "zorder": 1.5}
_RING: dict[str, Any] = {
    "marker": "o", "markersize": 11, "markerfacecolor": "none", "markeredgecolor": style.INK,
    "markeredgewidth": 1.2, "linestyle": "", "zorder": 5,
}  # fmt: skip
_PALE = 0.18


def draw_scores(axes: Axes, at: Sequence[float], probes: Sequence[Probe], control: str) -> None:
    """The scores of probes at places on the axis, with their intervals: a band, or a bar for a single one."""
    score, low, high = (np.array([getattr(each, end) for each in probes]) for end in ("score", "low", "high"))
    look = LOOKS[control]
    axes.plot(at, score, markersize=4.2, **look)
    if len(probes) == 1:
        axes.vlines(at, low, high, color=look["color"], linewidth=1.6, zorder=look["zorder"])
    else:
        axes.fill_between(at, low, high, color=look["color"], alpha=_PALE, linewidth=0, zorder=1)


def draw_level(axes: Axes, start: float, end: float, probe: Probe, control: str) -> None:
    """One score that holds for all places: a point with its interval, and a line from there."""
    look = LOOKS[control]
    axes.plot([start, end], 2 * [probe.score], markersize=4.2, markevery=[0], **look)
    axes.vlines([start], probe.low, probe.high, color=look["color"], linewidth=1.6, zorder=look["zorder"])


def draw_ring(axes: Axes, at: float, score: float) -> None:
    """A ring around the point that matters."""
    axes.plot([at], [score], **_RING)


def score_axis(axes: Axes, measure: str, lows: Sequence[float]) -> None:
    """Accuracy from 0 to 100 %; R2 up to 1, and below 0 as far as its intervals go, to -1 at most."""
    style.tidy(axes, "both")
    known = [low for low in lows if np.isfinite(low)]
    least = 0.0 if measure == "accuracy" else max(-1.0, min([0.0, *known]))
    axes.set_ylim(least - 0.03, 1.05)
    if measure == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, 0, " %"))


def legend_marks(controls: Sequence[str], lang: str, ring: str = "probing.first") -> list[Line2D]:
    """What stands in the legend: the controls, chance and the ring."""
    from neurolupa.probing.codes import Control

    marks = [Line2D([], [], markersize=4.2, label=control_words(Control(name), lang), **LOOKS[name])
             for name in controls]  # fmt: skip
    rings = _RING | {"markersize": 8}
    return [
        *marks,
        Line2D([], [], label=text("probing.chance", lang), **CHANCE),
        Line2D([], [], label=text(ring, lang), **rings),
    ]
