"""How active units are: one unit's values, the units of a site on one picture, units by pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neurolupa.atlas.captions import caption
from neurolupa.figures import style
from neurolupa.figures.units import colour_scale
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.activity import ActivationProfile, ActivityMap, Finding, UnitRanks

_SHOWN = 20
_BINS = 50
_NAMED = 6
_SHARP = 1200
_MARKED = "#c0392b"


def activation_profile(found: ActivationProfile, lang: str = "en") -> Figure:
    """The histogram of a unit's values, and the pictures on which it is highest."""
    title = text("units.activity.profile.title", lang, unit=found.unit, site=found.site)
    notes = (" ".join(_profile_notes(found, lang)), caption(found.source, lang))
    figure = style.new_figure(4.0, title, notes)
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    looks: dict[str, Any] = {"color": style.COLOURS["mean"], "edgecolor": "white", "linewidth": 0.4}
    left.bar(found.edges[:-1], found.counts, np.diff(found.edges), align="edge", **looks)
    if found.counts.any():
        left.set_yscale("log")
        left.set_ylim(0.8)
    style.tidy(left, "y")
    style.panel_title(left, text("units.activity.profile.values", lang))
    _name(left, "units.activity.value", "units.activity.profile.count", lang)
    _pictures(right, found, lang)
    return figure


def unit_ranks(found: UnitRanks, lang: str = "en") -> Figure:
    """The values of all units on one picture with the marked one, beside the twenty strongest."""
    title = text("units.activity.ranks.title", lang, site=found.site, image=found.image.id)
    notes = (" ".join(rank_lines(found, lang)), caption(found.source, lang))
    figure = style.new_figure(4.2, title, notes)
    left, right = figure.subplots(1, 2)
    _histogram(left, found, lang)
    _strongest(right, found, lang)
    return figure


def activity_map(found: ActivityMap, lang: str = "en") -> Figure:
    """Units by pictures in one true scale, and what all sampled pictures show of them."""
    counts = {"units": whole(len(found.units), lang), "images": whole(len(found.images), lang)}
    title = text("units.activity.map.title", lang, site=found.site, **counts)
    notes = (*_readings(found, lang), text(f"units.activity.map.note.{found.order}", lang),
             caption(found.source, lang))  # fmt: skip
    height = float(np.clip(0.03 * len(found.units) + 3.0 + 0.12 * len(notes), 4.4, 10.0))
    figure = style.new_figure(height, title, notes)
    axes = figure.subplots()
    scale, _, extend = colour_scale(found.values)
    smooth = "nearest" if len(found.units) <= _SHARP else "auto"
    drawn = axes.imshow(found.values, aspect="auto", interpolation=smooth, **scale)
    style.colour_bar(figure, drawn, axes, text("units.activity.mean", lang), extend)
    _cells(axes, found, lang)
    return figure


def reading_sentence(found: Finding, lang: str = "en") -> str:
    """What one finding says, with its counts and thresholds."""
    values: dict[str, Any] = {"count": whole(found.count, lang), "of": whole(found.of, lang)}
    values |= {"percent": 100 * found.share, "low": 100 * found.low, "high": 100 * found.high}
    named = ", ".join(map(str, found.members[:_NAMED])) + (", …" if found.count > _NAMED else "")
    limits = {"limit": found.limit, "share": 100 * found.limit}
    return text(f"units.activity.reading.{found.code}", lang, named=named, p=found.p, **limits, **values)


def _profile_notes(found: ActivationProfile, lang: str) -> Iterator[str]:
    if np.isfinite(found.share_nonzero):
        counts = {"nonzero": whole(found.nonzero, lang), "n": whole(found.record.n, lang)}
        yield text("units.activity.profile.nonzero", lang, percent=100 * found.share_nonzero, **counts)
    if found.sampled:
        low, high = found.answered_interval
        shares = {"percent": 100 * found.share_answered, "low": 100 * low, "high": 100 * high}
        counts = {"answered": whole(found.answered, lang), "sampled": whole(found.sampled, lang)}
        yield text("units.activity.profile.answered", lang, **shares, **counts)
    if found.thinning > 1:
        yield text("units.activity.profile.thinned", lang, thinning=found.thinning)
    if not all(each.of_all for each in found.strongest):
        yield text("units.activity.profile.sampled", lang)


