"""Interactive charts of one unit: its classes, its values, the units like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures import charts
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from neurolupa.units.classes import ClassSelectivity
    from neurolupa.units.relations import Relations

MOST_CLASSES = 30
"""More classes than this are shown by their two ends."""


def unit_class_bars(found: ClassSelectivity, lang: str = "en") -> Figure:
    """A unit's mean on each class with its 95 % interval, the highest first; unreliable ones are hatched."""
    frame = found.to_frame().dropna(subset="mean").sort_values("mean", ascending=False, kind="stable")
    shown = _ends(frame)
    names = [str(name) for name in shown["class_name"]]
    rows = [f"{number} · {charts.plain(name)}" for number, name in zip(shown["class_id"], names, strict=True)]
    told = {
        "n": [whole(int(count), lang) for count in shown["num_samples"]],
        "auroc": [_share(value, lang) for value in shown["auroc"]],
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": shown["mean"].to_numpy(),
        "y": rows,
        "error_x": _reach(shown["mean"], shown["mean_low"], shown["mean_high"]),
        "customdata": list(zip(told["n"], told["auroc"], strict=True)),
        "hovertemplate": "%{y}<br>%{x:.4g}<br>N = %{customdata[0]}<br>AUROC %{customdata[1]}<extra></extra>",
        "marker": {
            "color": charts.TONES["mean"],
            "pattern": {"shape": ["" if reliable else "/" for reliable in shown["reliable"]]},
        },
    }
    layout = {
        "xaxis": {"title": {"text": text("class_bars.mean", lang)}, "automargin": True},
        "yaxis": _names(rows, [charts.brief(name) for name in names]),
    }
    title = text("class_bars.title", lang, unit=found.unit, site=found.site)
    heading = [title, caption(found.source, lang), *_some(len(frame), lang)]
    return charts.chart([bars], layout, heading, 120 + 20 * len(shown))


def unit_partners(found: Relations, lang: str = "en") -> Figure:
    """The correlations of a unit with those most and least like it, and what the best reaches by chance."""
    partners = [*found.similar, *reversed(found.opposite)]
    rows = [str(each.unit) for each in partners]
    values = np.array([each.correlation for each in partners])
    ends = [np.array([getattr(each, end) for each in partners]) for end in ("low", "high")]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": rows,
        "error_x": _reach(values, *ends),
        "hovertemplate": f"{text('unit_heat_map.unit', lang)} %{{y}}<br>r = %{{x:.3f}}<extra></extra>",
        "marker": {"color": [charts.TONES["mean"] if value > 0 else charts.ACCENT for value in values]},
    }
    layout = {
        "xaxis": {
            "title": {"text": text("chart.partners.axis", lang)},
            "range": [-1.02, 1.02],
            "automargin": True,
        },
        "yaxis": _names(rows, rows),
        "shapes": [_line(chance.bound) for chance in (found.similar_chance, found.opposite_chance) if chance],
    }
    title = text("chart.partners.title", lang, unit=found.unit, site=found.site)
    note = text("chart.partners.note", lang, n=whole(found.sampled, lang))
    return charts.chart([bars], layout, (title, note), 120 + 20 * len(rows))


def _ends(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if len(frame) <= MOST_CLASSES:
        return frame
    half = MOST_CLASSES // 2
    return pd.concat([frame.head(half), frame.tail(half)])


def _some(total: int, lang: str) -> list[str]:
    if total <= MOST_CLASSES:
        return []
    half = MOST_CLASSES // 2
    return [text("class_bars.some", lang, high=half, low=half, total=whole(total, lang))]


def _reach(middle: Any, low: Any, high: Any) -> dict[str, Any]:
    """Whiskers from low to high; none where an end is unknown."""
    ends = {
        "array": np.asarray(high) - np.asarray(middle),
        "arrayminus": np.asarray(middle) - np.asarray(low),
    }
    plain = {name: np.nan_to_num(values) for name, values in ends.items()}
    return {
        "type": "data",
        "symmetric": False,
        "color": charts.NEUTRAL,
        "thickness": 1.4,
        "width": 3,
        **plain,
    }


def _names(places: list[str], words: list[str]) -> dict[str, Any]:
    return {
        "type": "category",
        "tickvals": places,
        "ticktext": words,
        "autorange": "reversed",
        "showgrid": False,
        "automargin": True,
    }


def _line(at: float) -> dict[str, Any]:
    look = {"color": charts.ACCENT, "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": look}


def _share(value: float, lang: str) -> str:
    return text("not_applicable", lang) if np.isnan(value) else f"{value:.2f}"
