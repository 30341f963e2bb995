"""What one unit is tuned to: a small panel for each factor, with what chance gives behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from neurolupa.atlas.export import write_together
from neurolupa.figures import style
from neurolupa.locales import catalogue, text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.units.tuning_curves import Tuning, TuningCurves

Arrays = dict[str, np.ndarray]

_ROW_WIDTH = 3.9
"""So many plain panels, or two of bars, beside each other."""

_BARS_WIDTH = 1.9
_CURVE = style.COLOURS["mean"]
_BAND: dict[str, Any] = {"color": style.MUTED, "alpha": 0.28, "linewidth": 0}
_PLACES = (
    "top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right",
)  # fmt: skip


def tuning(result: Tuning, unit: int, lang: str = "en") -> Figure:
    """The tuning curves of one unit, with standard errors, the null of shuffled labels, index and N.

    Orientation and frequency are lines, hue a circle in its own colours, shape bars, position a map.
    Raises UsageError for a unit that was not measured.
    """
    place, source = result.place(unit), result.source
    rows = _rows([_Panel.of(curves) for curves in result.curves.values()])
    told = {"model": source.model, "pictures": whole(source.pictures, lang)}
    caption = text("tuning.caption", lang, **told, shuffles=whole(source.shuffles, lang))
    windowed = all(kind.get("window", 0) < 1 for kind in source.stimuli.values())
    note = text("tuning.note" if windowed else "tuning.note.scanned", lang)
    title = text("tuning.title", lang, unit=unit, site=source.site)
    figure = style.new_figure(3.7 * len(rows) + 0.9, title, (note, caption))
    grid = figure.add_gridspec(len(rows), 1)
    for row, panels in enumerate(rows):
        cells = grid[row].subgridspec(1, len(panels), width_ratios=[panel.width for panel in panels])
        for column, panel in enumerate(panels):
            axes = figure.add_subplot(cells[column], projection=panel.projection)
            _draw(axes, panel, result.curve(panel.curves.factor.name, unit), place, lang)
    return figure


def export_tuning(
    result: Tuning, units: Iterable[int], folder: str | os.PathLike, lang: str = "en"
) -> tuple[Path, ...]:
    """Write `unit_<number>.png` for each of the units: all files appear, or none does.

    Raises:
        UsageError: an unknown language, or a unit that was not measured.
        DataError: `folder` cannot be written.
    """
    figures = {unit: tuning(result, unit, lang) for unit in units}

    def write(place: Path) -> None:
        for unit, figure in figures.items():
            figure.savefig(place / f"unit_{unit}.png", dpi=style.DPI, metadata={"Software": None})

    return write_together(folder, write)


@dataclass(frozen=True)
class _Panel:
    """How the curves of one factor are drawn."""

    curves: TuningCurves
    draw: Callable[..., None]
    projection: str | None = None
    width: float = 1.0

    @classmethod
    def of(cls, curves: TuningCurves) -> _Panel:
        """Hues in degrees are a circle and the nine places are a map; else the scale decides."""
        if curves.factor.name == "hue" and curves.factor.scale == "circular":
            return cls(curves, _circle, "polar")
        if set(curves.values) <= set(_PLACES):
            return cls(curves, _map)
        if curves.factor.scale == "named":
            return cls(curves, _bars, width=_BARS_WIDTH)
        return cls(curves, _line)


def _rows(panels: list[_Panel]) -> list[list[_Panel]]:
    """The panels in their order, in rows that are wide enough for them."""
    rows: list[list[_Panel]] = []
    for panel in panels:
        if not rows or sum(each.width for each in rows[-1]) + panel.width > _ROW_WIDTH:
            rows.append([])
        rows[-1].append(panel)
    return rows


def _draw(axes: Axes, panel: _Panel, curve: pd.DataFrame, place: int, lang: str) -> None:
    heading = "\n".join(_heading(panel.curves, place, lang))
    axes.set_title(heading, loc="left", fontsize=style.SMALL, color=style.INK, parse_math=False)
    if panel.curves.state[place] == "OK":
        arrays = {name: curve[name].to_numpy(float) for name in ("mean", "error", "null_low", "null_high")}
        panel.draw(axes, panel.curves, arrays | {"error": np.nan_to_num(arrays["error"])}, place, lang)
    else:
        axes.set_axis_off()


def _heading(curves: TuningCurves, place: int, lang: str) -> Iterator[str]:
    """The panel's name and N, then what the curve amounts to."""
    row, factor = curves.row(place), curves.factor
    count = text("tuning.n", lang, n=whole(row["n"], lang))
    yield f"{text(f'tuning.{factor.name}', lang)} · {count}"
    if row["state"] != "OK":
        yield text(f"tuning.state.{row['state']}", lang)
        return
    yield text("tuning.index", lang, **row)
    yield text("tuning.null", lang, **row)
    details = {
        f"tuning.width.{row['width_unit']}": row["width"],
        "tuning.angle": row["angle"],
        f"tuning.at.{factor.crossed}": row["level"],
    }
    yield " · ".join(text(code, lang, value=value) for code, value in details.items() if np.isfinite(value))


