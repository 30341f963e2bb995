"""What one unit is tuned to: a small panel for each factor, with what chance gives behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
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

    from neurolupa.units import Tuning, TuningCurves

_ROW = 3
_COLUMNS = 6
_CURVE = style.COLOURS["mean"]
_BAND: dict[str, Any] = {"color": style.MUTED, "alpha": 0.28, "linewidth": 0}
_GRID_ORDER = (
    "top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right",
)  # fmt: skip


def tuning(result: Tuning, unit: int, lang: str = "en") -> Figure:
    """The tuning curves of one unit, with standard errors, the null of shuffled labels, index and N.

    Orientation and frequency are lines, hue a circle in its own colours, shape bars, position a map.
    Raises UsageError for a unit that was not measured.
    """
    place, source = result.place(unit), result.source
    rows = [result.factors[start : start + _ROW] for start in range(0, len(result.factors), _ROW)]
    title = text("tuning.title", lang, unit=unit, site=source.site)
    told = {"model": source.model, "pictures": whole(source.pictures, lang)}
    caption = text("tuning.caption", lang, **told, shuffles=whole(source.shuffles, lang))
    figure = style.new_figure(3.6 * len(rows) + 0.9, title, (text("tuning.note", lang), caption))
    grid = figure.add_gridspec(len(rows), _COLUMNS)
    for row, names in enumerate(rows):
        share = _COLUMNS // len(names)
        for column, name in enumerate(names):
            curves = result.of(name)
            drawn = name in _DRAWN and (name != "position" or set(curves.values) <= set(_GRID_ORDER))
            draw, projection = _DRAWN[name] if drawn else _BY_SCALE[curves.factor.scale]
            axes = figure.add_subplot(grid[row, column * share : (column + 1) * share], projection=projection)
            style.panel_title(axes, "\n".join(_heading(curves, place, lang)))
            if curves.state[place] == "NOT_FINITE":
                axes.set_axis_off()
            else:
                draw(axes, curves, result.curve(name, unit), place, lang)
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


def _heading(curves: TuningCurves, place: int, lang: str) -> Iterator[str]:
    """The panel's name and N, then what the curve amounts to."""
    row, factor = curves.row(place), curves.factor
    count = text("tuning.n", lang, n=whole(row["n"], lang))
    yield f"{text(f'tuning.{factor.name}', lang)} · {count}"
    if row["state"] != "OK":
        yield text(f"tuning.state.{row['state']}", lang)
        return
    yield text("tuning.index", lang, **row)
    details = (
        [text(f"tuning.width.{row['width_unit']}", lang, width=row["width"])]
        if row["width"] == row["width"]
        else []
    )
    if factor.crossed:
        details.append(text(f"tuning.at.{factor.crossed}", lang, level=row["level"]))
    if row["angle"] == row["angle"]:
        details.append(text("tuning.angle", lang, angle=row["angle"]))
    yield " · ".join(details)


def _line(axes: Axes, curves: TuningCurves, curve: pd.DataFrame, place: int, lang: str) -> None:
    """A line over numbers; on a circle the first value stands at the end again."""
    period = curves.factor.period
    columns = {name: curve[name].to_numpy(float) for name in curve}
    if period:
        columns = {name: np.append(values, values[0]) for name, values in columns.items()}
        columns["value"][-1] += period
    at = columns["value"]
    axes.fill_between(at, columns["null_low"], columns["null_high"], **_BAND)
    errors = np.nan_to_num(columns["error"])
    axes.errorbar(
        at, columns["mean"], errors, color=_CURVE, marker="o", markersize=3, linewidth=1.4, capsize=2
    )
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