def _pictures(axes: Axes, found: ActivationProfile, lang: str) -> None:
    values = [each.value for each in found.strongest]
    names = [each.id + ("" if each.of_all else " *") for each in found.strongest]
    style.bars(axes, values, style.COLOURS["sparsity"], [style.short(value) for value in values])
    style.tidy(axes)
    style.name_rows(axes, [_end(name) for name in names])
    style.panel_title(axes, text("units.activity.profile.strongest", lang, count=len(values)))


def _end(name: str, most: int = 26) -> str:
    return name if len(name) <= most else f"…{name[1 - most :]}"


def _histogram(axes: Axes, found: UnitRanks, lang: str) -> None:
    finite = found.values[np.isfinite(found.values)]
    axes.hist(finite, _BINS, color=style.COLOURS["mean"], edgecolor="white", linewidth=0.4)
    style.tidy(axes, "y")
    if found.mark is not None and np.isfinite(found.mark.value):
        words = text("units.activity.ranks.mark", lang, unit=found.mark.unit, rank=found.mark.rank)
        axes.axvline(found.mark.value, color=_MARKED, linestyle="--", linewidth=1.4, label=words)
        axes.legend(frameon=False, fontsize=style.SMALL)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    heading = text("units.activity.ranks.all", lang, units=whole(found.units, lang))
    style.panel_title(axes, heading)
    _name(axes, f"units.activity.{found.by}", "units.activity.ranks.count", lang)


def _strongest(axes: Axes, found: UnitRanks, lang: str) -> None:
    best = found.strongest(_SHOWN)
    marked = -1 if found.mark is None else found.mark.unit
    colours = [_MARKED if unit == marked else style.COLOURS["sparsity"] for unit, _ in best]
    hatches = ["//" if unit == marked else "" for unit, _ in best]
    heights = np.nan_to_num([value for _, value in best])
    axes.bar(range(len(best)), heights, color=colours, hatch=hatches, edgecolor="white", linewidth=0.4)
    axes.set_xticks(range(len(best)), [str(unit) for unit, _ in best], rotation=60)
    axes.axhline(0, color=style.MUTED, linewidth=0.6)
    style.tidy(axes, "y")
    style.panel_title(axes, text("units.activity.ranks.strongest", lang, count=len(best)))
    _name(axes, "units.activity.unit", f"units.activity.{found.by}", lang)


def rank_lines(found: UnitRanks, lang: str = "en") -> Iterator[str]:
    """How many units are strong on the picture, and where the marked one stands."""
    units = {"units": whole(found.units, lang)}
    yield text("units.activity.ranks.above", lang, above=whole(found.above, lang), **units)
    mark = found.mark
    if mark is None:
        return
    code = "in_top" if mark.in_top else "not_in_top"
    yield text(f"units.activity.ranks.{code}", lang, unit=mark.unit, rank=mark.rank, **units)
    usual = {"usual": mark.usual, "low": mark.usual_low, "high": mark.usual_high}
    shares = {"percent": 100 * mark.usual_top, "sampled": whole(found.sampled, lang)}
    yield text("units.activity.ranks.usual", lang, **usual, **shares)


def _readings(found: ActivityMap, lang: str) -> Iterator[str]:
    yield text("units.activity.map.reading", lang, images=whole(found.reading.images, lang))
    for each in found.reading.findings:
        yield f"• {reading_sentence(each, lang)}"


def _cells(axes: Axes, found: ActivityMap, lang: str) -> None:
    columns = range(0, len(found.images), max(1, len(found.images) // 25))
    axes.set_xticks(list(columns), [str(found.images[place].image) for place in columns], rotation=90)
    rows = range(0, len(found.units), max(1, -(-len(found.units) // 16)))
    axes.set_yticks(list(rows), [str(found.units[place]) for place in rows])
    axes.tick_params(labelsize=style.SMALL, length=2.5)
    _name(axes, "units.activity.image", "units.activity.unit", lang)


def _name(axes: Axes, across: str, up: str, lang: str) -> None:
    axes.set_xlabel(text(across, lang), fontsize=style.SMALL)
    axes.set_ylabel(text(up, lang), fontsize=style.SMALL)
