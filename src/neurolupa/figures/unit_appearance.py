"""What a unit's map goes with in pictures: the picture, its features at the map's grid, and correlations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.figures.inspection_parts import bare, show_map, show_picture, word_panel
from neurolupa.figures.overlays import enlarged, scale_of
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.appearance import Correlation, Intensity, TextureProfile

_ORDER = ("edges", "texture", "gradient", "red", "green", "blue")
_COLOURS = {"red": "#b5312c", "green": "#2f7d3b", "blue": "#2b5aa6"}
_BAND: dict[str, Any] = {"color": style.MUTED, "alpha": 0.28, "linewidth": 0}
_GREY = "Greys_r"


def texture_profile(found: TextureProfile, lang: str = "en") -> Figure:
    """A picture, the unit's map and six features on its grid; correlations, with chance; numbers."""
    title = text("units.appearance.title", lang, unit=found.unit, site=found.site)
    notes = (_note(found, lang), caption(found.source, lang))
    figure = style.new_figure(5.3, title, notes)
    grid = figure.add_gridspec(2, 1, height_ratios=(1, 1.75))
    _maps(figure, grid[0], found, lang)
    lower = grid[1].subgridspec(1, 2, width_ratios=(1.5, 1))
    _bars(figure.add_subplot(lower[0]), found, lang)
    word_panel(figure.add_subplot(lower[1]), list(texture_lines(found, lang)), width=52)
    return figure


def _maps(figure: Figure, part: Any, found: TextureProfile, lang: str) -> None:
    example = found.example
    row = part.subgridspec(1, len(_ORDER) + 2)
    panels = [figure.add_subplot(row[place]) for place in range(len(_ORDER) + 2)]
    name = text("units.appearance.seen", lang) if found.images == 1 else f"#{example.index}"
    show_picture(panels[0], enlarged(example.seen), name)
    words = text("units.appearance.map", lang)
    scale = scale_of(example.unit_map[None])
    show_map(panels[1], example.unit_map, scale, style.SEQUENTIAL, words)
    for axes, feature, values, r in zip(panels[2:], _ORDER, example.features, example.r, strict=True):
        high = 1.0 if feature in _COLOURS else float(values.max()) or 1.0
        axes.imshow(values, cmap=_GREY, vmin=0, vmax=high, interpolation="nearest")
        heading = text(f"units.appearance.feature.{feature}", lang)
        bare(axes, f"{heading}\nr = {_number(r, lang)}")


def _bars(axes: Axes, found: TextureProfile, lang: str) -> None:
    rows = found.correlations
    names = [text(f"units.appearance.feature.{each.feature}", lang) for each in rows]
    colours = [_COLOURS.get(each.feature, style.COLOURS["mean"]) for each in rows]
    at, values = np.arange(len(rows)), np.array([each.r for each in rows])
    axes.barh(at, np.nan_to_num(values), height=0.62, color=colours)
    for place, each in enumerate(rows):
        if np.isfinite(each.null_high):
            box = ([-each.null_high, each.null_high], [place - 0.42] * 2, [place + 0.42] * 2)
            axes.fill_between(*box, zorder=3, **_BAND)
        if np.isfinite([each.low, each.high]).all():
            axes.plot([each.low, each.high], [place] * 2, color=style.INK, linewidth=1.0, zorder=4)
        words, right = _label(each, lang), not each.r < 0
        edge = np.nanmax([each.r, each.high, 0]) if right else np.nanmin([each.r, each.low, 0])
        looks: dict[str, Any] = {"fontsize": style.SMALL - 1, "color": style.MUTED, "va": "center"}
        shift = 3 if right else -3
        axes.annotate(words, (float(edge), place), (shift, 0), textcoords="offset points",
                      ha="left" if right else "right", **looks)  # fmt: skip
    axes.axvline(0, color=style.MUTED, linewidth=0.6)
    axes.set_xlim(-1.45, 1.45)
    axes.set_xticks(np.linspace(-1, 1, 5))
    style.tidy(axes)
    style.name_rows(axes, names)
    style.panel_title(axes, text("units.appearance.correlations", lang))
    _legend(axes, found, lang)


def _legend(axes: Axes, found: TextureProfile, lang: str) -> None:
    handles: list[Any] = []
    if any(np.isfinite(each.null_high) for each in found.correlations):
        handles.append(Patch(label=text("units.appearance.chance", lang), **_BAND))
    if any(np.isfinite(each.low) for each in found.correlations):
        handles.append(Line2D([], [], color=style.INK, label=text("units.appearance.interval", lang)))
    if handles:
        looks: dict[str, Any] = {"frameon": False, "fontsize": style.SMALL - 1, "ncols": 2}
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.09), **looks)


def _label(each: Correlation, lang: str) -> str:
    if np.isnan(each.r):
        return text(f"units.appearance.code.{each.code}", lang)
    words = _number(each.r, lang)
    return f"{words} · {_chance(each.p)}" if np.isfinite(each.p) else words


def texture_lines(found: TextureProfile, lang: str = "en") -> Iterator[str]:
    """What is in the pictures, and what of it the unit's map goes with, in sentences."""
    yield text("units.appearance.looks", lang)
    for channel in found.channels:
        name = text(f"units.appearance.feature.{channel.name}", lang)
        values = {"mean": channel.mean, "std": channel.std, "low": channel.low, "high": channel.high}
        yield text("units.appearance.channel", lang, name=name, **values)
    yield text(f"units.appearance.dominant.{found.dominant}", lang)
    yield _level(found.texture, "texture", lang)
    yield _level(found.edges, "complexity", lang)
    yield text("units.appearance.gradient", lang, mean=found.gradient.mean)
    yield from _verdict(found, lang)


def _level(found: Intensity, kind: str, lang: str) -> str:
    words = text(f"units.appearance.{kind}.{found.level}", lang)
    return text(f"units.appearance.{kind}", lang, level=words, mean=found.mean, std=found.std)


def _verdict(found: TextureProfile, lang: str) -> Iterator[str]:
    """What the unit goes with, whether chance would do, and how much of it is layout."""
    top = found.top
    if top is None:
        yield text(f"units.appearance.state.{found.state}", lang)
        return
    told: dict[str, Any] = {"feature": text(f"units.appearance.feature.{top.feature}", lang)}
    told |= {"r": _number(top.r, lang), "strength": text(f"units.appearance.strength.{top.strength}", lang)}
    yield text("units.appearance.top", lang, images=whole(top.images, lang), **told)
    if np.isnan(found.p):
        yield text("units.appearance.state.too_small", lang)
    else:
        code = "supported" if found.supported else "unsupported"
        yield text(f"units.appearance.{code}", lang, p=_chance(found.p), shifts=whole(found.shifts, lang))
    if np.isfinite([top.layout, top.content.r]).all():
        part = {"layout": _number(top.layout, lang), "content": _number(top.content.r, lang)}
        ends = {"low": _number(top.content.low, lang), "high": _number(top.content.high, lang)}
        yield text("units.appearance.layout", lang, **part, **ends)


def _note(found: TextureProfile, lang: str) -> str:
    some = "one" if found.images == 1 else "many"
    return text(f"units.appearance.note.{some}", lang, index=found.example.index)


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _number(value: float, lang: str) -> str:
    if np.isnan(value):
        return text("not_applicable", lang)
    return f"{round(value, 2) + 0.0:.2f}".replace("-", style.MINUS)
