"""All layers side by side: their statistics, their dead units, and the way from the first to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurolupa.atlas.captions import caption
from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.figures import style
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas, Trend

_MEASURES = ("mean", "std", "sparsity", "range")


def layer_statistics(atlas: Atlas, lang: str = "en") -> Figure:
    """Mean, standard deviation, sparsity and range of every layer as bars, one panel each."""
    layers = atlas.layers
    notes = (text("layer_statistics.note", lang), caption(atlas.source, lang))
    height = style.rows_height(len(layers)) + 1.3
    figure = style.new_figure(height, text("layer_statistics.title", lang), notes)
    panels = figure.subplots(1, 4, sharey=True)
    for axes, measure in zip(panels, _MEASURES, strict=True):
        values = _measure(layers, measure)
        style.tidy(axes)
        style.bars(axes, values, style.COLOURS[measure], [_short(value, measure, lang) for value in values])
        style.panel_title(axes, text(f"measure.{measure}", lang))
    style.name_rows(panels[0], list(layers["site"]))
    return figure


def dead_units(atlas: Atlas, threshold: float = DEAD_THRESHOLD, lang: str = "en") -> Figure:
    """The share of units of every layer that are never above `threshold`, with the counts on the bars."""
    layers = atlas.layers
    found = atlas.dead(threshold)["site"].value_counts()
    dead = layers["site"].map(found).fillna(0).astype(int)
    percent = 100 * dead / layers["total_neurons"]
    counts = {"dead": whole(int(dead.sum()), lang), "units": whole(int(layers["total_neurons"].sum()), lang)}
    note = text("dead_units.note", lang, threshold=threshold, **counts)
    notes = (note, caption(atlas.source, lang))
    figure = style.new_figure(
        style.rows_height(len(layers), 0.24) + 1.2, text("dead_units.title", lang), notes
    )
    axes = figure.subplots()
    style.tidy(axes)
    labels = [_dead_label(*row, lang) for row in zip(dead, layers["total_neurons"], percent, strict=True)]
    style.bars(axes, percent, style.ACCENT, labels)
    axes.set_xlim(0, max(5.0, 1.25 * percent.max()))
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= 100])
    axes.set_xlabel(text("dead_units.axis", lang), fontsize=style.NORMAL)
    style.name_rows(axes, list(layers["site"]))
    return figure


def evolution(atlas: Atlas, lang: str = "en") -> Figure:
    """The four measures over the depth, each with what its change amounts to, its peak and its valley."""
    names = list(atlas.layers["site"])
    places = range(0, len(names), max(1, -(-len(names) // 80)))
    labels = style.shorten([names[place] for place in places])
    tilt = _tilt(labels)
    notes = (text("evolution.note", lang), caption(atlas.source, lang))
    room = 0.06 * max(map(len, labels)) if tilt else 0.2
    figure = style.new_figure(7.4 + room, text("evolution.title", lang), notes)
    panels = figure.subplots(4, 1, sharex=True)
    for axes, trend in zip(panels, atlas.evolution().trends, strict=True):
        _draw_trend(axes, trend, names, lang)
    panels[-1].set_xticks(places, labels, fontsize=style.SMALL, parse_math=False, **tilt)
    panels[-1].set_xlim(-0.6, len(names) - 0.4)
    return figure


def sentences(trend: Trend, lang: str = "en") -> str:
    """What a trend amounts to, in words."""
    told = (text(f"evolution.{trend.measure}.{code}", lang, **trend.to_dict()) for code in trend.codes)
    return "; ".join(told)


def _measure(layers: pd.DataFrame, measure: str) -> np.ndarray:
    if measure == "range":
        return (layers["max"] - layers["min"]).to_numpy()
    return layers["sparsity_%" if measure == "sparsity" else measure].to_numpy()


def _short(value: float, measure: str, lang: str) -> str:
    if np.isnan(value):
        return text("not_applicable", lang)
    return f"{value:.1f}" if measure == "sparsity" else style.short(value)


def _dead_label(dead: int, units: int, percent: float, lang: str) -> str:
    code = "dead_units.bar" if dead else "dead_units.none"
    return text(code, lang, dead=whole(dead, lang), units=whole(units, lang), percent=percent)


def _tilt(labels: list[str]) -> dict[str, Any]:
    """Level while the names fit side by side, slanted while their lines do, else upright."""
    if len(labels) * max(map(len, labels)) <= 130:
        return {}
    return (
        {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if len(labels) <= 24 else {"rotation": 90}
    )


def _draw_trend(axes: Axes, trend: Trend, names: list[str], lang: str) -> None:
    style.tidy(axes, "both")
    style.panel_title(axes, sentences(trend, lang))
    axes.set_ylabel(text(f"measure.{trend.measure}", lang), fontsize=style.SMALL)
    places, colour = [names.index(layer) for layer in trend.layers], style.COLOURS[trend.measure]
    axes.plot(places, trend.values, color=colour, linewidth=1.6, marker="o", markersize=4)
    axes.margins(y=0.18)
    if len(set(trend.values)) > 1:
        for marker, pick in (("^", np.argmax), ("v", np.argmin)):
            at = int(pick(trend.values))
            axes.plot(
                places[at], trend.values[at], marker, color=colour, markersize=9, markeredgecolor="white"
            )
    for place in set(range(len(names))) - set(places):
        words = axes.text(place, 0.02, text("not_applicable", lang), transform=axes.get_xaxis_transform())
        words.set(color=style.MUTED, fontsize=style.SMALL - 1, ha="center", va="bottom")