def _circle(axes: Any, curves: TuningCurves, curve: pd.DataFrame, place: int, lang: str) -> None:
    """Bars around the colour circle in their own colours, red at the right, counter-clockwise."""
    at = np.deg2rad(curve["value"].to_numpy(float) * 360 / curves.factor.period)
    mean, low_band, high_band = (curve[name].to_numpy() for name in ("mean", "null_low", "null_high"))
    low, high = min(0.0, mean.min(), low_band.min()), max(mean.max(), high_band.max(), 0.0)
    colours = hsv_to_rgb(np.stack([at / (2 * np.pi), 0.85 + 0 * at, 0.92 + 0 * at], -1))
    axes.bar(
        at, mean - low, width=2 * np.pi / len(at), bottom=low, color=colours, edgecolor="white", linewidth=0.4
    )
    around = np.linspace(0, 2 * np.pi, 181)
    inner, outer = (np.interp(around, [*at, 2 * np.pi], [*band, band[0]]) for band in (low_band, high_band))
    axes.fill_between(around, inner, outer, **(_BAND | {"color": style.INK}))
    if low < 0:
        axes.plot(around, 0 * around, color=style.INK, linewidth=0.7)
    if np.isfinite(curves.angle[place]):
        axes.plot(
            2 * [np.deg2rad(curves.angle[place])],
            [low, high],
            **(style.REFERENCE | {"color": style.INK, "zorder": 4}),
        )
    axes.set_ylim(low, low + 1.05 * (high - low or 1.0))
    axes.set_yticks([value for value in axes.get_yticks() if low < value <= high][1::2] or [high])
    axes.set_rlabel_position(345)
    axes.tick_params(labelsize=style.SMALL, colors=style.INK, pad=1)
    axes.grid(color=style.GRID, linewidth=0.6)
    axes.spines["polar"].set_visible(False)


def _bars(axes: Axes, curves: TuningCurves, curve: pd.DataFrame, place: int, lang: str) -> None:
    """A bar for each name."""
    at = np.arange(len(curve))
    axes.bar(
        at,
        curve["mean"],
        yerr=np.nan_to_num(curve["error"]),
        width=0.72,
        color=_CURVE,
        ecolor=style.INK,
        capsize=2,
    )
    for spot, low, high in zip(at, curve["null_low"], curve["null_high"], strict=True):
        axes.fill_between([spot - 0.5, spot + 0.5], low, high, zorder=3, **(_BAND | {"color": style.INK}))
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes, "y")
    axes.set_xticks(at, [_value(value, lang) for value in curves.values], fontsize=style.SMALL)
    axes.set_xlim(-0.6, len(at) - 0.4)
    _name(axes, "", lang)


def _map(axes: Axes, curves: TuningCurves, curve: pd.DataFrame, place: int, lang: str) -> None:
    """The nine places of the picture; a triangle says that a value lies outside of what chance gives."""
    means = np.full(9, np.nan)
    order = [_GRID_ORDER.index(str(value)) for value in curves.values]
    means[order] = curve["mean"]
    drawn = axes.imshow(means.reshape(3, 3), cmap=style.SEQUENTIAL, interpolation="nearest")
    style.colour_bar(axes.figure, drawn, axes, text("tuning.response", lang))  # type: ignore[arg-type]
    for spot, row in zip(order, curve.itertuples(), strict=True):
        sign = " ▲" if row.mean > row.null_high else " ▼" if row.mean < row.null_low else ""  # type: ignore[operator]
        words = f"{style.short(row.mean)}{sign}".replace("-", style.MINUS)  # type: ignore[arg-type]
        red, green, blue, _ = drawn.cmap(drawn.norm(means[spot]))
        ink = style.INK if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
        axes.text(spot % 3, spot // 3, words, ha="center", va="center", fontsize=style.SMALL, color=ink)
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


_Draw = Callable[..., None]
_DRAWN: Mapping[str, tuple[_Draw, str | None]] = {"hue": (_circle, "polar"), "position": (_map, None)}
_BY_SCALE: Mapping[str, tuple[_Draw, str | None]] = {
    "circular": (_line, None),
    "log": (_line, None),
    "named": (_bars, None),
}
