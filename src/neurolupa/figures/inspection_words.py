"""What figures of one analysis say: where it comes from, by what units were chosen, why there are none."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.figures.style import MINUS, short
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking

_LINE = 155


def place_sentence(analysis: ImageAnalysis, lang: str = "en") -> str:
    """Network, picture, site and capture point; after an addition it says so."""
    facts = analysis.provenance
    parts = [text("figure.inspect.where", lang, model=facts.model, image=facts.image, site=facts.site)]
    if analysis.point is not None:
        parts.append(text("figure.inspect.point", lang, point=analysis.point, asked=facts.asked))
    if facts.link == "after_add":
        parts.append(text("figure.inspect.after_add", lang))
    return " · ".join(parts)


def ranking_sentence(ranking: Ranking, lang: str = "en") -> str:
    """By what the units were chosen."""
    rest = 1 - ranking.settings.get("weight", 0)
    return text(f"figure.inspect.by.{ranking.by}", lang, **ranking.settings, rest=rest)


def note_sentence(ranking: Ranking, lang: str = "en", named: Callable[[str], str] = str) -> str:
    """Why the ranking holds fewer units than asked for, and what to choose; empty where all is well.

    Args:
        ranking: The ranking.
        lang: "en" or "es".
        named: What the reader knows a setting as; its name in the program by default.
    """
    note = ranking.note
    if note is None:
        return ""
    joined = ", ".join(f"{named(name)} = {value:g}" for name, value in note.nearest.items())
    code = "nothing_at_all" if note.code == "nothing_passes" and not joined else note.code
    values = {"nearest": joined, "choices": ", ".join(note.choices), "count": len(ranking)}
    return text(f"figure.inspect.note.{code}", lang, k=ranking.settings.get("k", len(ranking)), **values)


def notes_of(analysis: ImageAnalysis, ranking: Ranking, lang: str, *more: str) -> Sequence[str]:
    """The lines at the foot of a figure: place, criterion, `more`, provenance."""
    chosen = (ranking_sentence(ranking, lang), note_sentence(ranking, lang))
    told = " ".join(sentence for sentence in (*chosen, *more) if sentence)
    return *wrapped(place_sentence(analysis, lang)), told, *wrapped(analysis.provenance.one_line())


def wrapped(line: str) -> list[str]:
    """A line with long names in lines that fit the page: names are wider than words.

    >>> wrapped("net weights=ab")
    ['net weights=ab']
    """
    return textwrap.wrap(line, _LINE, break_on_hyphens=False)


def unit_title(analysis: ImageAnalysis, rank: int, unit: int, lang: str) -> str:
    """Rank, number, and in a second line what was measured."""
    return f"{unit_name(rank, unit, lang)}\n{unit_values(analysis, unit, lang)}"


def unit_name(rank: int, unit: int, lang: str) -> str:
    """Rank and number of a unit."""
    return text("figure.inspect.unit", lang, rank=rank, unit=unit)


def unit_values(analysis: ImageAnalysis, unit: int, lang: str) -> str:
    """Mean and maximum of a unit on the picture; that it is silent where it is."""
    row = analysis.units.iloc[unit]
    if is_silent(analysis, unit):
        return text("figure.inspect.dead", lang)
    return text("figure.inspect.values", lang, mean=signed(row["mean"]), max=signed(row["max"]))


def signed(value: float) -> str:
    """A number in three digits, with a true minus sign."""
    return short(value).replace("-", MINUS)


def is_silent(analysis: ImageAnalysis, unit: int) -> bool:
    """Whether a unit gave nothing on the picture: a unit that is only ever negative gives something."""
    row = analysis.units.iloc[unit]
    return bool(row["dead"]) and (analysis.site.rectified or bool(row["min"] >= -DEAD_THRESHOLD))


def prediction_lines(analysis: ImageAnalysis, lang: str) -> list[str]:
    """The strongest classes with their probabilities, and the true class where it is known."""
    lines = [text("figure.inspect.prediction", lang)]
    for one in analysis.prediction:
        name = one.name or text("figure.inspect.class", lang, number=one.class_id)
        lines.append(f"{one.probability:6.1%}  {name}")
    if not analysis.prediction:
        lines.append(text("figure.inspect.no_prediction", lang))
    if analysis.true_label is not None:
        lines.append(text("figure.inspect.true_label", lang, name=analysis.true_label))
    return lines


def shape_card(analysis: ImageAnalysis, lang: str) -> list[str]:
    """What a site is: its type, shape, field, and what it did on the picture."""
    site, units = analysis.site, analysis.units
    count, height, width = analysis.maps.shape
    mean, high = signed(units["mean"].mean()), signed(units["max"].max())
    shape = {"units": whole(count, lang), "height": height, "width": width}
    calls = "" if site.calls == 1 else f" (:{site.call})"
    lines = [
        f"{site.type}{calls}",
        text(f"figure.inspect.shape.{'maps' if analysis.spatial else 'values'}", lang, **shape),
        text("figure.inspect.overall", lang, mean=mean, max=high),
    ]
    if site.receptive_field is not None and analysis.spatial:
        rows, columns = site.receptive_field.size
        lines.append(text("figure.inspect.field", lang, rows=rows, columns=columns))
    if site.rectified:
        dead = int(units["dead"].sum())
        lines.append(text("figure.inspect.zeros", lang, share=units["sparsity"].mean()))
        lines.append(text("figure.inspect.silent", lang, dead=dead, units=whole(count, lang)))
    return lines