def _line(axes: Axes, curves: TuningCurves, curve: Arrays, place: int, lang: str) -> None:
    """A line over numbers; on a circle the first value stands at the end again."""
    period = curves.factor.period
    at = np.asarray(curves.values, float)
    if period:
        at = np.append(at, at[0] + period)
        curve = {name: np.append(values, values[0]) for name, values in curve.items()}
    axes.fill_between(at, curve["null_low"], curve["null_high"], **_BAND)
    axes.errorbar(at, curve["mean"], curve["error"], color=_CURVE, marker="o", markersize=3, capsize=2)
    if np.isfinite(curves.angle[place]):
        axes.axvline(curves.angle[place], **style.REFERENCE)
    style.tidy(axes, "both")
    _name(axes, f"tuning.axis.{curves.factor.name}", lang)
    if period:
        axes.set_xticks(np.arange(0, period + 1, period / 4))
    else:
        _octaves(axes, at)


def _octaves(axes: Axes, values: np.ndarray) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(values)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _circle(axes: Any, curves: TuningCurves, curve: Arrays, place: int, lang: str) -> None:
    """Bars around the colour circle in their own colours, red at the right, counter-clockwise."""
    mean, turns = curve["mean"], np.asarray(curves.values, float) / curves.factor.period
    low, high = min(0.0, mean.min()), max(0.0, mean.max())
    colours = hsv_to_rgb(np.stack([turns, 0.85 + 0 * turns, 0.92 + 0 * turns], -1))
    looks: dict[str, Any] = {"width": 2 * np.pi / len(mean), "edgecolor": "white", "linewidth": 0.4}
    axes.bar(2 * np.pi * turns, mean - low, bottom=low, color=colours, **looks)
    _rings(axes, turns, curve, low, high)
    angle = curves.angle[place]
    if np.isfinite(angle):
        line = style.REFERENCE | {"color": style.INK, "zorder": 4}
        axes.plot(2 * [np.deg2rad(angle)], [low, high], **line)
    axes.set_ylim(low, high + 0.04 * (high - low))
    axes.set_yticks([high], [style.short(high)])
    axes.set_rlabel_position(345)
    axes.tick_params(labelsize=style.SMALL, colors=style.INK, pad=1)
    axes.grid(color=style.GRID, linewidth=0.6)
    axes.spines["polar"].set_visible(False)


def _rings(axes: Any, turns: np.ndarray, curve: Arrays, low: float, high: float) -> None:
    """What chance gives, as far as it lies within the circle, and zero where the circle holds it."""
    around, last = np.linspace(0, 2 * np.pi, 181), 2 * np.pi
    bands = [
        np.interp(around, [*(last * turns), last], [*curve[name], curve[name][0]]).clip(low, high)
        for name in ("null_low", "null_high")
    ]
    axes.fill_between(around, *bands, zorder=0.5, **_BAND)
    if low < 0:
        axes.plot(around, 0 * around, color=style.INK, linewidth=0.7)


def _bars(axes: Axes, curves: TuningCurves, curve: Arrays, place: int, lang: str) -> None:
    """A bar for each name."""
    at = np.arange(len(curves.values))
    axes.bar(at, curve["mean"], yerr=curve["error"], width=0.72, color=_CURVE, ecolor=style.INK, capsize=2)
    for spot, low, high in zip(at, curve["null_low"], curve["null_high"], strict=True):
        over = _BAND | {"color": style.INK, "zorder": 3}
        axes.fill_between([spot - 0.5, spot + 0.5], low, high, **over)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes, "y")
    names = [_value(value, lang).replace(" ", "\n") for value in curves.values]
    axes.set_xticks(at, names, fontsize=style.SMALL)
    axes.set_xlim(-0.6, len(at) - 0.4)
    _name(axes, "", lang)


def _map(axes: Axes, curves: TuningCurves, curve: Arrays, place: int, lang: str) -> None:
    """The nine places of the picture; a triangle says that a value lies outside of what chance gives."""
    spots = [_PLACES.index(str(value)) for value in curves.values]
    means = np.full(9, np.nan)
    means[spots] = curve["mean"]
    drawn = axes.imshow(means.reshape(3, 3), cmap=style.SEQUENTIAL, interpolation="nearest")
    style.colour_bar(axes.figure, drawn, axes, text("tuning.response", lang))  # type: ignore[arg-type]
    light = float(np.nanmin(means) + 0.6 * np.ptp(curve["mean"]))
    for number, spot in enumerate(spots):
        mean, low, high = (float(curve[name][number]) for name in ("mean", "null_low", "null_high"))
        sign = " ▲" if mean > high else " ▼" if mean < low else ""
        words = f"{style.short(mean)}{sign}".replace("-", style.MINUS)
        ink = style.INK if mean > light else "white"
        row, column = divmod(spot, 3)
        axes.text(column, row, words, ha="center", va="center", fontsize=style.SMALL, color=ink)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _name(axes: Axes, code: str, lang: str) -> None:
    axes.set_ylabel(text("tuning.response", lang), fontsize=style.SMALL)
    if code in catalogue(lang):
        axes.set_xlabel(text(code, lang), fontsize=style.SMALL)


def _value(value: str | float, lang: str) -> str:
    code = f"tuning.value.{value}"
    return text(code, lang) if code in catalogue(lang) else str(value)
