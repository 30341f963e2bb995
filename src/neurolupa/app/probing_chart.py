"""Concepts over the depth as one interactive chart: what the network tells, beside every control."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurolupa.figures import charts
from neurolupa.figures.probing_words import concept_words, control_words, scored
from neurolupa.locales import text, whole
from neurolupa.probing.codes import PIXELS, Control

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport

PANEL = 190
"""Pixels of one concept."""
_HEAD = 0.22
"""Of that, for its heading."""
_EDGE = 0.45
"""Of a layer: how far lines over all layers reach beyond the first and the last."""
_MARGIN = 0.06
_LOOKS = {
    Control.NONE: ("#3d7ab5", "solid", "circle"),
    Control.RANDOM_WEIGHTS: ("#9a5cb8", "dash", "square"),
    Control.SHUFFLED_LABELS: ("#7d858c", "dot", "diamond"),
    Control.PIXELS: ("#2e8b57", "dashdot", "line-ew-open"),
}
_BAND = 0.16


def depth_chart(report: "ProbeReport", caption: str, lang: str = "en") -> "Figure":
    """A panel for each concept: its score by layer with 95 % bands, all controls, and chance.

    The layers are numbered in forward order; each point says its layer, score, interval and N.
    """
    panels, depth = report.concepts, len(report.sites)
    layout = charts.panels([_title(each, lang) for each in panels], depth, lang)
    for row, each in enumerate(panels):
        layout[f"yaxis{charts.suffix(row)}"] |= _axis(each, row, len(panels))
        layout["annotations"][row]["y"] = 1 - (row + _HEAD) / len(panels)
    traces = [trace for row, each in enumerate(panels) for trace in _panel(each, row, lang)]
    legend = charts.LEGEND | {"y": -70 / (PANEL * len(panels)), "tracegroupgap": 0}
    layout |= {"showlegend": True, "legend": legend, "hovermode": "closest", "dragmode": "zoom"}
    heading = (text("probing.depth.title", lang, model=report.source.model), caption)
    return charts.chart(traces, layout, heading, PANEL * len(panels) + 90)


def _title(probes: "ConceptProbes", lang: str) -> str:
    """The concept, its classes and the N."""
    named = {"concept": charts.plain(concept_words(probes.concept, lang)), "classes": len(probes.classes)}
    count = whole(probes.probes[0].test, lang)
    return text(f"probing.depth.heading.{probes.measure}", lang, test=count, **named)


def _axis(probes: "ConceptProbes", row: int, rows: int) -> dict[str, Any]:
    """From 0 to 1; lower where a number is told worse than by its mean, but never below -1."""
    lows = [probe.low for probe in probes.probes if np.isfinite(probe.low)]
    span = [max(-1.0, min([0.0, *lows])) - _MARGIN, 1 + _MARGIN]
    place = {"domain": [1 - (row + 1) / rows, 1 - (row + _HEAD) / rows]}
    return {"range": span, "rangemode": "normal", "tickformat": ".0%" if probes.classes else "", **place}


def _panel(probes: "ConceptProbes", row: int, lang: str) -> list[dict[str, Any]]:
    found = [_chance(probes, row, lang)]
    for control in (Control.SHUFFLED_LABELS, Control.RANDOM_WEIGHTS, Control.NONE):
        if probes.has(control):
            held = [probes.of(site, control) for site in probes.sites]
            found += [_band(held, control, row), _line(probes, held, control, row, lang)]
    if probes.has(Control.PIXELS):
        found.append(_pixels(probes, row, lang))
    return found


def _line(
    probes: "ConceptProbes", held: Sequence["Probe"], control: Control, row: int, lang: str
) -> dict[str, Any]:
    tone, dash, symbol = _LOOKS[control]
    return _named(control, row, lang) | {
        "mode": "lines+markers",
        "x": list(range(1, len(held) + 1)),
        "y": [probe.score for probe in held],
        "customdata": [_told(probes, probe, lang) for probe in held],
        "hovertemplate": _HOVER,
        "line": {"color": tone, "width": 2.4 if control is Control.NONE else 1.6, "dash": dash},
        "marker": {"symbol": symbol, "size": 8 if control is Control.NONE else 6, "color": tone},
    }


def _band(held: Sequence["Probe"], control: Control, row: int) -> dict[str, Any]:
    """The 95 % interval: there and back again."""
    places = list(range(1, len(held) + 1))
    return {
        "type": "scatter",
        "x": places + places[::-1],
        "y": [probe.high for probe in held] + [probe.low for probe in held][::-1],
        "fill": "toself",
        "fillcolor": _pale(_LOOKS[control][0]),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": control.value,
        "yaxis": f"y{charts.suffix(row)}",
    }


def _pixels(probes: "ConceptProbes", row: int, lang: str) -> dict[str, Any]:
    """One score for all layers: the pictures are the same."""
    probe, tone, dash = probes.of(PIXELS), *_LOOKS[Control.PIXELS][:2]
    return _named(Control.PIXELS, row, lang) | _across(probes) | {
        "y": [probe.score] * 2,
        "customdata": [_told(probes, probe, lang)] * 2,
        "hovertemplate": _HOVER,
        "line": {"color": tone, "width": 1.6, "dash": dash},
    }  # fmt: skip


def _chance(probes: "ConceptProbes", row: int, lang: str) -> dict[str, Any]:
    return _across(probes) | {
        "type": "scatter",
        "name": text("probing.chance", lang),
        "y": [probes.chance] * 2,
        "hovertemplate": f"{text('probing.chance', lang)}: %{{y:.3g}}<extra></extra>",
        "line": {"color": charts.ACCENT, "width": 1.2, "dash": "dot"},
        "legendgroup": "chance",
        "showlegend": row == 0,
        "yaxis": f"y{charts.suffix(row)}",
    }


def _named(control: Control, row: int, lang: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": charts.plain(control_words(control, lang)),
        "legendgroup": control.value,
        "showlegend": row == 0,
        "legendrank": list(Control).index(control),
        "yaxis": f"y{charts.suffix(row)}",
    }


def _across(probes: "ConceptProbes") -> dict[str, Any]:
    return {"mode": "lines", "x": [1 - _EDGE, len(probes.sites) + _EDGE]}


_HOVER = "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>"


def _told(probes: "ConceptProbes", probe: "Probe", lang: str) -> list[str]:
    """Site, control, score with interval and N, then the concept, for a click."""
    site = text("probing.pixels", lang) if probe.site == PIXELS else probe.site
    words = (site, control_words(probe.control, lang), scored(probes, probe, lang), probes.concept)
    return [charts.plain(each) for each in words]


def _pale(tone: str) -> str:
    red, green, blue = (int(tone[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {_BAND})"
